/**
 * What a policy of a user, a role or a session must have: actions and resources, and no principal, since it is about whom it is
 * attached to.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_id-based
 */
import type { Element, StatementForm } from "./grammar.ts";
import type { Statement } from "./policy.ts";
import { PolicySyntaxError } from "./syntax-error.ts";
import { IDENTITY_WORDS, LEGACY } from "./words.ts";

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

const isPartition = (text: string): boolean => PARTITIONS.has(text) || text.includes("${");

/** An ARN without a service, or one of S3 that does not reach its name: IAM sees it before anything else of a statement. */
const assertParsed = (resource: string): void => {
  const [scheme, partition = "", service, ...rest] = resource.split(":");
  if (scheme !== "arn" || !isPartition(partition)) return;
  if (service === "" || (service === "s3" && rest.length < 3 && !resource.endsWith("*"))) fail(LEGACY);
};

const IAM_PATHS =
  "user federated-user role group instance-profile mfa server-certificate policy sms-mfa saml-provider oidc-provider report access-report"
    .split(" ")
    .map((path) => `${path}/`);

/** Where a wildcard or a variable stands in the beginning of a name, it may be any. */
const OPEN_BEGINNING = /^[^/]*[*?$]/;

const checkIamName = (name: string): void => {
  if (name === "root" || OPEN_BEGINNING.test(name) || IAM_PATHS.some((path) => name.startsWith(path))) return;
  fail(`IAM resource path must either be "*", root, or start with ${IAM_PATHS.join(", ")}.`);
};

const OPEN = /[*?$]/;

/** Access points have an account and a region, buckets and objects neither. */
const checkPlace = (resource: string, [service, region = "", account = "", ...name]: readonly string[]): void => {
  const regional = region !== "" && !OPEN.test(region);
  if (service === "iam" && regional) fail(`IAM resource ${resource} cannot contain region information.`);
  if (service === "iam" && name.length > 0) checkIamName(name.join(":"));
  if (service === "s3" && regional && account === "") fail(`Resource ${resource} can not contain region information.`);
};

const checkResource = (resource: string): void => {
  if (resource === "*") return;
  const [scheme, partition, ...rest] = resource.split(":");
  if (partition === undefined) fail(`Resource ${resource} must be in ARN format or "*".`);
  else if (!isPartition(partition)) {
    const [service = "*", region = "*", account = "*", ...name] = rest;
    const shown = name.length === 0 ? "*" : name.join(":");
    fail(
      `Partition "${partition}" is not valid for resource "arn:${partition}:${service}:${region}:${account}:${shown}".`,
    );
  } else if (scheme !== "arn" && scheme !== "*") fail(`Resource ${resource} must be in ARN format or "*".`);
  else if (rest.length === 0) fail("Resource vendor must be fully qualified and cannot contain regexes.");
  checkPlace(resource, rest);
};

/** Errors: PolicySyntaxError. */
export const requireIdentityStatement = ({ actions, ...form }: StatementForm): Statement => {
  const { principals, resources, sid = "" } = form;
  for (const resource of resources?.texts ?? []) assertParsed(resource);
  if (principals !== undefined) return fail("Policy document should not specify a principal.");
  if (!SID.test(sid)) return fail(ODD_SID);
  if (actions === undefined) return fail(IDENTITY_WORDS.missing("Action"));
  if (resources === undefined) return fail(IDENTITY_WORDS.missing("Resource"));
  for (const resource of resources.texts) checkResource(resource);
  for (const action of actions.texts) checkAction(action);
  return { ...form, actions, resources };
};
