import test from "ava";
import {
  checkIfMatch,
  checkWriteConditions,
  failedReadCondition,
  readWriteConditions,
} from "../../../src/services/s3/conditions.ts";
import { S3Error } from "../../../src/services/s3/errors.ts";

const nowMs = Date.UTC(2026, 0, 1, 12, 0, 0);
const object = { etag: "abc", lastModifiedMs: nowMs - 60_000 + 300 };
const secondsAgo = (seconds: number): Date => new Date(nowMs - seconds * 1_000);

const failed = (conditions: Parameters<typeof failedReadCondition>[1]["conditions"]) =>
  failedReadCondition(object, { conditions, nowMs });

test("a read without conditions passes", (t) => {
  t.is(failed({}), undefined);
});

test("ETags match with quotes, without them, and as a star", (t) => {
  t.is(failed({ ifMatch: '"abc"' }), undefined);
  t.is(failed({ ifMatch: "abc" }), undefined);
  t.is(failed({ ifMatch: "*" }), undefined);
  t.is(failed({ ifMatch: '"abd"' }), "If-Match");
  t.is(failed({ ifNoneMatch: "abc" }), "If-None-Match");
  t.is(failed({ ifNoneMatch: '"abd"' }), undefined);
});

test("dates are compared in whole seconds", (t) => {
  t.is(failed({ ifUnmodifiedSince: secondsAgo(60) }), undefined);
  t.is(failed({ ifUnmodifiedSince: secondsAgo(61) }), "If-Unmodified-Since");
  t.is(failed({ ifModifiedSince: secondsAgo(60) }), "If-Modified-Since");
  t.is(failed({ ifModifiedSince: secondsAgo(61) }), undefined);
});

test("an If-Modified-Since in the future is ignored", (t) => {
  t.is(failed({ ifModifiedSince: secondsAgo(-1) }), undefined);
});

test("an ETag's condition decides where a date's stands beside it", (t) => {
  t.is(failed({ ifMatch: "abc", ifUnmodifiedSince: secondsAgo(3_600) }), undefined);
  t.is(failed({ ifNoneMatch: "abd", ifModifiedSince: secondsAgo(0) }), undefined);
  t.is(failed({ ifNoneMatch: "abc", ifModifiedSince: secondsAgo(3_600) }), "If-None-Match");
});

test("writes take If-None-Match with a star and If-Match with an ETag, and nothing else", (t) => {
  t.is(readWriteConditions({}), undefined);
  t.like(readWriteConditions({ IfNoneMatch: "*" }), { ifNoneMatch: "*" });
  t.like(readWriteConditions({ IfMatch: '"abc"' }), { ifMatch: '"abc"' });
  for (const [input, header] of [
    [{ IfNoneMatch: '"abc"' }, "If-None-Match"],
    [{ IfMatch: "*" }, "If-Match"],
    [{ IfMatch: '"abc"', IfNoneMatch: "*" }, "If-Match,If-None-Match"],
  ] as const) {
    const error = t.throws(() => readWriteConditions(input), { instanceOf: S3Error });
    t.is(error?.code, "NotImplemented");
    t.is(error?.status, 501);
    t.is(error?.fields["Header"], header);
  }
});

test("a write's conditions are held against what is current", (t) => {
  t.notThrows(() => checkWriteConditions({ ifNoneMatch: "*" }, { key: "k", current: undefined }));
  t.notThrows(() => checkWriteConditions({ ifMatch: '"abc"' }, { key: "k", current: object }));
  const codeOf = (run: () => void) => t.throws(run, { instanceOf: S3Error })?.code;
  t.is(
    codeOf(() => checkWriteConditions({ ifNoneMatch: "*" }, { key: "k", current: object })),
    "PreconditionFailed",
  );
  t.is(
    codeOf(() => checkWriteConditions({ ifMatch: "abd" }, { key: "k", current: object })),
    "PreconditionFailed",
  );
  t.is(
    codeOf(() => checkWriteConditions({ ifMatch: "abc" }, { key: "k", current: undefined })),
    "NoSuchKey",
  );
});

test("a delete's condition takes an ETag or a star", (t) => {
  t.notThrows(() => checkIfMatch("*", { key: "k", current: object }));
  t.notThrows(() => checkIfMatch('"abc"', { key: "k", current: object }));
  const codeOf = (run: () => void) => t.throws(run, { instanceOf: S3Error })?.code;
  t.is(
    codeOf(() => checkIfMatch('"abd"', { key: "k", current: object })),
    "PreconditionFailed",
  );
  t.is(
    codeOf(() => checkIfMatch("*", { key: "k", current: undefined })),
    "NoSuchKey",
  );
  t.is(
    codeOf(() => checkIfMatch('"abc"', { key: "k", current: undefined })),
    "NoSuchKey",
  );
});
