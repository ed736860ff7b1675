import test from "ava";
import { ACTION_TARGETS } from "../../src/access/policy/s3-actions.ts";
import { needsOf, type Need } from "../../src/access/s3-actions.ts";
import { S3_OPERATIONS } from "../../src/services/s3/handlers.ts";

const HEADERS = {
  "x-amz-tagging": "a=b",
  "x-amz-acl": "public-read",
  "x-amz-grant-read": "id=1",
  "x-amz-object-lock-mode": "GOVERNANCE",
  "x-amz-object-lock-legal-hold": "ON",
  "x-amz-bucket-object-lock-enabled": "true",
  "x-amz-object-ownership": "ObjectWriter",
};

const everyNeed = (): readonly Need[] =>
  S3_OPERATIONS.flatMap((operation) =>
    [true, false].flatMap((versioned) =>
      [{}, HEADERS].flatMap((headers) => needsOf(operation, { headers, versioned })),
    ),
  );

/** Actions that no policy of a bucket can name. */
const ELSEWHERE = new Set([
  "s3:CreateBucket",
  "s3:ListAllMyBuckets",
  "s3-object-lambda:WriteGetObjectResponse",
  "s3express:CreateSession",
  "s3express:ListAllMyDirectoryBuckets",
]);

test("every action that an operation needs is one of S3's, on what S3 says it is on", (t) => {
  for (const { action, on } of everyNeed()) {
    if (ELSEWHERE.has(action)) continue;
    t.is(ACTION_TARGETS.get(action.toLowerCase()), on === "account" ? undefined : on, action);
  }
});

test("every operation but DeleteObjects, which asks for each key, needs something", (t) => {
  const facts = { headers: {}, versioned: false };
  const free = S3_OPERATIONS.filter((operation) => needsOf(operation, facts).length === 0);
  t.deepEqual(free, ["DeleteObjects"]);
});

const actions = (operation: (typeof S3_OPERATIONS)[number], headers: Readonly<Record<string, string>>) =>
  needsOf(operation, { headers, versioned: false }).map(({ action }) => action);

test("a new bucket needs more for an ACL that is not private, a lock and an ownership", (t) => {
  t.deepEqual(actions("CreateBucket", {}), ["s3:CreateBucket"]);
  t.deepEqual(actions("CreateBucket", { "x-amz-acl": "private" }), ["s3:CreateBucket"]);
  t.deepEqual(actions("CreateBucket", { "x-amz-acl": "public-read" }), ["s3:CreateBucket", "s3:PutBucketAcl"]);
  t.deepEqual(actions("CreateBucket", { "x-amz-bucket-object-lock-enabled": "true" }), [
    "s3:CreateBucket",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketVersioning",
  ]);
  t.deepEqual(actions("CreateBucket", { "x-amz-object-ownership": "ObjectWriter" }), [
    "s3:CreateBucket",
    "s3:PutBucketOwnershipControls",
  ]);
});
