/** One object with its metadata, its versions and the beginning of its content. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Readable } from "node:stream";
import type { Bodies } from "../../state/bodies/bodies.ts";
import { listVersions } from "../../state/listing.ts";
import type { Bucket, ListedVersion, Version } from "../../state/model.ts";
import { findVersion, latestVersion } from "../../state/objects.ts";
import type { View } from "../../state/view.ts";
import type { World } from "../../state/world.ts";
import { invalidField, notFound } from "../errors.ts";
import { readKeyText } from "../fields.ts";
import type { GetObjectRequest, GetObjectResponseSchema } from "../generated/standin/v1/inspect_pb.ts";
import { CONTENT_BYTES_MAX, KEY_VERSIONS_MAX } from "../limits.ts";
import { metadataMessage, versionMessage } from "../messages.ts";

type Options = { readonly bodies: Bodies; readonly request: GetObjectRequest };

/** Answers GetObject. `find` looks up the bucket. NOT_FOUND if the key or the version is not there. */
export const readObject = async (
  world: World,
  find: (view: View) => Promise<Bucket>,
  { bodies, request }: Options,
): Promise<MessageInitShape<typeof GetObjectResponseSchema>> => {
  const { key, versionId, contentBytesMax } = checked(request);
  const found = await world.read(async (view) => {
    const bucket = await find(view);
    const version =
      versionId === "" ? await latestVersion(view, bucket, key) : await findVersion(view, bucket, { key, versionId });
    if (version === undefined) throw notFound({ type: "object", name: `${bucket.name}/${key}`, world: world.name });
    const versions = await versionsOf(view, bucket, key);
    // Last, because a stream must be read or destroyed.
    const content = await openBeginning(view, { bodies, bucket, version, bytes: contentBytesMax });
    return { version, versions, content };
  });
  const { version, versions, content } = found;
  const isLatest = versions[0]?.versionId === version.versionId;
  return {
    object: versionMessage({ ...version, isLatest }),
    ...(version.kind === "object" ? { metadata: metadataMessage(version.attributes) } : {}),
    versions: versions.map(versionMessage),
    content: content instanceof Uint8Array ? content : await collect(content),
  };
};

const checked = (request: GetObjectRequest): GetObjectRequest => {
  if (request.key === "") throw invalidField("key", "must be given");
  readKeyText(request.key, "key");
  if (request.contentBytesMax > CONTENT_BYTES_MAX)
    throw invalidField("contentBytesMax", `must be at most ${CONTENT_BYTES_MAX}`);
  return request;
};

/** Newest first. Of the keys that begin with `key` it is the first, so its versions are the first that a list finds. */
const versionsOf = async (view: View, bucket: Bucket, key: string): Promise<ListedVersion[]> => {
  const { entries } = await listVersions(view, bucket, { prefix: key, limit: KEY_VERSIONS_MAX });
  return entries.flatMap((entry) => ("version" in entry && entry.version.key === key ? [entry.version] : []));
};

const openBeginning = async (
  view: View,
  { bodies, bucket, version, bytes }: { bodies: Bodies; bucket: Bucket; version: Version; bytes: number },
): Promise<Uint8Array | Readable> => {
  const lengthBytes = version.kind === "object" ? Math.min(bytes, version.sizeBytes) : 0;
  if (version.kind !== "object" || lengthBytes === 0) return new Uint8Array();
  return bodies.openContent(view, { bucket, object: version, range: { offsetBytes: 0, lengthBytes } });
};

const collect = async (stream: Readable): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
};
