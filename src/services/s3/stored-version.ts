/** The version of an object that a request is about. */
import type { Bucket, DeleteMarker, ObjectVersion } from "../../state/model.ts";
import { findVersion, latestVersion } from "../../state/objects.ts";
import type { View } from "../../state/view.ts";
import { S3Error } from "./errors.ts";
import { assertVersionId } from "./version-id.ts";

type VersionName = {
  readonly key: string;
  /** Undefined for the current version. */
  readonly versionId: string | undefined;
  /** The request's method, which the answer names when it met a delete marker that it refuses. */
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /**
   * Whether a key whose latest version is a delete marker is absent or refused. Without it: absent for reads, refused for
   * changes.
   */
  readonly currentMarker?: "absent" | "refused";
  /** What the answer calls a key that is not there; without it, the key. */
  readonly missingKey?: string;
};

/** Headers of an answer that met a delete marker. */
const markerHeaders = (versionId: string): Record<string, string> => ({
  "x-amz-delete-marker": "true",
  "x-amz-version-id": versionId,
});

const markerRefused = ({ versionId, lastModifiedMs }: DeleteMarker, { method }: VersionName): S3Error => {
  const headers = {
    ...markerHeaders(versionId),
    Allow: "DELETE",
    "Last-Modified": new Date(lastModifiedMs).toUTCString(),
  };
  return new S3Error("MethodNotAllowed", { Method: method, ResourceType: "DeleteMarker" }, { headers });
};

/**
 * The version named, or the current one.
 * Errors: NoSuchKey, NoSuchVersion, MethodNotAllowed, InvalidArgument.
 */
export const readStoredVersion = async (view: View, bucket: Bucket, name: VersionName): Promise<ObjectVersion> => {
  const { key, versionId } = name;
  if (versionId === undefined) return await readCurrent(view, bucket, name);
  assertVersionId(versionId);
  const version = await findVersion(view, bucket, { key, versionId });
  if (version === undefined) throw new S3Error("NoSuchVersion", { Key: key, VersionId: versionId });
  if (version.kind === "object") return version;
  throw markerRefused(version, name);
};

const readCurrent = async (view: View, bucket: Bucket, name: VersionName): Promise<ObjectVersion> => {
  const { key, method, missingKey = key } = name;
  const version = await latestVersion(view, bucket, key);
  if (version === undefined) throw new S3Error("NoSuchKey", { Key: missingKey });
  if (version.kind === "object") return version;
  const { currentMarker = method === "GET" || method === "HEAD" ? "absent" : "refused" } = name;
  if (currentMarker === "refused") throw markerRefused(version, name);
  throw new S3Error("NoSuchKey", { Key: missingKey }, { headers: markerHeaders(version.versionId) });
};
