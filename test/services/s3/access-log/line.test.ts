/** A line of an access log, whatever is in its fields. */
import test from "ava";
import * as fc from "fast-check";
import { accessLine, type AccessLine } from "../../../../src/services/s3/access-log/line.ts";

const BARE: AccessLine = {
  bucketOwner: "owner",
  bucket: "photos",
  receivedAtMs: Date.UTC(2019, 1, 6, 0, 0, 38),
  requestId: "3E57427F3EXAMPLE",
  operation: "REST.GET.VERSIONING",
};

test("what is not known is a hyphen, in quotes where the field has some", (t) => {
  t.is(
    accessLine(BARE),
    'owner photos [06/Feb/2019:00:00:38 +0000] - - 3E57427F3EXAMPLE REST.GET.VERSIONING - "-" - - - - - - "-" "-" - - - - - - - - - -',
  );
});

test("no bytes are not told, no time is", (t) => {
  const fields = accessLine({ ...BARE, bytesSent: 0, objectBytes: 0, totalMs: 0, turnAroundMs: 0 }).split(" ");
  t.deepEqual(fields.slice(12, 16), ["-", "0", "0", "0"]);
});

test("an ACL that was needed is a Yes", (t) => {
  t.is(
    accessLine({ ...BARE, aclRequired: true, sourceRegion: "eu-west-1" })
      .split(" ")
      .slice(-2)
      .join(" "),
    "Yes eu-west-1",
  );
});

const FIELD = /\[[^\]]*\]|"[^"]*"|\S+/g;
const RUNS = Number(process.env["RUNS"] ?? 200);

test("whatever a client sends, a line stays one line of 27 fields", (t) => {
  const text = fc.string({ unit: "grapheme" });
  const line = fc.record({
    key: text,
    userAgent: text,
    referrer: text,
    requestUri: text,
    hostHeader: text,
    versionId: text,
  });
  const property = fc.property(line, (sent) => {
    const written = accessLine({ ...BARE, ...sent });
    t.notRegex(written, /[\r\n]/);
    t.is(written.match(FIELD)?.length, 27, written);
  });
  fc.assert(property, { numRuns: RUNS });
});
