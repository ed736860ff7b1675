/** What AWS says of a policy that is none: its services share one parser for resources and roles, and IAM has its own for identities. */

/** A text for each thing that can be wrong with the form of a policy. */
export type Words = {
  /** The text does not begin with a brace. */
  readonly notAnObject: string;
  readonly invalidJson: string;
  readonly invalidVersion: string;
  readonly unknownField: (name: string) => string;
  /** An element that is not of its type. */
  readonly syntax: string;
  readonly missing: (name: string) => string;
  readonly empty: (name: string) => string;
  readonly emptyStatement: string;
  readonly invalidEffect: (effect: string) => string;
  /** An element beside its opposite: Action and NotAction. */
  readonly doubled: (name: string) => string;
  readonly invalidPrincipal: (type: string, text: string) => string;
  readonly invalidOperator: (operator: string) => string;
  /** Whether an operator that there is not may stand before nothing. */
  readonly ignoresEmptyOperators?: boolean;
  readonly invalidValue: (operator: string) => string;
  /** Absent where statements may share one. */
  readonly doubledSid?: string;
};

const SYNTAX = "Syntax errors in policy.";

/** What IAM says where its older parser, which comes before most checks, does not take a policy. */
export const LEGACY = "The policy failed legacy parsing";

/** Bucket and access point policies. */
export const RESOURCE_WORDS: Words = {
  notAnObject: "Policies must be valid JSON and the first byte must be '{'",
  invalidJson: "This policy contains invalid Json",
  invalidVersion: "The policy must contain a valid version string",
  unknownField: (name) => `Unknown field ${name}`,
  syntax: "Invalid policy syntax.",
  missing: (name) => `Missing required field ${name}`,
  empty: (name) => `Missing required field ${name} cannot be empty!`,
  emptyStatement: "Could not parse the policy: Statement is empty!",
  invalidEffect: (effect) => `Invalid effect: ${effect}`,
  doubled: (name) => `Statement/policy already has instance of ${name}`,
  invalidPrincipal: () => "Invalid principal in policy",
  invalidOperator: (operator) => `Invalid Condition type : ${operator}`,
  invalidValue: (operator) =>
    operator.includes("IpAddress") ? "Invalid IP address in Conditions" : "Invalid policy syntax.",
};

/** What trusts those who assume a role: the same parser, and the principal is named. */
export const TRUST_WORDS: Words = {
  ...RESOURCE_WORDS,
  notAnObject: RESOURCE_WORDS.invalidJson,
  syntax: SYNTAX,
  invalidPrincipal: (type, text) => `Invalid principal in policy: "${type}":"${text}"`,
};

/** Policies of users, groups and roles, and managed ones. */
export const IDENTITY_WORDS: Words = {
  notAnObject: SYNTAX,
  invalidJson: SYNTAX,
  invalidVersion: SYNTAX,
  unknownField: () => SYNTAX,
  syntax: SYNTAX,
  missing: (name) => {
    if (name === "Action") return "Policy statement must contain actions.";
    return name === "Resource" ? "Policy statement must contain resources." : SYNTAX;
  },
  empty: (name) => IDENTITY_WORDS.missing(name),
  emptyStatement: SYNTAX,
  invalidEffect: (effect) => (/^(?:allow|deny)$/i.test(effect) ? LEGACY : SYNTAX),
  doubled: () => SYNTAX,
  invalidPrincipal: () => SYNTAX,
  invalidOperator: () => SYNTAX,
  ignoresEmptyOperators: true,
  invalidValue: () => LEGACY,
  doubledSid: "Statement IDs (SID) in a single policy must be unique.",
};

/** Policies that narrow a session. */
export const SESSION_WORDS: Words = { ...IDENTITY_WORDS, invalidJson: RESOURCE_WORDS.invalidJson };
