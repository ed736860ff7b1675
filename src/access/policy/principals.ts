/**
 * Principal and NotPrincipal: whom a statement is about.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { canonicalOwnerId, type Caller } from "../../protocol/caller.ts";
import type { ConditionValues } from "../question.ts";

/**
 * By what a statement names a caller; where it does so by several, the first of these: `session` (its role session's or federated
 * user's ARN), `user` (its own ARN), `service`, `federated` (the provider that vouched for it), `everyone`, `role` (the ARN of the
 * role that it has assumed: the role's bounds hold), `maker` (the ARN of the user who asked for the federated user's session: the
 * session's bounds hold), `account` (the account's root or number, or its canonical id: the account must allow it too), and
 * `except`: NotPrincipal does not name it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export type PrincipalBy =
  | "session"
  | "user"
  | "service"
  | "federated"
  | "everyone"
  | "role"
  | "maker"
  | "account"
  | "except";

export type PrincipalType = "AWS" | "CanonicalUser" | "Service" | "Federated";

/** One principal as it stands in a policy. */
export type NamedPrincipal = { readonly type: PrincipalType; readonly text: string };

export type Principals = {
  readonly named: readonly NamedPrincipal[];
  /** True for NotPrincipal. */
  readonly except: boolean;
  /** How the caller is named; undefined where the statement is not about it. */
  readonly match: (caller: Caller, values: ConditionValues) => PrincipalBy | undefined;
};

type Level = Exclude<PrincipalBy, "except">;

/** What names one principal of a policy. */
type Test = { readonly level: Level; readonly fits: (caller: Caller, values: ConditionValues) => boolean };

const ACCOUNT = /^\d{12}$/;
const CANONICAL_ID = /^[0-9a-f]{64}$/;
const IAM_ARN = /^arn:aws(?:-cn|-us-gov)?:iam::(\d{12}|cloudfront):(root|user\/.+|role\/.+)$/;
const STS_ARN = /^arn:aws(?:-cn|-us-gov)?:sts::(\d{12}):(assumed-role\/[^/]+\/[^/]+|federated-user\/.+)$/;
const SERVICE = /^[a-z0-9][a-z0-9.-]*\.amazon(?:aws)?\.com(?:\.cn)?$/;
const PROVIDER_ARN = /^arn:aws(?:-cn|-us-gov)?:iam::\d{12}:(?:saml|oidc)-provider\/.+$/;
const PROVIDER_NAME = /^[a-z0-9][a-z0-9.-]*\.[a-z]{2,}$/;

const EVERYONE: Test = { level: "everyone", fits: () => true };

const isOf = ({ accountId, principal }: Caller, account: string): boolean =>
  accountId === account && principal.kind !== "Anonymous";

const accountTest = (account: string): Test => ({ level: "account", fits: (caller) => isOf(caller, account) });

const canonicalTest = (id: string): Test => ({
  level: "account",
  fits: ({ accountId, principal }) => principal.kind !== "Anonymous" && canonicalOwnerId(accountId) === id,
});

const isUser = (principal: Caller["principal"] | undefined, pathAndName: string): boolean =>
  principal?.kind === "User" && `${principal.path ?? "/"}${principal.userName}` === pathAndName;

const userTests = (account: string, pathAndName: string): readonly Test[] => [
  { level: "user", fits: (caller) => isOf(caller, account) && isUser(caller.principal, pathAndName) },
  {
    level: "maker",
    fits: (caller) =>
      caller.principal.kind === "FederatedUser" && isOf(caller, account) && isUser(caller.session?.madeBy, pathAndName),
  },
];

const roleTest = (account: string, pathAndName: string): Test => ({
  level: "role",
  fits: (caller) =>
    caller.principal.kind === "AssumedRole" &&
    isOf(caller, account) &&
    `${caller.principal.rolePath ?? "/"}${caller.principal.roleName}` === pathAndName,
});

/** The end of a session's ARN, as callers have it. */
const sessionOf = ({ principal }: Caller): string | undefined => {
  if (principal.kind === "AssumedRole") return `assumed-role/${principal.roleName}/${principal.sessionName}`;
  return principal.kind === "FederatedUser" ? `federated-user/${principal.name}` : undefined;
};

