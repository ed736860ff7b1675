/** Random steps, taken on a bucket through the AWS SDK and on the plain model alike. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type GetObjectTaggingCommandOutput,
  type HeadObjectCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { outcome } from "./client.ts";
import { readList, readVersionList, type ListWanted } from "./objects.model-lists.ts";
import { etagOf, etagOfParts, PlainBucket, rangeOf, type PlainObject, type Refusal } from "./objects.model-plain.ts";
import { KEYS, PREFIXES, type Step } from "./objects.model-steps.ts";

/** An object of 5 MiB that uploads copy their first part from. */
export type BigSource = { readonly CopySource: string; readonly bytes: Buffer };

/** A version by its name. */
type Named = { readonly key: string; readonly versionId: string };

export type Assert = { deepEqual: (actual: unknown, expected: unknown, message?: string) => unknown };

const isRefusal = (found: unknown): found is Refusal => Array.isArray(found);

const pathOf = (bucket: string, key: string): string => `${bucket}/${encodeURIComponent(key)}`;

/** The same steps on a bucket and on its model. */
export class ObjectsTwin {
  readonly model = new PlainBucket();
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #big: BigSource;
  readonly #t: Assert;
  /** Ids of versions that were there once, by key. */
  readonly #ids: Named[] = [];
  #made = 0;

  constructor(t: Assert, { s3, bucket, big }: { s3: S3Client; bucket: string; big: BigSource }) {
    this.#t = t;
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#big = big;
  }

