/** What objects are read as: CSV and JSON, compressed and cut. */
import { gzipSync } from "node:zlib";
import test from "ava";
import * as fc from "fast-check";
import { bunzip } from "../../../../src/services/s3/select/input/bzip2.ts";
import { EMPTY_STREAM, MANY_BLOCKS, TWO_STREAMS } from "./bzip2-files.ts";
import { errorOf, resultsOf, runSelect } from "./support.ts";

const ALL = "SELECT * FROM S3Object";

test("FileHeaderInfo says what the first record is", async (t) => {
  const read = (FileHeaderInfo: string) => resultsOf(ALL, "x,y\n1,2\n", { input: { CSV: { FileHeaderInfo } } });
  t.deepEqual(await read("NONE"), ['{"_1":"x","_2":"y"}', '{"_1":"1","_2":"2"}']);
  t.deepEqual(await read("USE"), ['{"x":"1","y":"2"}']);
  t.deepEqual(await read("IGNORE"), ['{"_1":"1","_2":"2"}']);
  t.deepEqual(await read("use"), ['{"x":"1","y":"2"}'], "in any case");
});

test("fields beyond the header have their numbers as names", async (t) => {
  const results = await resultsOf(ALL, "x\n1,2\n3\n", { input: { CSV: { FileHeaderInfo: "USE" } } });
  t.deepEqual(results, ['{"x":"1","_2":"2"}', '{"x":"3"}']);
});

test("an empty object has no records", async (t) => {
  for (const input of [
    { CSV: { FileHeaderInfo: "USE" } },
    { CSV: {} },
    { JSON: { Type: "LINES" } },
    { JSON: { Type: "DOCUMENT" } },
  ]) {
    t.deepEqual(await resultsOf("SELECT COUNT(*) FROM S3Object", "", { input }), ['{"_1":0}']);
  }
});

test("delimiters, quotation marks, escapes and comments are those of the request", async (t) => {
  const CSV = {
    RecordDelimiter: "||",
    FieldDelimiter: "\t",
    QuoteCharacter: "'",
    QuoteEscapeCharacter: "\\",
    Comments: "%",
  };
  const results = await resultsOf(ALL, "a\t'b\tc'||%no\trecord||'it\\'s'\td # e", { input: { CSV } });
  t.deepEqual(results, ['{"_1":"a","_2":"b\\tc"}', '{"_1":"it\'s","_2":"d # e"}']);
});

test("lines that begin with # are comments unless another character is named", async (t) => {
  t.deepEqual(await resultsOf(ALL, "#a\nb#c\n\nd\n", { input: { CSV: {} } }), ['{"_1":"b#c"}', '{"_1":"d"}']);
});

test("a byte order mark is no part of the first name", async (t) => {
  t.deepEqual(
    await resultsOf("SELECT x FROM S3Object", "\ufeffx\n1\n", { input: { CSV: { FileHeaderInfo: "USE" } } }),
    ['{"x":"1"}'],
  );
  t.deepEqual(await resultsOf(ALL, '\ufeff{"x":1}', {}), ['{"x":1}']);
});

test("record delimiters in quotation marks are refused unless they are allowed", async (t) => {
  const data = 'a,"b\nc"\nd,e\n';
  const allowed = { input: { CSV: { AllowQuotedRecordDelimiter: true } } };
  t.is(await errorOf(ALL, data, { input: { CSV: {} } }), "CSVEscapingRecordDelimiter");
  t.deepEqual(await resultsOf(ALL, data, allowed), ['{"_1":"a","_2":"b\\nc"}', '{"_1":"d","_2":"e"}']);
  t.is(await errorOf(ALL, 'a,"b\nc', { input: { CSV: {} } }), "CSVUnescapedQuote");
  t.is(await errorOf(ALL, 'a,"b\nc', allowed), "CSVParsingError");
});

test("what is not UTF-8 is refused, in every format of text", async (t) => {
  const bytes = Buffer.from([0x22, 0xff, 0x22]);
  for (const input of [{ CSV: {} }, { JSON: { Type: "LINES" } }, { JSON: { Type: "DOCUMENT" } }]) {
    t.is(await errorOf(ALL, bytes, { input }), "InvalidTextEncoding");
    t.is(await errorOf(ALL, Buffer.from('"a\u{1f600}"').subarray(0, 4), { input }), "InvalidTextEncoding");
  }
});