const sessionTest = (account: string, session: string): Test => ({
  level: "session",
  fits: (caller) => isOf(caller, account) && sessionOf(caller) === session,
});

const iamTests = (account: string, name: string): readonly Test[] => {
  if (name === "root") return [accountTest(account)];
  const pathAndName = name.slice(name.indexOf("/"));
  return name.startsWith("user/") ? userTests(account, pathAndName) : [roleTest(account, pathAndName)];
};

const hasWildcard = (text: string): boolean => /[*?]/.test(text);

const awsTests = (text: string): readonly Test[] => {
  if (text === "*") return [EVERYONE];
  if (hasWildcard(text)) return [];
  if (ACCOUNT.test(text)) return [accountTest(text)];
  if (CANONICAL_ID.test(text)) return [canonicalTest(text)];
  const [, iamAccount, iamName] = IAM_ARN.exec(text) ?? [];
  if (iamAccount !== undefined && iamName !== undefined) return iamTests(iamAccount, iamName);
  const [, stsAccount, session] = STS_ARN.exec(text) ?? [];
  return stsAccount === undefined || session === undefined ? [] : [sessionTest(stsAccount, session)];
};

const has = (values: readonly string[] | undefined, text: string): boolean => values?.includes(text) === true;

/** A service is not a caller of its own: whoever asks on its behalf says so by these keys. */
const serviceTest = (text: string): Test => ({
  level: "service",
  fits: (_, values) =>
    has(values("aws:principalservicename"), text) || has(values("aws:principalservicenameslist"), text),
});

const federatedTest = (text: string): Test => ({
  level: "federated",
  fits: (_, values) => has(values("aws:federatedprovider"), text),
});

/** What a text of each type is put to; nothing for one that names no principal. */
const TESTS: Readonly<Record<PrincipalType, (text: string) => readonly Test[]>> = {
  AWS: awsTests,
  CanonicalUser: (text) => (CANONICAL_ID.test(text) ? [canonicalTest(text)] : []),
  Service: (text) => (SERVICE.test(text) ? [serviceTest(text)] : []),
  Federated: (text) => (PROVIDER_ARN.test(text) || PROVIDER_NAME.test(text) ? [federatedTest(text)] : []),
};

export const isPrincipalType = (name: string): name is PrincipalType => Object.hasOwn(TESTS, name);

/** What reaches furthest first. */
const ORDER: Readonly<Record<Level, number>> = {
  session: 0,
  user: 1,
  service: 2,
  federated: 3,
  everyone: 4,
  role: 5,
  maker: 6,
  account: 7,
};

/** What NotPrincipal must name of a caller to leave it out: AWS looks at the account, then the role, then the session. */
const levelsOf = ({ principal }: Caller): readonly Level[] => {
  switch (principal.kind) {
    case "Root":
      return ["account"];
    case "User":
      return ["account", "user"];
    case "AssumedRole":
      return ["account", "role", "session"];
    case "FederatedUser":
      return ["account", "session"];
    case "Anonymous":
  }
  principal satisfies { readonly kind: "Anonymous" };
  return ["everyone"];
};

type Levels = ReadonlySet<Level>;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html */
const isLeftOut = (caller: Caller, named: Levels): boolean =>
  named.has("everyone") || named.has("service") || levelsOf(caller).every((level) => named.has(level));

/** Makes the principals of a statement; undefined where one of them is none. */
export const principalsOf = (
  named: readonly NamedPrincipal[],
  { except }: { readonly except: boolean },
): Principals | undefined => {
  const tests = named.map(({ type, text }) => TESTS[type](text));
  if (tests.some((each) => each.length === 0)) return undefined;
  const sorted = tests.flat().toSorted((one, other) => ORDER[one.level] - ORDER[other.level]);
  return {
    named,
    except,
    match: (caller, values) => {
      if (!except) return sorted.find(({ fits }) => fits(caller, values))?.level;
      const levels = new Set(sorted.filter(({ fits }) => fits(caller, values)).map(({ level }) => level));
      return isLeftOut(caller, levels) ? undefined : "except";
    },
  };
};
