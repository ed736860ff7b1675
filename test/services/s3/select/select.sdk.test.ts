/** SelectObjectContent as a client sees it: events, statistics, formats. */
import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { DeleteObjectCommand, type InputSerialization } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket } from "../client.ts";
import { TWO_STREAMS } from "./bzip2-files.ts";
import { createSelects, CSV, lineOf, LINES, manyLines, PEOPLE } from "./client.ts";
import { GZIP_PARQUET } from "./parquet-files.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "select");
test.after.always(() => server.close());
const { put, begin, run } = createSelects(s3, Bucket);

test.before(() => put("people.csv", PEOPLE));

test("records come as events, then statistics, then the end", async (t) => {
  const { text, order, stats } = await run({ Key: "people.csv" });
  t.is(text, 'Ann,30\n"Bob, Jr.",9\n');
  t.deepEqual(order, ["Records", "Stats", "End"]);
  t.deepEqual(stats, { BytesScanned: PEOPLE.length, BytesProcessed: PEOPLE.length, BytesReturned: text.length });
});

test("a query without results has no records; one that asks for progress is told of it", async (t) => {
  const query = { Key: "people.csv", Expression: "SELECT * FROM S3Object WHERE age > 99" };
  t.deepEqual((await run(query)).order, ["Stats", "End"]);
  const { order, progress } = await run({ ...query, RequestProgress: { Enabled: true } });
  t.deepEqual(order, ["Progress", "Stats", "End"]);
  t.deepEqual(progress, [{ BytesScanned: PEOPLE.length, BytesProcessed: PEOPLE.length, BytesReturned: 0 }]);
});

test("every input can be answered as CSV and as JSON", async (t) => {
  const json = '{"name":"a","n":1.50}\n{"name":"b"}\n';
  await put("lines.json", json);
  await put("lines.json.gz", gzipSync(json));
  await put("streams.bz2", TWO_STREAMS);
  await put("ids.parquet", GZIP_PARQUET);
  const rows: readonly (readonly [key: string, input: InputSerialization, sql: string, csv: string, json: string])[] = [
    ["people.csv", CSV, "SELECT name FROM S3Object LIMIT 1", "Ann\n", '{"name":"Ann"}\n'],
    ["lines.json", { JSON: { Type: "LINES" } }, "SELECT s.name, s.n FROM S3Object s", "a,1.50\nb,\n", json],
    ["lines.json", { JSON: { Type: "DOCUMENT" } }, "SELECT s.n FROM S3Object[*] s LIMIT 1", "1.50\n", '{"n":1.50}\n'],
    [
      "lines.json.gz",
      { JSON: { Type: "LINES" }, CompressionType: "GZIP" },
      "SELECT COUNT(*) FROM S3Object",
      "2\n",
      '{"_1":2}\n',
    ],
    [
      "streams.bz2",
      { CSV: {}, CompressionType: "BZIP2" },
      "SELECT _1 FROM S3Object s WHERE _1 LIKE 's%'",
      "second stream\n",
      '{"_1":"second stream"}\n',
    ],
    ["ids.parquet", { Parquet: {} }, "SELECT id, name FROM S3Object WHERE id = 5", "5,e\n", '{"id":5,"name":"e"}\n'],
  ];
  for (const [Key, input, Expression, csv, expected] of rows) {
    const query = { Key, Expression, InputSerialization: input };
    t.is((await run({ ...query, OutputSerialization: { CSV: {} } })).text, csv, Key);
    t.is((await run({ ...query, OutputSerialization: { JSON: {} } })).text, expected, Key);
  }
});

test("compressed objects count what was scanned and what it became", async (t) => {
  const text = "a,b\n".repeat(1_000);
  const packed = gzipSync(text);
  await put("packed", packed);
  const { stats } = await run({
    Key: "packed",
    Expression: "SELECT COUNT(*) FROM S3Object",
    InputSerialization: { CSV: {}, CompressionType: "GZIP" },
  });
  t.deepEqual(stats, { BytesScanned: packed.length, BytesProcessed: text.length, BytesReturned: 5 });
});

