/** Archives that were sealed in order, and that no program of ours would write. */
import { createHash, hash } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { packTar } from "modern-tar";
import { ArchiveError } from "../../../src/state/archive/format.ts";
import { sealed } from "../../../src/state/archive/seal.ts";
import { withState } from "../../support/state.ts";
import { audit } from "../audit.ts";
import { ACCOUNT, newBucket, put } from "../fixtures.ts";
import { archiveOf, importInto } from "./archives.ts";

type File = readonly [name: string, text: string];

const MANIFEST = {
  format: "standin-archive",
  version: 1,
  whole: true,
  accounts: [{ accountId: ACCOUNT, buckets: 1, objects: 1, versions: 1, uploads: 0, bytes: 5 }],
};
const manifest = (change: object = {}): File => ["manifest.json", JSON.stringify({ ...MANIFEST, ...change })];
const BYTES = "hello";
const DIGEST = hash("sha256", BYTES);
const body: File = [`bodies/${DIGEST}`, BYTES];
const BUCKET = {
  type: "bucket",
  name: "bucket",
  partition: "aws",
  region: "us-east-1",
  createdAtMs: 0,
  versioning: "Enabled",
  objectOwnership: "BucketOwnerEnforced",
  objectLockEnabled: false,
  configurations: {},
};
const OBJECT = {
  type: "object",
  key: "k",
  versionId: "null",
  order: 1,
  etag: "e",
  sizeBytes: 5,
  lastModifiedMs: 0,
  storageClass: "STANDARD",
  ownerAccountId: ACCOUNT,
  attributes: {},
  body: DIGEST,
};
const records = (...lines: readonly object[]): File => [
  `records/${ACCOUNT}/00000001.jsonl`,
  lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
];