test("a character may lie across two chunks", async (t) => {
  for (const chunkBytes of [1, 2, 3]) {
    t.deepEqual(await resultsOf(ALL, "é\u{1f600},ü\n", { input: { CSV: {} }, chunkBytes }), [
      '{"_1":"é\u{1f600}","_2":"ü"}',
    ]);
    t.deepEqual(await resultsOf(ALL, '{"é":"\u{1f600}"}', { chunkBytes }), ['{"é":"\u{1f600}"}']);
  }
});

test("a record has at most 1,048,576 characters, and a record of CSV 10,000 fields", async (t) => {
  const longest = "x".repeat(1_048_576 - '{"a":""}'.length);
  const count = "SELECT COUNT(*) FROM S3Object";
  t.deepEqual(await resultsOf(count, `{"a":"${longest}"}\n`), ['{"_1":1}']);
  t.is(await errorOf(count, `{"a":"${longest}x"}\n`), "OverMaxRecordSize");
  t.deepEqual(await resultsOf(count, `${"x".repeat(1_048_576)}\n`, { input: { CSV: {} } }), ['{"_1":1}']);
  t.is(await errorOf(count, `${"x".repeat(1_048_577)}\n`, { input: { CSV: {} } }), "OverMaxRecordSize");
  t.deepEqual(await resultsOf(count, `${",".repeat(9_999)}\n`, { input: { CSV: {} } }), ['{"_1":1}']);
  t.is(await errorOf(count, `${",".repeat(10_000)}\n`, { input: { CSV: {} } }), "OverMaxColumn");
});

test("a result has at most 1,048,576 characters", async (t) => {
  const half = `{"a":"${"x".repeat(524_288)}"}`;
  t.is(await errorOf("SELECT s.a, s.a AS b FROM S3Object s", half), "OverMaxRecordSize");
  t.notThrows(() => resultsOf("SELECT s.a FROM S3Object s", half));
});

test("a JSON document may span lines; a line is one of JSON LINES", async (t) => {
  const data = '{\n "a": [1,\n 2]\n}\n{"a": 3} {"a": 4}';
  t.deepEqual(await resultsOf(ALL, data, { input: { JSON: { Type: "DOCUMENT" } } }), [
    '{"a":[1,2]}',
    '{"a":3}',
    '{"a":4}',
  ]);
  t.is(await errorOf(ALL, data), "JSONParsingError");
  t.deepEqual(await resultsOf(ALL, '{"a":1}\r\n\r\n  {"a":2}'), ['{"a":1}', '{"a":2}']);
});

test("a JSON document has at most 32 MiB", async (t) => {
  const input = { JSON: { Type: "DOCUMENT" } };
  const longest = " ".repeat(32 * 1024 * 1024 - 2);
  t.deepEqual(await resultsOf(ALL, `${longest}{}`, { input }), ["{}"]);
  t.is(await errorOf(ALL, `${longest} {}`, { input }), "OverMaxRecordSize");
});

test("what is no JSON is refused", async (t) => {
  const texts = [
    "{",
    "[",
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "[1,]",
    "[1 2]",
    "{a:1}",
    "nul",
    "01",
    "1.",
    "-",
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\t"',
    "{}}",
    "'a'",
  ];
  for (const text of texts) t.is(await errorOf(ALL, text), "JSONParsingError", text);
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  t.is(await errorOf(ALL, nested(513)), "no error");
  t.is(await errorOf(ALL, nested(514)), "JSONParsingError");
});

test("property: JSON comes out as it went in", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 4 }), async (text) => {
      const [result = ""] = await resultsOf("SELECT s AS v FROM S3Object[*] s", text);
      t.deepEqual(JSON.parse(result), { v: JSON.parse(text) as unknown });
    }),
    { numRuns: 200 },
  );
});

