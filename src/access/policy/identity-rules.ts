/**
 * What a policy of a user, a role or a session must have: actions and resources, and no principal, since it is about whom it is
 * attached to.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_id-based
 */
import type { Element, StatementForm } from "./grammar.ts";
import type { Statement } from "./policy.ts";
import { PolicySyntaxError } from "./syntax-error.ts";
import { IDENTITY_WORDS } from "./words.ts";

const fail = (message: string): never => {
  throw new PolicySyntaxError(message);
};

/** IAM takes policies of today's language only. Errors: PolicySyntaxError. */
export const checkIdentityDocument = ({ Version: version }: Element): void => {
  if (version === undefined || version === "2008-10-17") fail("Policy document must be version 2012-10-17 or greater.");
};

const VENDOR = /^[a-zA-Z0-9\-.]+$/;
const SID = /^[A-Za-z0-9]*$/;
const ODD_SID =
  "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";

const checkAction = (action: string): void => {
  if (action === "*") return;
  const [vendor = "", ...rest] = action.split(":");
  if (rest.length === 0) fail("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  if (rest.length > 1) fail("Actions/Condition can contain only one colon.");
  if (vendor !== "*" && !VENDOR.test(vendor)) fail(`Vendor ${vendor} is not valid`);
};

const PARTITIONS = new Set(["aws", "aws-cn", "aws-us-gov", "*"]);

const checkResource = (resource: string): void => {
  if (resource === "*") return;
  const [scheme, partition, ...rest] = resource.split(":");
  if (partition === undefined) fail(`Resource ${resource} must be in ARN format or "*".`);
  else if (scheme !== "arn" && scheme !== "*") fail(`Resource ${resource} must be in ARN format or "*".`);
  else if (!PARTITIONS.has(partition) && !partition.includes("${")) {
    const [service = "*", region = "*", account = "*", ...name] = rest;
    const shown = name.length === 0 ? "*" : name.join(":");
    fail(
      `Partition "${partition}" is not valid for resource "arn:${partition}:${service}:${region}:${account}:${shown}".`,
    );
  } else if (rest.length === 0) fail("Resource vendor must be fully qualified and cannot contain regexes.");
  else if (rest[0] === "s3" && rest.length < 4 && !resource.endsWith("*"))
    fail(`Resource ${resource} must be in ARN format or "*".`);
};

/** Errors: PolicySyntaxError. */
export const requireIdentityStatement = ({ actions, ...form }: StatementForm): Statement => {
  const { principals, resources, sid = "" } = form;
  if (principals !== undefined) return fail("Policy document should not specify a principal.");
  if (!SID.test(sid)) return fail(ODD_SID);
  if (actions === undefined) return fail(IDENTITY_WORDS.missing("Action"));
  if (resources === undefined) return fail(IDENTITY_WORDS.missing("Resource"));
  for (const resource of resources.texts) checkResource(resource);
  for (const action of actions.texts) checkAction(action);
  return { ...form, actions, resources };
};
