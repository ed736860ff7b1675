/** What a replica is beside its bytes. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html */
import type { Destination } from "../../../protocol/generated/s3.ts";
import type { Bucket, ObjectAttributes, ObjectVersion } from "../../../state/model.ts";
import type { View } from "../../../state/view.ts";
import { withDefaultLock } from "../object-lock-configuration.ts";

type Wanted = { readonly source: ObjectVersion; readonly bucket: Bucket; readonly destination: Destination };

/** The bucket's account owns replicas where the rule says so, or where it owns all that is in the bucket. */
export const replicaOwner = ({ source, bucket, destination }: Wanted): string =>
  overridesOwner(destination) || bucket.objectOwnership === "BucketOwnerEnforced"
    ? bucket.accountId
    : source.ownerAccountId;

const overridesOwner = ({ AccessControlTranslation: translation }: Destination): boolean =>
  translation?.Owner === "Destination";

/** What changes of the source carry over to the replica. */
type Followed = Pick<ObjectAttributes, "tags" | "acl" | "lock">;

const followed = ({ source, bucket, destination }: Wanted): Followed => {
  const { tags, acl, lock } = source.attributes;
  return {
    ...(tags === undefined ? {} : { tags }),
    ...(acl === undefined || overridesOwner(destination) ? {} : { acl }),
    ...(lock === undefined || !bucket.objectLockEnabled ? {} : { lock }),
  };
};

/** Attributes of a new replica. */
export const replicaAttributes = async (view: View, wanted: Wanted): Promise<ObjectAttributes> => {
  const { source, bucket, destination } = wanted;
  const {
    tags: _tags,
    acl: _acl,
    lock: _lock,
    restore: _restore,
    replication: _replication,
    uploadId: _uploadId,
    ...own
  } = source.attributes;
  const { encryption } = own;
  const keyId = destination.EncryptionConfiguration?.ReplicaKmsKeyID;
  const attributes: ObjectAttributes = {
    ...own,
    ...followed(wanted),
    ...(encryption?.kmsKeyId === undefined || keyId === undefined
      ? {}
      : { encryption: { ...encryption, kmsKeyId: keyId } }),
    replication: { status: "REPLICA" },
  };
  return withDefaultLock(view, bucket, { attributes, createdAtMs: source.lastModifiedMs });
};

/** Attributes of a replica whose source was changed. */
export const changedReplicaAttributes = (replica: ObjectVersion, wanted: Wanted): ObjectAttributes => {
  const { tags: _tags, acl: _acl, lock, ...own } = replica.attributes;
  // A lock of the replica's own stays where the source has none.
  return { ...own, ...(lock === undefined ? {} : { lock }), ...followed(wanted) };
};