  async take({ kind, picks }: Step): Promise<void> {
    const pick = <T>(from: readonly T[], at: number): T => from[(picks[at] ?? 0) % from.length]!;
    const key = pick(KEYS, 0);
    switch (kind) {
      case "put":
        return this.#put(key, { sizeBytes: pick([0, 1, 20, 40_000], 1), tagged: pick([true, false], 2) });
      case "putIf":
        return this.#putIf(key, pick(["none", "right", "wrong"] as const, 1));
      case "get":
        return this.#get(key, this.#someVersion(picks));
      case "head":
        return this.#head(key, this.#someVersion(picks));
      case "range":
        return this.#range(key, { from: pick([undefined, 0, 1, 19, 20], 1), to: pick([undefined, 0, 5, 100_000], 2) });
      case "copy":
        return this.#copy(key, {
          from: pick(KEYS, 1),
          version: this.#someVersion(picks),
          replace: pick([true, false], 4),
        });
      case "delete":
        return this.#delete(key);
      case "deleteVersion":
        return this.#deleteVersion(pick([...this.#ids, { key, versionId: "null" }], 1));
      case "putTags":
      case "getTags":
      case "deleteTags":
        return this.#tags(key, { kind, version: this.#someVersion(picks) });
      case "list":
        return this.#list({
          prefix: pick(PREFIXES, 1),
          delimiter: pick([undefined, "/", "b"], 2),
          limit: pick([1, 2, 3, 1_000], 3),
        });
      case "listVersions":
        return this.#listVersions({
          prefix: pick(PREFIXES, 1),
          delimiter: pick([undefined, "/"], 2),
          limit: pick([1, 2, 3, 1_000], 3),
        });
      case "versioning":
        return this.#setVersioning(pick(["Enabled", "Suspended"] as const, 1));
      default:
        return this.#multipart(key, {
          from: pick(KEYS, 1),
          shape: pick(["small", "copied", "copied", "big"] as const, 2),
        });
    }
  }

  /** Everything that the bucket shows is what the model holds. */
  async check(): Promise<void> {
    await this.#list({ prefix: "", delimiter: undefined, limit: 1_000 });
    await this.#list({ prefix: "", delimiter: "/", limit: 2 });
    await this.#listVersions({ prefix: "", delimiter: undefined, limit: 3 });
    for (const [key, versions] of this.model.keys) {
      await this.#get(key, undefined);
      for (const { versionId } of versions) await this.#get(key, { key, versionId });
    }
  }

  /** A version that is or was there, in one of three picks. */
  #someVersion(picks: readonly number[]): Named | undefined {
    if ((picks[5] ?? 0) % 3 !== 0) return undefined;
    return this.#ids[(picks[3] ?? 0) % (this.#ids.length || 1)];
  }

  #wrote(key: string, object: Omit<PlainObject, "marker" | "versionId">, VersionId: string | undefined): void {
    this.#t.deepEqual(VersionId === undefined, this.model.status !== "Enabled", "whether a write answers a version");
    const versionId = VersionId ?? "null";
    this.model.write(key, { ...object, marker: false, versionId });
    this.#ids.push({ key, versionId });
  }

  #newBytes(sizeBytes: number): Buffer {
    this.#made += 1;
    return Buffer.alloc(sizeBytes, `${this.#made}|`);
  }

  async #put(key: string, { sizeBytes, tagged }: { sizeBytes: number; tagged: boolean }): Promise<void> {
    const bytes = this.#newBytes(sizeBytes);
    const note = `n${this.#made}`;
    const tags = tagged ? { made: note } : {};
    const answer = await this.#s3.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: bytes,
        Metadata: { note },
        ...(tagged && { Tagging: `made=${note}` }),
      }),
    );
    this.#t.deepEqual(answer.ETag, `"${etagOf(bytes)}"`, "the ETag of a put");
    this.#wrote(key, { bytes, etag: etagOf(bytes), note, tags }, answer.VersionId);
  }

  async #putIf(key: string, condition: "none" | "right" | "wrong"): Promise<void> {
    const current = this.model.current(key);
    const bytes = this.#newBytes(10);
    const etag = condition === "right" ? (current?.etag ?? etagOf(bytes)) : "0".repeat(32);
    const call = this.#s3.send(
      new PutObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        Body: bytes,
        Metadata: { note: "if" },
        ...(condition === "none" ? { IfNoneMatch: "*" } : { IfMatch: etag }),
      }),
    );
    const failed: Refusal = ["PreconditionFailed", 412];
    if (condition === "none" && current !== undefined) return this.#refused(call, failed);
    if (condition !== "none" && current === undefined) return this.#refused(call, ["NoSuchKey", 404]);
    if (condition === "wrong") return this.#refused(call, failed);
    this.#wrote(key, { bytes, etag: etagOf(bytes), note: "if", tags: {} }, (await call).VersionId);
  }

  async #refused(call: Promise<unknown>, expected: Refusal): Promise<void> {
    this.#t.deepEqual(await outcome(call), [...expected]);
  }

  async #get(key: string, version: Named | undefined): Promise<void> {
    const name = { Bucket: this.#bucket, Key: version?.key ?? key, VersionId: version?.versionId };
    const expected = this.model.read(name.Key, name.VersionId);
    const call = this.#s3.send(new GetObjectCommand(name));
    if (isRefusal(expected)) return this.#refused(call, expected);
    const answer = await call;
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    this.#t.deepEqual(bytes.equals(expected.bytes), true, `the bytes of ${name.Key}`);
    this.#shows(answer, expected);
    this.#t.deepEqual(answer.TagCount ?? 0, Object.keys(expected.tags).length, "the number of tags");
  }

  async #head(key: string, version: Named | undefined): Promise<void> {
    const name = { Bucket: this.#bucket, Key: version?.key ?? key, VersionId: version?.versionId };
    const expected = this.model.read(name.Key, name.VersionId);
    const call = this.#s3.send(new HeadObjectCommand(name));
    // A HEAD has no document that could say a code.
    if (isRefusal(expected)) this.#t.deepEqual((await outcome(call))[1], expected[1], "the status of a HEAD");
    else this.#shows(await call, expected);
  }

  #shows(answer: HeadObjectCommandOutput, expected: PlainObject): void {
    this.#t.deepEqual(
      [answer.ETag, answer.Metadata, answer.ContentLength, answer.VersionId],
      [
        `"${expected.etag}"`,
        { note: expected.note },
        expected.bytes.length,
        this.model.status === "Unversioned" ? undefined : expected.versionId,
      ],
      "what a read says",
    );
  }

  async #range(key: string, range: { from: number | undefined; to: number | undefined }): Promise<void> {
    const { from, to } = range;
    if (from === undefined && to === undefined) return;
    if (from !== undefined && to !== undefined && to < from) return;
    const Range = `bytes=${from ?? ""}-${to ?? ""}`;
    const call = this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, Range }));
    const found = this.model.read(key, undefined);
    const expected = isRefusal(found) ? found : rangeOf(found.bytes, range);
    if (isRefusal(expected)) return this.#refused(call, expected);
    const answer = await call;
    this.#t.deepEqual(answer.$metadata.httpStatusCode, 206);
    this.#t.deepEqual(Buffer.from((await answer.Body?.transformToByteArray()) ?? []).equals(expected), true, Range);
  }

  async #copy(
    key: string,
    { from, version, replace }: { from: string; version: Named | undefined; replace: boolean },
  ): Promise<void> {
    const source = version?.key ?? from;
    const versionId = version?.versionId;
    const itself = source === key && versionId === undefined;
    const note = `c${(this.#made += 1)}`;
    const replaces = replace || itself;
    const call = this.#s3.send(
      new CopyObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        CopySource: `${pathOf(this.#bucket, source)}${versionId === undefined ? "" : `?versionId=${versionId}`}`,
        ...(replaces && { MetadataDirective: "REPLACE", Metadata: { note } }),
        ...(replace && { TaggingDirective: "REPLACE", Tagging: "made=copy" }),
      }),
    );
    const found = this.model.read(source, versionId);
    if (isRefusal(found)) return this.#refused(call, found[1] === 405 ? ["InvalidRequest", 400] : found);
    const answer = await call;
    const etag = etagOf(found.bytes);
    this.#t.deepEqual(answer.CopyObjectResult?.ETag, `"${etag}"`, "the ETag of a copy");
    const tags = replace ? { made: "copy" } : found.tags;
    const isNull = answer.VersionId === "null";
    this.#t.deepEqual(isNull, this.model.status === "Suspended", "whether a copy answers the null version");
    const copied = { bytes: found.bytes, etag, note: replaces ? note : found.note, tags };
    this.#wrote(key, copied, isNull ? undefined : answer.VersionId);
  }

  async #tags(
    key: string,
    { kind, version }: { kind: "putTags" | "getTags" | "deleteTags"; version: Named | undefined },
  ): Promise<void> {
    const name = { Bucket: this.#bucket, Key: version?.key ?? key, VersionId: version?.versionId };
    const found = this.model.read(name.Key, name.VersionId);
    const value = `t${(this.#made += 1)}`;
    const TagSet = [{ Key: "tag", Value: value }];
    const call: Promise<Partial<GetObjectTaggingCommandOutput>> =
      kind === "putTags"
        ? this.#s3.send(new PutObjectTaggingCommand({ ...name, Tagging: { TagSet } }))
        : kind === "deleteTags"
          ? this.#s3.send(new DeleteObjectTaggingCommand(name))
          : this.#s3.send(new GetObjectTaggingCommand(name));
    if (isRefusal(found)) {
      // A marker that is current is refused, where a read of the object finds nothing.
      const marked = name.VersionId === undefined && this.model.keys.get(name.Key)?.[0]?.marker === true;
      return this.#refused(call, marked ? ["MethodNotAllowed", 405] : found);
    }
    const answer = await call;
    if (kind === "putTags") found.tags = { tag: value };
    else if (kind === "deleteTags") found.tags = {};
    else {
      const shown = Object.fromEntries((answer.TagSet ?? []).map((tag) => [tag.Key, tag.Value]));
      this.#t.deepEqual(shown, found.tags, "tags");
    }
  }

  async #delete(key: string): Promise<void> {
    const answer = await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: key }));
    const marks = this.model.status !== "Unversioned";
    this.#t.deepEqual(answer.DeleteMarker ?? false, marks, "whether a delete makes a marker");
    const versionId = answer.VersionId ?? "null";
    this.#t.deepEqual(versionId === "null", this.model.status !== "Enabled", "the id of a marker");
    this.model.delete(key, versionId);
    if (marks) this.#ids.push({ key, versionId });
  }

  async #deleteVersion({ key, versionId }: { key: string; versionId: string }): Promise<void> {
    const found = this.model.keys.get(key)?.find((version) => version.versionId === versionId);
    const answer = await this.#s3.send(
      new DeleteObjectCommand({ Bucket: this.#bucket, Key: key, VersionId: versionId }),
    );
    this.#t.deepEqual(answer.DeleteMarker ?? false, found?.marker ?? false, "whether a marker was deleted");
    this.model.deleteVersion(key, versionId);
  }

  async #list(wanted: ListWanted): Promise<void> {
    const shown = await readList(this.#t, { s3: this.#s3, Bucket: this.#bucket, ...wanted });
    this.#t.deepEqual(shown, this.model.listed(wanted.prefix, wanted.delimiter), "a list");
  }

  async #listVersions(wanted: ListWanted): Promise<void> {
    const shown = await readVersionList({ s3: this.#s3, Bucket: this.#bucket, ...wanted });
    this.#t.deepEqual(shown, this.model.listedVersions(wanted.prefix, wanted.delimiter), "a list of versions");
  }

  async #setVersioning(Status: "Enabled" | "Suspended"): Promise<void> {
    const VersioningConfiguration = { Status };
    await this.#s3.send(new PutBucketVersioningCommand({ Bucket: this.#bucket, VersioningConfiguration }));
    this.model.status = Status;
  }

  async #multipart(key: string, { from, shape }: { from: string; shape: "small" | "copied" | "big" }): Promise<void> {
    const source = this.model.current(from);
    if (shape === "copied" && source === undefined) return;
    const name = { Bucket: this.#bucket, Key: key };
    const note = `m${(this.#made += 1)}`;
    const { UploadId } = await this.#s3.send(new CreateMultipartUploadCommand({ ...name, Metadata: { note } }));
    const parts: Buffer[] = [];
    const etags: (string | undefined)[] = [];
    const copyPart = async (CopySource: string, bytes: Buffer): Promise<void> => {
      const PartNumber = parts.push(bytes);
      const answer = await this.#s3.send(new UploadPartCopyCommand({ ...name, UploadId, PartNumber, CopySource }));
      etags.push(answer.CopyPartResult?.ETag);
    };
    if (shape === "big") await copyPart(this.#big.CopySource, this.#big.bytes);
    if (shape === "copied" && source !== undefined) await copyPart(pathOf(this.#bucket, from), source.bytes);
    else {
      const Body = this.#newBytes(30);
      const PartNumber = parts.push(Body);
      etags.push((await this.#s3.send(new UploadPartCommand({ ...name, UploadId, PartNumber, Body }))).ETag);
    }
    this.#t.deepEqual(
      etags,
      parts.map((part) => `"${etagOf(part)}"`),
      "the parts' ETags",
    );
    const Parts = etags.map((ETag, at) => ({ ETag, PartNumber: at + 1 }));
    const answer = await this.#s3.send(
      new CompleteMultipartUploadCommand({ ...name, UploadId, MultipartUpload: { Parts } }),
    );
    const etag = etagOfParts(parts);
    this.#t.deepEqual(answer.ETag, `"${etag}"`, "the ETag of an upload");
    this.#wrote(key, { bytes: Buffer.concat(parts), etag, note, tags: {} }, answer.VersionId);
  }
}
