/**
 * The condition keys that every service has, and where their values come from. docs/condition-keys.md is the same table for readers.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
import { callerArn, callerUserId, type Caller } from "../protocol/caller.ts";
import type { ConditionValues } from "./question.ts";
import type { RequestFacts, Tag } from "./request-facts.ts";

/** One value, several, or undefined where the request's context has no such key. */
type Found = string | readonly string[] | undefined;

/** Values by the keys' names in lower case. */
export type KeyTable<Facts> = Readonly<Record<string, (facts: Facts) => Found>>;
/** Values of keys with a name of the user's behind a slash, which is given in lower case, by what stands before it and the slash. */
export type NamedKeyTable<Facts> = Readonly<Record<string, (facts: Facts, name: string) => Found>>;

const SECOND_MS = 1000;

const isoSeconds = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;

/** The value of a tag whose name is the key's without regard to case, as condition keys have none. */
export const tagValue = (tags: readonly Tag[] | undefined, name: string): string | undefined =>
  tags?.find(({ key }) => key.toLowerCase() === name)?.value;

/** The names of tags; undefined where there are none at all. */
export const tagKeys = (tags: readonly Tag[] | undefined): readonly string[] | undefined =>
  tags === undefined || tags.length === 0 ? undefined : tags.map(({ key }) => key);

/** A role's session is its role to policies. Undefined for an anonymous caller, which has no ARN. */
const principalArn = (caller: Caller): string | undefined => {
  const { partition, accountId, principal } = caller;
  if (principal.kind === "Anonymous") return undefined;
  if (principal.kind !== "AssumedRole") return callerArn(caller);
  return `arn:${partition}:iam::${accountId}:role${principal.rolePath ?? "/"}${principal.roleName}`;
};

const PRINCIPAL_TYPES: Readonly<Record<Caller["principal"]["kind"], string>> = {
  Root: "Account",
  User: "User",
  AssumedRole: "AssumedRole",
  FederatedUser: "FederatedUser",
  Anonymous: "Anonymous",
};

const unlessAnonymous = <T>(caller: Caller, value: T): T | undefined =>
  caller.principal.kind === "Anonymous" ? undefined : value;

/** Only temporary credentials say whether there was a second factor: long-term keys have no such key, not even `false`. */
const mfaPresent = ({ session }: Caller): string | undefined =>
  session === undefined ? undefined : String(session.mfa === true);

const mfaAge = ({ caller: { session }, nowMs }: RequestFacts): string | undefined =>
  session?.mfa === true ? String(Math.floor((nowMs - session.issuedAtMs) / SECOND_MS)) : undefined;

/** Global keys with one name each. */
export const GLOBAL_KEYS = {
  "aws:currenttime": ({ nowMs }) => isoSeconds(nowMs),
  "aws:epochtime": ({ nowMs }) => String(Math.floor(nowMs / SECOND_MS)),
  "aws:federatedprovider": ({ caller }) => caller.session?.federatedProvider,
  "aws:multifactorauthage": mfaAge,
  "aws:multifactorauthpresent": ({ caller }) => mfaPresent(caller),
  "aws:principalaccount": ({ caller }) => unlessAnonymous(caller, caller.accountId),
  "aws:principalarn": ({ caller }) => principalArn(caller),
  "aws:principalisawsservice": ({ source }) => String(source !== undefined),
  "aws:principalservicename": ({ source }) => source?.service,
  "aws:principaltype": ({ caller }) => PRINCIPAL_TYPES[caller.principal.kind],
  "aws:referer": ({ headers }) => headers["referer"],
  "aws:requestedregion": ({ region }) => region,
  "aws:resourceaccount": ({ resourceAccountId }) => resourceAccountId,
  "aws:securetransport": ({ secure }) => String(secure),
  "aws:sourceaccount": ({ source }) => source?.accountId,
  "aws:sourcearn": ({ source }) => source?.arn,
  "aws:sourceidentity": ({ caller }) => caller.session?.sourceIdentity,
  "aws:sourceip": ({ remoteAddress, source }) => (source === undefined ? remoteAddress : undefined),
  "aws:tagkeys": ({ requestTags }) => tagKeys(requestTags),
  "aws:tokenissuetime": ({ caller }) => caller.session && isoSeconds(caller.session.issuedAtMs),
  "aws:useragent": ({ headers }) => headers["user-agent"],
  "aws:userid": ({ caller }) => callerUserId(caller),
  "aws:username": ({ caller: { principal } }) => (principal.kind === "User" ? principal.userName : undefined),
  "aws:viaawsservice": () => "false",
} as const satisfies KeyTable<RequestFacts>;

/** Global keys with a tag's name in them. */
export const GLOBAL_NAMED_KEYS = {
  "aws:principaltag/": ({ caller, identityTags }, name) =>
    tagValue(caller.session?.tags, name) ?? tagValue(identityTags, name),
  "aws:requesttag/": ({ requestTags }, name) => tagValue(requestTags, name),
  "aws:resourcetag/": ({ resourceTags }, name) => tagValue(resourceTags, name),
} as const satisfies NamedKeyTable<RequestFacts>;

const asList = (found: Found): readonly string[] | undefined => (typeof found === "string" ? [found] : found);

/**
 * Makes of tables of keys a function from a request to its values. What the identity provider's word left in a session counts where
 * no table has the key.
 */
export const keyValues = <Facts extends RequestFacts>(tables: {
  readonly keys: KeyTable<Facts>;
  readonly named: NamedKeyTable<Facts>;
}): ((facts: Facts) => ConditionValues) => {
  const keys = new Map(Object.entries(tables.keys));
  const named = new Map(Object.entries(tables.named));
  return (facts) => (key) => {
    const row = keys.get(key);
    if (row !== undefined) return asList(row(facts));
    const slash = key.indexOf("/") + 1;
    const namedRow = slash === 0 ? undefined : named.get(key.slice(0, slash));
    if (namedRow !== undefined) return asList(namedRow(facts, key.slice(slash)));
    const left = facts.caller.session?.conditionKeys;
    return left !== undefined && Object.hasOwn(left, key) ? left[key] : undefined;
  };
};

/** The values of the global condition keys in a request: what a service without keys of its own asks policies with. */
export const globalValues: (facts: RequestFacts) => ConditionValues = keyValues<RequestFacts>({
  keys: GLOBAL_KEYS,
  named: GLOBAL_NAMED_KEYS,
});
