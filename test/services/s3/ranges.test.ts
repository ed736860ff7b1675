import test from "ava";
import { S3Error } from "../../../src/services/s3/errors.ts";
import { contentRange, parseCopyRange, parseRange } from "../../../src/services/s3/ranges.ts";

const SIZE = 10;

for (const [header, shown] of [
  ["bytes=0-9", "bytes 0-9/10"],
  ["bytes=0-0", "bytes 0-0/10"],
  ["bytes=9-", "bytes 9-9/10"],
  ["bytes=-3", "bytes 7-9/10"],
  ["bytes=-15", "bytes 0-9/10"],
  ["bytes=0-100", "bytes 0-9/10"],
  ["bytes=5-99999999999999999999", "bytes 5-9/10"],
] as const) {
  test(`${header} of ten bytes is ${shown}`, (t) => {
    const range = parseRange(header, SIZE);
    t.is(range && contentRange(range, SIZE), shown);
  });
}

for (const header of ["bytes=1-0", "bytes=-1-", "bytes=0--1", "bytes=-", "bytes=0-1,3-4", "0-1", "octets=0-1"]) {
  test(`${header} is ignored`, (t) => {
    t.is(parseRange(header, SIZE), undefined);
  });
}

for (const header of ["bytes=-0", "bytes=100-200", "bytes=10-"]) {
  test(`${header} of ten bytes is not satisfiable`, (t) => {
    const error = t.throws(() => parseRange(header, SIZE), { instanceOf: S3Error });
    t.is(error?.code, "InvalidRange");
    t.is(error?.status, 416);
    t.deepEqual(error?.fields, { RangeRequested: header, ActualObjectSize: "10" });
  });
}

test("no range of an empty object can be satisfied", (t) => {
  t.is(t.throws(() => parseRange("bytes=0-", 0), { instanceOf: S3Error })?.code, "InvalidRange");
  t.is(t.throws(() => parseRange("bytes=-1", 0), { instanceOf: S3Error })?.code, "InvalidRange");
});

test("a copy's range must lie within its source", (t) => {
  t.deepEqual(parseCopyRange("bytes=2-9", SIZE), { offsetBytes: 2, lengthBytes: 8 });
  const answer = (header: string) => {
    const error = t.throws(() => parseCopyRange(header, SIZE), { instanceOf: S3Error });
    return [error?.code, error?.message];
  };
  t.deepEqual(answer("bytes=2-10"), ["InvalidArgument", "Range specified is not valid for source object of size: 10"]);
  t.deepEqual(answer("bytes=10-11"), [
    "InvalidRequest",
    "The specified copy range is invalid for the source object size",
  ]);
});

for (const header of ["bytes=0-", "bytes=-5", "0-5", "bytes=5-2", "bytes=0-1,3-4", ""]) {
  test(`a copy's range must have both ends: ${header || "(empty)"}`, (t) => {
    const error = t.throws(() => parseCopyRange(header, SIZE), { instanceOf: S3Error });
    t.is(error?.code, "InvalidArgument");
    t.deepEqual(error?.fields, { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header });
  });
}
