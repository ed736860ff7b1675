/** Objects that are Parquet. */
import test from "ava";
import * as fc from "fast-check";
import { openParquet } from "../../../../src/services/s3/select/input/parquet.ts";
import { ARROW_PARQUET, GZIP_PARQUET, TYPES_PARQUET, ZSTD_PARQUET } from "./parquet-files.ts";
import { errorOf, resultsOf } from "./support.ts";

const ALL = "SELECT * FROM S3Object";

test("Parquet's types become those of SQL", async (t) => {
  const results = await resultsOf(ALL, TYPES_PARQUET, { input: { Parquet: {} } });
  t.deepEqual(results, [
    '{"id":1,"big":9007199254740993,"Name":"Ann","price":12.50,"ratio":0.5,"ok":true,"day":"2024-02-29","at":"2024-02-29T12:34:56.789Z","tags":["x","y"],"info":{"a":7,"b":"RED"},"wide":-0.125}',
    '{"id":2,"big":null,"Name":"Bøb","price":0.01,"ratio":null,"ok":false,"day":null,"at":null,"tags":[],"info":null,"wide":1234567890.500}',
    '{"id":3,"big":-5,"Name":null,"price":null,"ratio":1e+21,"ok":null,"day":"1969-12-31","at":"1970-01-01T00:00:00.000Z","tags":null,"info":{"a":null,"b":"BLUE"},"wide":null}',
  ]);
});

test("Parquet's columns are named in any case, and have members and elements", async (t) => {
  const sql =
    'SELECT s.NAME, s.tags[1], s.info.a FROM S3Object s WHERE price > 12 AND EXTRACT(YEAR FROM s."day") = 2024';
  const options = { input: { Parquet: {} } };
  t.deepEqual(await resultsOf(sql, TYPES_PARQUET, options), ['{"NAME":"Ann","_2":"y","a":7}']);
  t.deepEqual(await resultsOf("SELECT id, name FROM S3Object", TYPES_PARQUET, { ...options, output: { CSV: {} } }), [
    "1,Ann",
    "2,Bøb",
    "3,",
  ]);
  t.deepEqual(
    await resultsOf("SELECT name FROM S3Object WHERE big IS NULL AND big IS NOT MISSING", TYPES_PARQUET, options),
    ['{"name":"Bøb"}'],
  );
  t.is(await errorOf("SELECT nothing FROM S3Object", TYPES_PARQUET, options), "EvaluatorBindingDoesNotExist");
});

test("Parquet is read from a stream as from memory, and refused if it is none or compressed otherwise", async (t) => {
  const options = { input: { Parquet: {} }, chunkBytes: 100 };
  t.deepEqual(await resultsOf("SELECT SUM(id), MAX(id) FROM S3Object", GZIP_PARQUET, options), ['{"_1":21,"_2":6}']);
  t.is(await errorOf(ALL, ZSTD_PARQUET, options), "ParquetUnsupportedCompressionCodec");
  t.is(await errorOf(ALL, "PAR1", options), "ParquetParsingError");
  t.is(await errorOf(ALL, "this is no Parquet file at all", options), "ParquetParsingError");
  t.is(
    await errorOf(ALL, Buffer.concat([Buffer.alloc(100), GZIP_PARQUET.subarray(-60)]), options),
    "ParquetParsingError",
  );
});

test("Parquet of pages of the first version, with dictionaries, is read", async (t) => {
  t.deepEqual(await resultsOf(ALL, ARROW_PARQUET, { input: { Parquet: {} } }), [
    '{"id":1,"word":"a","ok":true,"list":[1,2]}',
    '{"id":null,"word":"b","ok":null,"list":null}',
    '{"id":3,"word":null,"ok":false,"list":[]}',
    '{"id":3,"word":"a","ok":true,"list":[null]}',
  ]);
});

test("property: damaged Parquet ends with an error or with rows, and ends", async (t) => {
  const files = fc.constantFrom(ARROW_PARQUET, GZIP_PARQUET, TYPES_PARQUET);
  const damage = fc.tuple(fc.nat({ max: 2_000 }), fc.nat({ max: 255 }));
  await fc.assert(
    fc.asyncProperty(files, fc.array(damage, { minLength: 1, maxLength: 3 }), async (file, damages) => {
      const damaged = Buffer.from(file);
      for (const [at, byte] of damages) damaged[at % damaged.length] = byte;
      const code = await errorOf(ALL, damaged, { input: { Parquet: {} } });
      t.regex(
        code,
        /^(no error|ParquetParsingError|ParquetUnsupportedCompressionCodec|UnsupportedParquetType|OverMaxParquetBlockSize)$/,
      );
    }),
    { numRuns: 1_000 },
  );
});

test("an object that cannot be read is no fault of its file's", async (t) => {
  const access = {
    sizeBytes: ARROW_PARQUET.length,
    read: async () => await Promise.reject(new Error("the disk is gone")),
  };
  await t.throwsAsync(openParquet(access), { message: "the disk is gone" });
  let reads = 0;
  const table = await openParquet({
    sizeBytes: ARROW_PARQUET.length,
    read: async (start, end) => {
      reads += 1;
      if (reads > 2) throw new Error("the disk is gone");
      return ARROW_PARQUET.subarray(start, end);
    },
  });
  await t.throwsAsync(table.rows({ range: undefined, processed: () => undefined }).next(), {
    message: "the disk is gone",
  });
});

test("a scan range of Parquet takes the row groups that begin in it", async (t) => {
  const ids = (scanRange: { Start?: number; End?: number }) =>
    resultsOf("SELECT id FROM S3Object", GZIP_PARQUET, { input: { Parquet: {} }, output: { CSV: {} }, scanRange });
  t.deepEqual(await ids({ Start: 0, End: 4 }), ["1", "2"]);
  t.deepEqual(await ids({ Start: 5 }), ["3", "4", "5", "6"]);
  t.deepEqual(await ids({ Start: 0 }), ["1", "2", "3", "4", "5", "6"]);
});