test("property: CSV that was written is read as the same fields, with any delimiters and in any chunks", async (t) => {
  const mark = fc.constantFrom('"', "'", "\\", "|", ";", ",", "\t", "ä");
  const formats = fc.record({
    field: mark,
    quote: mark,
    escape: mark,
    record: fc.constantFrom("\n", "\r\n", "~", "end"),
  });
  const usable = formats.filter(({ field, quote, escape }) => field !== quote && field !== escape);
  const field = fc.string({
    unit: fc.constantFrom("a", "é", '"', "'", "\\", "|", ";", ",", "\t", "\n", "\r", "~", "end", " "),
  });
  await fc.assert(
    fc.asyncProperty(
      usable,
      fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      async (format, records) => {
        const marks = {
          FieldDelimiter: format.field,
          QuoteCharacter: format.quote,
          QuoteEscapeCharacter: format.escape,
          RecordDelimiter: format.record,
        };
        // Each record's fields stand in an object, whose member names say their places.
        const lines = records.map((fields) => JSON.stringify({ f: fields }));
        const select = `SELECT ${[0, 1, 2, 3].map((at) => `s.f[${at}]`).join(", ")} FROM S3Object s`;
        const output = { CSV: { ...marks, QuoteFields: "ALWAYS" } };
        const { text } = await runSelect(select, lines.join("\n"), { output });
        const input = { CSV: { ...marks, Comments: "\u0001", AllowQuotedRecordDelimiter: true } };
        const back = await resultsOf("SELECT _1, _2, _3, _4 FROM S3Object", text, { input, chunkBytes: 7 });
        const expected = records.map((fields) => [0, 1, 2, 3].map((at) => fields[at] ?? ""));
        t.deepEqual(
          back.map((line) => Object.values(JSON.parse(line) as object)),
          expected,
        );
      },
    ),
    { numRuns: 200 },
  );
});

test("GZIP is read, in one member or several, and refused if it is none or is cut", async (t) => {
  const gzip = gzipSync("a,b\n1,2\n");
  const options = { input: { CSV: {}, CompressionType: "GZIP" } };
  const count = "SELECT COUNT(*) FROM S3Object";
  t.deepEqual(await resultsOf(count, gzip, { ...options, chunkBytes: 5 }), ['{"_1":2}']);
  t.deepEqual(await resultsOf(count, Buffer.concat([gzip, gzip]), options), ['{"_1":4}']);
  t.deepEqual(
    await resultsOf(count, gzipSync('{"a":1}'), { input: { JSON: { Type: "DOCUMENT" }, CompressionType: "GZIP" } }),
    ['{"_1":1}'],
  );
  t.is(await errorOf(count, "a,b\n", options), "InvalidCompressionFormat");
  t.is(await errorOf(count, gzip.subarray(0, -5), options), "TruncatedInput");
});

test("BZIP2 is read, in many blocks or several streams, and refused if it is none, is cut or damaged", async (t) => {
  const options = { input: { CSV: {}, CompressionType: "BZIP2" } };
  for (const chunkBytes of [1_000, 7]) {
    const sums = await resultsOf("SELECT COUNT(*), SUM(CAST(_1 AS INT)) FROM S3Object", MANY_BLOCKS, {
      ...options,
      chunkBytes,
    });
    const expected = Array.from({ length: 60_000 }, (_, line) => line % 97).reduce((sum, each) => sum + each, 0);
    t.deepEqual(sums, [`{"_1":60000,"_2":${expected}}`]);
  }
  const runs = `${"a".repeat(700)}bbbccccddddd`;
  t.deepEqual(await resultsOf(ALL, TWO_STREAMS, options), [`{"_1":"${runs}"}`, '{"_1":"second stream"}']);
  t.deepEqual(await resultsOf("SELECT COUNT(*) FROM S3Object", EMPTY_STREAM, options), ['{"_1":0}']);
  t.is(await errorOf(ALL, "a,b\n", options), "InvalidCompressionFormat");
  t.is(await errorOf(ALL, "", options), "InvalidCompressionFormat");
  t.is(await errorOf(ALL, TWO_STREAMS.subarray(0, -3), options), "TruncatedInput");
  const damaged = Buffer.from(TWO_STREAMS);
  damaged[12] = (damaged[12] ?? 0) ^ 1;
  t.is(await errorOf(ALL, damaged, options), "TruncatedInput", "its checksum is wrong");
});

test("property: damaged BZIP2 ends with an error or with bytes, and ends", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: TWO_STREAMS.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const damaged = Buffer.from(TWO_STREAMS);
      damaged[at] = (damaged[at] ?? 0) ^ change;
      const code = await errorOf(ALL, damaged, { input: { CSV: {}, CompressionType: "BZIP2" } });
      t.true(["no error", "TruncatedInput", "InvalidCompressionFormat"].includes(code), code);
    }),
    { numRuns: 300 },
  );
});

test("a reader of BZIP2 who stops early ends its source", async (t) => {
  let ended = false;
  const source = async function* () {
    try {
      for (;;) yield MANY_BLOCKS;
    } finally {
      ended = true;
    }
  };
  for await (const block of bunzip(source())) {
    t.true(block.length > 0);
    break;
  }
  t.true(ended);
});

