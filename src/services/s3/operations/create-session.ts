import type { ServerSideEncryptionRule } from "../../../protocol/generated/s3.ts";
import { readEncryptionRule } from "../bucket-encryption.ts";
import type { S3Handler } from "../context.ts";
import { invalidArgument } from "../errors.ts";
import { DIRECTORY_SESSION_SECONDS } from "../limits.ts";

const MODES: ReadonlySet<string> = new Set(["ReadOnly", "ReadWrite"]);
const isMode = (text: string): text is "ReadOnly" | "ReadWrite" => MODES.has(text);

/**
 * Begins a session of five minutes with a directory bucket: the SDKs make one by themselves, even to create the bucket, which
 * therefore need not be there.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html
 */
export const createSession: S3Handler<"CreateSession"> = async (context, input) => {
  const { world, bucket, caller } = context;
  const { SessionMode: mode = "ReadWrite" } = input;
  if (!isMode(mode)) {
    throw invalidArgument("The session mode is either ReadOnly or ReadWrite", {
      name: "x-amz-create-session-mode",
      value: mode,
    });
  }
  const rule = bucket === undefined ? undefined : await world.read((view) => readEncryptionRule(view, bucket));
  const issued = context.issueSession({
    durationSeconds: DIRECTORY_SESSION_SECONDS,
    directoryBucket: { name: input.Bucket, ownerAccountId: bucket?.accountId ?? caller.accountId, mode },
  });
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: issued.expiration,
    },
    ...(rule === undefined ? undefined : encryptionOf(rule)),
  };
};

/** How the bucket encrypts what is put in the session. */
const encryptionOf = ({ ApplyServerSideEncryptionByDefault: byDefault }: ServerSideEncryptionRule) => ({
  ServerSideEncryption: byDefault?.SSEAlgorithm ?? "AES256",
  ...(byDefault?.KMSMasterKeyID === undefined ? undefined : { SSEKMSKeyId: byDefault.KMSMasterKeyID }),
});
