/** The version of an object that a read is about. */
import type { Bucket, ObjectVersion } from "../../state/model.ts";
import { findVersion, latestVersion } from "../../state/objects.ts";
import type { View } from "../../state/view.ts";
import { S3Error } from "./errors.ts";
import { assertVersionId } from "./version-id.ts";

/** A key, and the version of it that is meant; without one the current. */
type VersionName = { readonly key: string; readonly versionId: string | undefined };

/** Headers of an answer that met a delete marker. */
const markerHeaders = (versionId: string): Record<string, string> => ({
  "x-amz-delete-marker": "true",
  "x-amz-version-id": versionId,
});

/**
 * The version named, or the current one. `method` is the request's, which the answer names when a delete marker was asked
 * for by its id.
 * Errors: NoSuchKey, NoSuchVersion, MethodNotAllowed, InvalidArgument.
 */
export const readStoredVersion = async (
  view: View,
  bucket: Bucket,
  { key, versionId, method }: VersionName & { readonly method: "GET" | "HEAD" },
): Promise<ObjectVersion> => {
  if (versionId === undefined) return await readCurrent(view, bucket, key);
  assertVersionId(versionId);
  const version = await findVersion(view, bucket, { key, versionId });
  if (version === undefined) throw new S3Error("NoSuchVersion", { Key: key, VersionId: versionId });
  if (version.kind === "object") return version;
  const headers = {
    ...markerHeaders(version.versionId),
    Allow: "DELETE",
    "Last-Modified": new Date(version.lastModifiedMs).toUTCString(),
  };
  throw new S3Error("MethodNotAllowed", { Method: method, ResourceType: "DeleteMarker" }, { headers });
};

const readCurrent = async (view: View, bucket: Bucket, key: string): Promise<ObjectVersion> => {
  const version = await latestVersion(view, bucket, key);
  if (version === undefined) throw new S3Error("NoSuchKey", { Key: key });
  if (version.kind === "object") return version;
  throw new S3Error("NoSuchKey", { Key: key }, { headers: markerHeaders(version.versionId) });
};
