/** What SelectObjectContent answers on the wire, and its errors before and after the answer has begun. */
import { EventStreamCodec } from "@smithy/core/event-streams";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket } from "../client.ts";
import { createSelects, manyLines, PEOPLE } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "select");
test.after.always(() => server.close());
const { put, begin, run } = createSelects(s3, Bucket);

test.before(() => put("people.csv", PEOPLE));

/** The headers of every message of an answer, with its payload's length or text. */
const messagesOf = (body: Buffer): unknown[] => {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString(),
    (text) => Buffer.from(text),
  );
  const messages: unknown[] = [];
  for (let at = 0; at < body.length;) {
    const length = body.readUInt32BE(at);
    const { headers, body: payload } = codec.decode(body.subarray(at, at + length));
    messages.push([
      Object.entries(headers).map(([name, { value }]) => `${name}=${String(value)}`),
      Buffer.from(payload).toString(),
    ]);
    at += length;
  }
  return messages;
};

const documentOf = (sql: string): string =>
  `<SelectObjectContentRequest xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Expression>${sql}</Expression><ExpressionType>SQL</ExpressionType><InputSerialization><CSV/></InputSerialization><OutputSerialization><CSV/></OutputSerialization><RequestProgress><Enabled>true</Enabled></RequestProgress></SelectObjectContentRequest>`;

/** Select is nothing for the anonymous. */
const AS_ACCOUNT = { "x-moto-account-id": "123456789012" };

test("what is wrong with a request is a plain error", async (t) => {
  const rows: readonly (readonly [change: object, code: string, message: string])[] = [
    [
      { Expression: "" },
      "MissingRequiredParameter",
      "Expression is required. Please check the service documentation and try again.",
    ],
    [
      { ExpressionType: "XPATH" },
      "InvalidExpressionType",
      "The ExpressionType value is not valid. Only SQL expressions are supported.",
    ],
    [
      { InputSerialization: {} },
      "InvalidDataSource",
      "The data source type is not valid. Only CSV, JSON, and Parquet are supported.",
    ],
    [
      { InputSerialization: { CSV: {}, JSON: { Type: "LINES" } } },
      "ObjectSerializationConflict",
      "InputSerialization specifies more than one format (CSV, JSON, or Parquet), or OutputSerialization specifies more than one format (CSV or JSON). For InputSerialization and OutputSerialization, you can specify only one format for each.",
    ],
    [
      { OutputSerialization: { CSV: {}, JSON: {} } },
      "ObjectSerializationConflict",
      "InputSerialization specifies more than one format (CSV, JSON, or Parquet), or OutputSerialization specifies more than one format (CSV or JSON). For InputSerialization and OutputSerialization, you can specify only one format for each.",
    ],
    [
      { OutputSerialization: {} },
      "MissingRequiredParameter",
      "OutputSerialization is required. Please check the service documentation and try again.",
    ],
    [
      { InputSerialization: { CSV: { FileHeaderInfo: "FIRST" } } },
      "InvalidFileHeaderInfo",
      "The FileHeaderInfo value is not valid. Only NONE, USE, and IGNORE are supported.",
    ],
    [
      { InputSerialization: { JSON: { Type: "ARRAY" } } },
      "InvalidJsonType",
      "The JsonType value is not valid. Only DOCUMENT and LINES are supported.",
    ],
    [
      { InputSerialization: { CSV: {}, CompressionType: "ZIP" } },
      "InvalidCompressionFormat",
      "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.",
    ],
    [
      { InputSerialization: { Parquet: {}, CompressionType: "GZIP" } },
      "InvalidCompressionFormat",
      "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.",
    ],
    [
      { InputSerialization: { CSV: {}, CompressionType: "GZIP" } },
      "InvalidCompressionFormat",
      "GZIP is not applicable to the queried object. Please correct the request and try again.",
    ],
    [
      { OutputSerialization: { CSV: { QuoteFields: "NEVER" } } },
      "InvalidQuoteFields",
      "The QuoteFields value is not valid. Only ALWAYS and ASNEEDED are supported.",
    ],
    [
      { InputSerialization: { CSV: { RecordDelimiter: "" } } },
      "MissingRequiredParameter",
      "RecordDelimiter is required. Please check the service documentation and try again.",
    ],
    [
      { InputSerialization: { CSV: { FieldDelimiter: '"' } } },
      "InvalidRequestParameter",
      "The value of a parameter in the SelectRequest element is not valid. Check the service API documentation and try again.",
    ],
    [
      { InputSerialization: { CSV: { QuoteCharacter: "''" } } },
      "InvalidRequestParameter",
      "The value of a parameter in the SelectRequest element is not valid. Check the service API documentation and try again.",
    ],
    [
      { Expression: "SELECT nothing FROM S3Object" },
      "MissingHeaders",
      "Some headers in the query are missing from the file. Please check the file and try again.",
    ],
    [
      { Expression: "SELECT CAST(name AS INT) FROM S3Object" },
      "CastFailed",
      "An attempt to convert from one data type to another using CAST failed in the SQL expression.",
    ],
    [
      { Expression: "SELECT 1\nFROM" },
      "ParseUnexpectedTerm",
      "The SQL expression contains an unexpected term at line 2, column 5.",
    ],
    [{ ScanRange: {} }, "InvalidScanRange", "The provided scan range is not valid."],
    [{ Key: "nothing" }, "NoSuchKey", "The specified key does not exist."],
  ];
  for (const [change, code, message] of rows) {
    const { name, message: text, $metadata } = await failure(begin({ Key: "people.csv", ...change }));
    t.deepEqual(
      [name, text, $metadata.httpStatusCode],
      [code, message, code === "NoSuchKey" ? 404 : 400],
      JSON.stringify(change),
    );
  }
});