test("output fields are quoted always or as needed, with the request's marks", async (t) => {
  const output = (csv: object) =>
    run({ Key: "people.csv", Expression: "SELECT * FROM S3Object", OutputSerialization: { CSV: csv } });
  t.is((await output({ QuoteFields: "ALWAYS" })).text, '"Ann","30"\n"Bob, Jr.","9"\n');
  t.is(
    (await output({ QuoteFields: "ASNEEDED", FieldDelimiter: ";", RecordDelimiter: "\r\n" })).text,
    "Ann;30\r\nBob, Jr.;9\r\n",
  );
  t.is(
    (await output({ QuoteCharacter: "'", FieldDelimiter: " ", QuoteEscapeCharacter: "\\" })).text,
    "Ann 30\n'Bob, Jr.' 9\n",
  );
  const { text } = await run({ Key: "people.csv", OutputSerialization: { JSON: { RecordDelimiter: "," } } });
  t.is(text, '{"name":"Ann","age":"30"},{"name":"Bob, Jr.","age":"9"},');
});

test("records are cut into events of at most 128 KiB, one record in two of them where it must be", async (t) => {
  const text = manyLines();
  await put("long.csv", text);
  const events = await run({ Key: "long.csv", InputSerialization: { CSV: {} } });
  t.is(events.text, text);
  t.deepEqual(
    events.recordBytes.slice(0, -1),
    Array.from({ length: Math.floor(text.length / 131_072) }, () => 131_072),
  );
});

test("archived objects must be restored first, and some classes cannot be queried", async (t) => {
  await put("cold.csv", PEOPLE, { StorageClass: "GLACIER" });
  await put("reduced.csv", PEOPLE, { StorageClass: "REDUCED_REDUNDANCY" });
  const cold = await failure(begin({ Key: "cold.csv" }));
  t.deepEqual([cold.name, cold["StorageClass"]], ["InvalidObjectState", "GLACIER"]);
  t.is((await failure(begin({ Key: "reduced.csv" }))).name, "UnsupportedStorageClass");
});

test("an object under a customer's key is queried with that key", async (t) => {
  const key = randomBytes(32);
  const customer = {
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey: key.toString("base64"),
    SSECustomerKeyMD5: createHash("md5").update(key).digest("base64"),
  };
  await put("secret.csv", PEOPLE, customer);
  t.is((await failure(begin({ Key: "secret.csv" }))).name, "InvalidRequest");
  t.is((await run({ Key: "secret.csv", ...customer })).text, 'Ann,30\n"Bob, Jr.",9\n');
});

test("a scan range is read from the middle of a long object", async (t) => {
  await put("range.csv", Array.from({ length: LINES }, (_, line) => `${String(line).padStart(99, "0")}\n`).join(""));
  const { text, stats } = await run({
    Key: "range.csv",
    Expression: "SELECT COUNT(*), MIN(CAST(_1 AS INT)), MAX(CAST(_1 AS INT)) FROM S3Object",
    InputSerialization: { CSV: {} },
    ScanRange: { Start: 300_001, End: 400_000 },
  });
  t.is(text, "1000,3001,4000\n");
  t.true((stats as { BytesScanned: number }).BytesScanned < LINES * 100);
});

test("an object that is deleted while it is queried is read to its end", async (t) => {
  const text = Array.from({ length: 40_000 }, (_, line) => lineOf(line)).join("");
  await put("gone.csv", text);
  const { Payload = [] } = await begin({ Key: "gone.csv", InputSerialization: { CSV: {} } });
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "gone.csv" }));
  let bytes = 0;
  for await (const event of Payload) bytes += event.Records?.Payload?.length ?? 0;
  t.is(bytes, text.length);
});