test("a scan range takes the records that begin in it, whole", async (t) => {
  // The reference's example: bytes 1 to 4 are `,B`, the delimiter, and the C that begins a record.
  const data = "A,B\nC,D\nD,E\nE,F\nG,H\nI,J\n";
  const options = { input: { CSV: {} }, output: { CSV: {} } };
  t.deepEqual(await resultsOf(ALL, data, { ...options, scanRange: { Start: 1, End: 4 } }), ["C,D"]);
  t.deepEqual(await resultsOf(ALL, data, { ...options, scanRange: { Start: 1, End: 3 } }), []);
  t.deepEqual(await resultsOf(ALL, data, { ...options, scanRange: { Start: 16 } }), ["G,H", "I,J"]);
  t.deepEqual(await resultsOf(ALL, data, { ...options, scanRange: { End: 5 } }), ["I,J"], "the last five bytes");
  t.deepEqual(await resultsOf(ALL, data, { ...options, scanRange: { Start: 0, End: 0 } }), ["A,B"]);
});

test("property: scan ranges that lie side by side give every record once", async (t) => {
  const records = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 30,
  });
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom("\n", "\r\n", "<>"),
      fc.integer({ min: 1, max: 9 }),
      async (values, width, delimiter, chunkBytes) => {
        const data = Buffer.from(values.join(delimiter));
        const found: string[] = [];
        for (let Start = 0; Start < data.length; Start += width) {
          const options = { input: { CSV: { RecordDelimiter: delimiter } }, output: { CSV: {} }, chunkBytes };
          found.push(...(await resultsOf(ALL, data, { ...options, scanRange: { Start, End: Start + width - 1 } })));
        }
        t.deepEqual(found, values);
      },
    ),
    { numRuns: 200 },
  );
});

test("a scan that begins in the middle knows the columns by the object's header", async (t) => {
  const options = { input: { CSV: { FileHeaderInfo: "USE" } }, scanRange: { Start: 4, End: 8 } };
  t.deepEqual(await resultsOf("SELECT y FROM S3Object", "x,y\n1,2\n3,4\n5,6\n", options), ['{"y":"2"}', '{"y":"4"}']);
});

test("a scan range that cannot be is refused", async (t) => {
  const csv = { input: { CSV: {} } };
  t.is(await errorOf(ALL, "a\n", { ...csv, scanRange: {} }), "InvalidScanRange");
  t.is(await errorOf(ALL, "a\n", { ...csv, scanRange: { Start: 1, End: 0 } }), "InvalidScanRange");
  t.is(await errorOf(ALL, "a\n", { ...csv, scanRange: { Start: 2 } }), "InvalidScanRange");
  t.is(await errorOf(ALL, "a\n", { ...csv, scanRange: { Start: -1 } }), "InvalidScanRange");
  const scanRange = { Start: 0 };
  for (const input of [
    { CSV: {}, CompressionType: "GZIP" },
    { JSON: { Type: "LINES" }, CompressionType: "BZIP2" },
    { JSON: { Type: "DOCUMENT" } },
    { CSV: { AllowQuotedRecordDelimiter: true } },
  ]) {
    t.is(await errorOf(ALL, "a\n", { input, scanRange }), "UnsupportedScanRangeInput");
  }
});

test("however a query ends, it lets go of its object and of every stream that it opened", async (t) => {
  const lines = `{"a":"${"x".repeat(90)}"}\n`.repeat(5_000);
  const gzip = { input: { JSON: { Type: "LINES" }, CompressionType: "GZIP" }, chunkBytes: 100 };
  t.true((await runSelect(ALL, '{"a":1}')).closed);
  t.true((await runSelect(ALL, lines, { chunkBytes: 1_000 })).closed);
  t.true((await runSelect(`${ALL} LIMIT 1`, lines, { chunkBytes: 1_000 })).closed);
  t.true((await runSelect(`${ALL} LIMIT 0`, lines, { chunkBytes: 1_000 })).closed);
  t.true((await runSelect(ALL, lines, { chunkBytes: 1_000, eventsMax: 1 })).closed);
  t.true((await runSelect(`${ALL} LIMIT 1`, gzipSync(lines), gzip)).closed);
  const csv = { input: { CSV: { FileHeaderInfo: "USE" } }, chunkBytes: 1_000 };
  t.true((await runSelect(`${ALL} LIMIT 1`, "x\n1\n".repeat(5_000), csv)).closed);
  t.true((await runSelect(ALL, "x\n1\n".repeat(50_000), { ...csv, scanRange: { Start: 9, End: 5_000 } })).closed);
});