test("a document without one of its members says which", async (t) => {
  const { status, body } = await server.request("POST", `/${Bucket}/people.csv?select&select-type=2`, {
    headers: AS_ACCOUNT,
    body: "<SelectObjectContentRequest><ExpressionType>SQL</ExpressionType></SelectObjectContentRequest>",
  });
  t.is(status, 400);
  t.regex(body.toString(), /<Code>MissingRequiredParameter<\/Code><Message>Expression is required\./);
});

test("nested data can be answered as JSON only", async (t) => {
  await put("nested.json", '{"a":[1]}');
  const query = {
    Key: "nested.json",
    Expression: "SELECT s.a FROM S3Object s",
    InputSerialization: { JSON: { Type: "LINES" } } as const,
  };
  t.is((await failure(run(query))).name, "InvalidDataType");
  t.is((await run({ ...query, OutputSerialization: { JSON: {} } })).text, '{"a":[1]}\n');
});

test("an error after the answer has begun is its last event", async (t) => {
  const good = manyLines();
  await put("bad.csv", `${good}x,y\n`);
  const query = {
    Key: "bad.csv",
    Expression: "SELECT CAST(_1 AS INT), _2 FROM S3Object",
    InputSerialization: { CSV: {} },
  };
  const { Payload = [], $metadata } = await begin(query);
  t.is($metadata.httpStatusCode, 200);
  let bytes = 0;
  const error = await failure(
    (async () => {
      for await (const event of Payload) bytes += event.Records?.Payload?.length ?? 0;
    })(),
  );
  t.is(error.name, "CastFailed");
  t.is(error.message, "An attempt to convert from one data type to another using CAST failed in the SQL expression.");
  t.true(bytes > 0 && bytes < good.length);
});

test("on the wire an answer is the messages that AWS documents", async (t) => {
  const path = `/${Bucket}/people.csv?select&select-type=2`;
  const { status, headers, body } = await server.request("POST", path, {
    headers: AS_ACCOUNT,
    body: documentOf("SELECT _1 FROM S3Object LIMIT 1"),
  });
  t.is(status, 200);
  t.is(headers["transfer-encoding"], "chunked");
  const counts = `<BytesScanned>${PEOPLE.length}</BytesScanned><BytesProcessed>${PEOPLE.length}</BytesProcessed><BytesReturned>5</BytesReturned>`;
  const event = (type: string, contentType?: string): string[] => [
    ":message-type=event",
    `:event-type=${type}`,
    ...(contentType === undefined ? [] : [`:content-type=${contentType}`]),
  ];
  const xml = (root: string): string => `<?xml version="1.0" encoding="UTF-8"?><${root} xmlns="">${counts}</${root}>`;
  t.deepEqual(messagesOf(body), [
    [event("Records", "application/octet-stream"), "name\n"],
    [event("Progress", "text/xml"), xml("Progress")],
    [event("Stats", "text/xml"), xml("Stats")],
    [event("End"), ""],
  ]);
});

test("on the wire an error that comes late is a message of its own kind", async (t) => {
  const good = manyLines();
  await put("late.csv", `${good}x\u0022,"y\n`);
  const { status, body } = await server.request("POST", `/${Bucket}/late.csv?select&select-type=2`, {
    headers: AS_ACCOUNT,
    body: documentOf("SELECT * FROM S3Object"),
  });
  t.is(status, 200);
  const [headers, payload] = messagesOf(body).at(-1) as [string[], string];
  t.deepEqual(headers.slice(0, 2), [":message-type=error", ":error-code=CSVUnescapedQuote"]);
  t.regex(headers[2] ?? "", /^:error-message=An unescaped quote was found/);
  t.is(payload, "");
});
