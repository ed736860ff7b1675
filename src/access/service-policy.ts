/**
 * What a bucket's policy says of a service of AWS that would write into it by itself: log delivery, inventories.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
 */
import type { Caller } from "../protocol/caller.ts";
import { getConfiguration } from "../state/buckets.ts";
import type { Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";
import { parsedPolicy } from "./parsed-policies.ts";
import { matchStatement } from "./policy/match-statement.ts";
import type { Question } from "./question.ts";

export type ServiceQuestion = {
  /** `logging.s3.amazonaws.com` */
  readonly service: string;
  /** The bucket whose policy is asked. */
  readonly bucket: Bucket;
  /** Such as `s3:PutObject`. */
  readonly action: string;
  readonly key: string;
  /** On whose behalf, and of which bucket. */
  readonly source: { readonly accountId: string; readonly bucket: string };
  /** World time, in milliseconds since 1970. */
  readonly nowMs: number;
};

export type ServiceAnswer = "allow" | "deny" | "silent";

/** What the bucket's policy says of it; `silent` where it says nothing, or there is none. */
export const askServicePolicy = async (world: World, asked: ServiceQuestion): Promise<ServiceAnswer> => {
  const { bucket } = asked;
  if (!bucket.configurations.includes("policy")) return "silent";
  const document = await world.read((view) => getConfiguration(view, bucket, "policy"));
  if (document === undefined) return "silent";
  const question = questionOf(asked);
  const effects = new Set(
    parsedPolicy(document, "resource")
      .statements.filter((statement) => matchStatement(statement, question).matched)
      .map(({ effect }) => effect),
  );
  if (effects.has("Deny")) return "deny";
  return effects.has("Allow") ? "allow" : "silent";
};

const questionOf = ({ service, bucket, action, key, source, nowMs }: ServiceQuestion): Question => {
  const { partition, accountId, name } = bucket;
  // A service has no account: its name in the keys below is all that tells it.
  const caller: Caller = { partition, accountId, principal: { kind: "Anonymous" } };
  const time = new Date(nowMs).toISOString().replace(/\.\d+Z$/, "Z");
  const values: Readonly<Record<string, readonly string[]>> = {
    "aws:principalservicename": [service],
    "aws:principalservicenameslist": [service],
    "aws:principalisawsservice": ["true"],
    "aws:sourceaccount": [source.accountId],
    "aws:sourcearn": [`arn:${partition}:s3:::${source.bucket}`],
    "aws:securetransport": ["true"],
    "aws:currenttime": [time],
    "aws:epochtime": [String(Math.floor(nowMs / 1_000))],
    "s3:resourceaccount": [accountId],
    "aws:resourceaccount": [accountId],
    "s3:x-amz-acl": ["bucket-owner-full-control"],
  };
  return { caller, action, resource: `arn:${partition}:s3:::${name}/${key}`, values: (wanted) => values[wanted] };
};
