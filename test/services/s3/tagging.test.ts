import test from "ava";
import { S3Error } from "../../../src/services/s3/errors.ts";
import { OBJECT_TAGS_MAX } from "../../../src/services/s3/limits.ts";
import { assertTags, parseTaggingHeader } from "../../../src/services/s3/tagging.ts";

test("the tagging header is read as query parameters", (t) => {
  t.deepEqual(parseTaggingHeader("a=1&b+c=d%20e&f"), [
    { key: "a", value: "1" },
    { key: "b c", value: "d e" },
    { key: "f", value: "" },
  ]);
});

for (const header of ["a=1&a=2", "a=1,b=2", "a=%zz"]) {
  test(`the tagging header ${header} is refused`, (t) => {
    const error = t.throws(() => parseTaggingHeader(header), { instanceOf: S3Error });
    t.is(error?.code, "InvalidArgument");
    t.deepEqual(error?.fields, { ArgumentName: "x-amz-tagging", ArgumentValue: header });
  });
}

test("tags are held to their characters, lengths and number", (t) => {
  const codeOf = (tags: Parameters<typeof assertTags>[0]) =>
    t.throws(() => assertTags(tags, { owner: "object" }), { instanceOf: S3Error })?.code;
  const tags = Array.from({ length: OBJECT_TAGS_MAX + 1 }, (_, index) => ({ key: `k${index}`, value: "" }));
  t.notThrows(() => assertTags(tags.slice(1), { owner: "object" }));
  t.notThrows(() => assertTags([{ key: "k".repeat(128), value: "v".repeat(256) }], { owner: "object" }));
  t.is(codeOf(tags), "BadRequest");
  t.is(codeOf([{ key: "", value: "v" }]), "InvalidTag");
  t.is(codeOf([{ key: "k".repeat(129), value: "v" }]), "InvalidTag");
  t.is(codeOf([{ key: "k", value: "v".repeat(257) }]), "InvalidTag");
  t.is(codeOf([{ key: "k?", value: "v" }]), "InvalidTag");
  t.is(codeOf([{ key: "aws:k", value: "v" }]), "InvalidTag");
});