const trailerOf = (files: readonly File[]): File => {
  const all = createHash("sha256");
  const digests: Record<string, string> = {};
  for (const [name, text] of files) {
    const digest = name.startsWith("bodies/") ? name.slice(7) : hash("sha256", text);
    all.update(`${name}\0${digest}\n`);
    if (!name.startsWith("bodies/")) digests[name] = digest;
  }
  return ["trailer.json", JSON.stringify({ files: files.length, digests, sha256: all.digest("hex") })];
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const craft = async (files: readonly File[]): Promise<Buffer> => {
  const entries = files.map(([name, text]) => ({ header: { name, size: Buffer.byteLength(text) }, body: text }));
  const chunks: Uint8Array[] = [];
  for await (const chunk of sealed(once(zstdCompressSync(await packTar(entries))), "zstd")) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const withTrailer = (...files: readonly File[]): Promise<Buffer> => craft([...files, trailerOf(files)]);

const refused = async (
  t: ExecutionContext,
  archives: readonly (readonly [archive: Promise<Buffer>, kind: ArchiveError["kind"], message: RegExp])[],
): Promise<void> =>
  withState(async (state, dir, engine) => {
    const world = state.world("default")!;
    await put({ state, world }, await newBucket(world, "mine"), { key: "k", bytes: "mine" });
    const before = await archiveOf(world);
    for (const [archive, kind, message] of archives) {
      const bytes = await archive;
      const error = await t.throwsAsync<ArchiveError>(
        importInto(world, bytes),
        { instanceOf: ArchiveError },
        String(message),
      );
      t.is(error?.kind, kind, error?.message);
      t.regex(error?.message ?? "", message);
    }
    t.true((await archiveOf(world)).equals(before));
    await state.settle();
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });

test("one that is as it should be is taken", async (t) => {
  await withState(async (state) => {
    const imported = await importInto(
      state.world("default")!,
      await withTrailer(manifest(), body, records(BUCKET, OBJECT)),
    );
    t.deepEqual(imported, { accountIds: [ACCOUNT], whole: true });
  });
});

test("files that are not those of an archive are refused", async (t) => {
  await refused(t, [
    [withTrailer(["readme.txt", "hello"]), "foreign", /first file is not a manifest/],
    [craft([]), "foreign", /it is empty/],
    [withTrailer(["manifest.json", "{}"]), "foreign", /its manifest says something else/],
    [withTrailer(manifest({ version: 2 })), "foreign", /format 2; this program knows formats up to 1/],
    [withTrailer(manifest({ accounts: [{ accountId: "x" }] })), "damaged", /manifest does not say what it holds/],
    [withTrailer(["manifest.json", "{"]), "damaged", /manifest\.json is not JSON/],
    [withTrailer(manifest(), ["../etc/passwd", ""]), "damaged", /that belongs to no archive/],
    [craft([manifest()]), "damaged", /it has no trailer/],
    [craft([manifest(), trailerOf([manifest()]), records(BUCKET)]), "damaged", /something follows its trailer/],
    [craft([manifest(), trailerOf([manifest(), records(BUCKET)])]), "damaged", /not those that its trailer counts/],
    [
      craft([manifest(), records(BUCKET), trailerOf([manifest(), records()])]),
      "damaged",
      /is not what the trailer says/,
    ],
    [withTrailer(manifest(), manifest()), "foreign", /not a manifest/],
  ]);
});

test("bodies that are not those of their records are refused", async (t) => {
  const { body: _body, ...bare } = OBJECT;
  await refused(t, [
    [
      withTrailer(manifest(), [body[0], "olleh"], records(BUCKET, OBJECT)),
      "damaged",
      /not those that they are named for|not those that it is named for/,
    ],
    [withTrailer(manifest(), records(BUCKET, OBJECT)), "damaged", /names a body .* that is not there/],
    [withTrailer(manifest(), body, records(BUCKET)), "damaged", /nothing takes the body/],
    [
      withTrailer(manifest(), body, records(BUCKET, { ...OBJECT, sizeBytes: 6 })),
      "damaged",
      /has 5 bytes, its record says 6/,
    ],
    [withTrailer(manifest(), records(BUCKET, bare)), "damaged", /names no body/],
  ]);
});

test("records that do not fit together are refused", async (t) => {
  const of = (...lines: readonly object[]): Promise<Buffer> => withTrailer(manifest(), body, records(...lines));
  const older = { ...OBJECT, order: 2 };
  const upload = {
    type: "uploadPart",
    partNumber: 1,
    etag: "",
    sizeBytes: 0,
    lastModifiedMs: 0,
    checksum: {},
    checksumGiven: true,
  };
  await refused(t, [
    [of(OBJECT), "damaged", /before the bucket/],
    [of(BUCKET, OBJECT, BUCKET), "damaged", /bucket is there twice/],
    [of(BUCKET, OBJECT, older), "damaged", /versions of "k" are not in order/],
    [of(BUCKET, { ...OBJECT, order: 0 }), "damaged", /not in order/],
    [of(BUCKET, OBJECT, { type: "part", partNumber: 1, sizeBytes: 0 }), "damaged", /part belongs to no object/],
    [of(BUCKET, OBJECT, upload), "damaged", /part belongs to no upload/],
    [of(BUCKET, { ...OBJECT, annotations: 1 }), "damaged", /lacks some of its parts or annotations/],
    [of(BUCKET, { ...OBJECT, attributes: { color: 1 } }), "damaged", /attribute "color"/],
    [of({ ...BUCKET, configurations: { garden: {} } }, OBJECT), "damaged", /document "garden"/],
    [of({ ...BUCKET, configurations: { metrics: {} } }, OBJECT), "damaged", /metrics are not kept by their ids/],
    [of({ ...BUCKET, configurations: { metrics: { "a\0": {} } } }, OBJECT), "damaged", /metrics are not kept/],
    [of({ ...BUCKET, partition: "moon" }, OBJECT), "damaged", /a bucket is named bucket/],
    [of(BUCKET, { ...OBJECT, etag: 1 }), "damaged", /no good member etag/],
    [of(BUCKET, { ...OBJECT, extra: 1 }), "damaged", /has a member "extra"/],
    [of({ type: "planet" }), "damaged", /is no record/],
    [
      of(BUCKET, OBJECT, {
        type: "accessKey",
        accessKeyId: "a",
        secretAccessKey: "b",
        accountId: ACCOUNT,
        createdAtMs: 0,
      }),
      "damaged",
      /access key stands among/,
    ],
  ]);
});
