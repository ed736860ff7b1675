/** What bucket policies may name fits what requests are asked for. */
import test from "ava";
import { isConditionKey } from "../../../src/access/policy/s3-condition-keys.ts";
import { ACTION_TARGETS } from "../../../src/access/policy/s3-actions.ts";
import { needsOf } from "../../../src/access/s3-actions.ts";
import { S3_KEYS, S3_NAMED_KEYS } from "../../../src/access/s3-condition-keys.ts";
import { S3_OPERATIONS } from "../../../src/services/s3/handlers.ts";

/** Asked before there is a bucket that could have a policy. */
const BEFORE_THE_BUCKET = new Set(["s3:CreateBucket"]);

/** Every header counts as there. */
const ALL_HEADERS: Readonly<Record<string, string>> = new Proxy({}, { get: () => "true" });

test("every action that a request is asked for can stand in a bucket's policy, and is on what it says there", (t) => {
  for (const operation of S3_OPERATIONS)
    for (const versioned of [false, true])
      for (const { action, on } of needsOf(operation, { headers: ALL_HEADERS, versioned })) {
        if (!action.startsWith("s3:") || on === "account" || BEFORE_THE_BUCKET.has(action)) continue;
        t.is(ACTION_TARGETS.get(action.toLowerCase()), on, `${operation}: ${action}`);
      }
});

test("every condition key that requests have values for can stand in a bucket's policy", (t) => {
  for (const key of Object.keys(S3_KEYS)) t.true(isConditionKey(key), key);
  for (const key of Object.keys(S3_NAMED_KEYS)) t.true(isConditionKey(`${key}name`), key);
});
