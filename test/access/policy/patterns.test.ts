/** Actions and resources with wildcards and variables. */
import test from "ava";
import { ask } from "./ask.ts";

const acts = (pattern: string, action: string): boolean => ask({ Action: pattern }, { action }).matched;
const fits = (pattern: string, resource: string, context = {}): boolean =>
  ask({ Resource: pattern }, { resource, context }).matched;

test("actions have wildcards and no case", (t) => {
  t.true(acts("s3:GetObject", "s3:GetObject"));
  t.true(acts("S3:getobject", "s3:GetObject"));
  t.true(acts("s3:Get*", "s3:GetObjectAcl"));
  t.true(acts("s3:Get?bject", "s3:GetObject"));
  t.true(acts("*", "s3:GetObject"));
  t.true(acts("s3:*Object*", "s3:DeleteObjects"));
  t.false(acts("s3:GetObject", "s3:GetObjectAcl"));
  t.false(acts("sts:*", "s3:GetObject"));
});

test("NotAction and NotResource are everything but", (t) => {
  const match = (elements: Record<string, unknown>) => ask(elements, {});
  t.false(match({ NotAction: "s3:Get*", Resource: "*" }).matched);
  t.true(match({ NotAction: ["s3:Put*", "s3:Delete*"], Resource: "*" }).matched);
  t.false(match({ Action: "*", NotResource: ["arn:aws:s3:::bucket/*"] }).matched);
  t.true(match({ Action: "*", NotResource: "arn:aws:s3:::other/*" }).matched);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
test("a resource's stars take slashes too, as in AWS's example", (t) => {
  const pattern = "arn:aws:s3:::bucket/*/test/*";
  for (const key of [
    "1/test/object.jpg",
    "1/2/test/3/object.jpg",
    "1///test///object.jpg",
    "/test/object.jpg",
    "1/test/",
  ])
    t.true(fits(pattern, `arn:aws:s3:::bucket/${key}`), key);
  for (const key of ["1-test/object.jpg", "test/object.jpg", "1/2/test.jpg"])
    t.false(fits(pattern, `arn:aws:s3:::bucket/${key}`), key);
});

test("a star at the end of a segment goes on beyond the colon, another does not", (t) => {
  const accessPoint = "arn:aws:s3:us-east-1:111111111111:accesspoint/ap/object/key";
  t.true(fits("*", accessPoint));
  t.true(fits("arn:aws:s3:*", accessPoint));
  t.true(fits("arn:aws:s3:*", "arn:aws:s3:::bucket/key"));
  t.true(fits("arn:aws:s3:*:*:accesspoint/*", accessPoint));
  t.true(fits("arn:aws:s3:us-*-1:111111111111:*", accessPoint));
  t.false(fits("arn:aws:s3:us*1:accesspoint/*", accessPoint));
  t.false(fits("arn:aws:s3:u?-east-1:*:bucket", accessPoint));
  t.true(fits("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b:c"));
  t.true(fits("arn:*:s3:::bucket/*", "arn:aws-cn:s3:::bucket/a:b:c"));
  t.false(fits("arn:aws:s3:::Bucket/*", "arn:aws:s3:::bucket/a"));
});

test("a bucket's resource is not its objects'", (t) => {
  t.false(fits("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key"));
  t.false(fits("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket"));
  t.true(fits("arn:aws:s3:::bucket*", "arn:aws:s3:::bucket/key"));
});

test("variables in resources", (t) => {
  const home = "arn:aws:s3:::bucket/${aws:username}/*";
  t.true(fits(home, "arn:aws:s3:::bucket/alice/x", { "aws:username": "alice" }));
  t.false(fits(home, "arn:aws:s3:::bucket/alice/x", { "aws:username": "bob" }));
  t.false(fits(home, "arn:aws:s3:::bucket/alice/x"));
  t.false(fits(home, "arn:aws:s3:::bucket/alice/x", { "aws:username": "*" }));
  t.true(fits("arn:aws:s3:::bucket/${aws:username, 'alice'}/*", "arn:aws:s3:::bucket/alice/x"));
  t.true(fits("arn:aws:s3:::bucket/a${*}", "arn:aws:s3:::bucket/a*"));
  t.false(fits("arn:aws:s3:::bucket/a${*}", "arn:aws:s3:::bucket/ab"));
  t.true(fits("arn:aws:s3:::${unclosed", "arn:aws:s3:::${unclosed"));
});

test("a statement says what it is not about", (t) => {
  t.deepEqual(ask({ Action: "s3:PutObject" }, {}), { matched: false, because: "action" });
  t.deepEqual(ask({ Resource: "arn:aws:s3:::other" }, {}), { matched: false, because: "resource" });
  t.deepEqual(ask({ Principal: { AWS: "222222222222" }, Resource: "*" }, {}, { kind: "resource" }), {
    matched: false,
    because: "principal",
  });
});
