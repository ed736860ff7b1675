/**
 * Whether a statement is about a request, straight from AWS's pages and from nothing else: statements are JSON as they were
 * written, wildcards are regular expressions, nothing is prepared and nothing is kept.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */

export type PlainValue = string | number | boolean;
type OneOrMany<T> = T | readonly T[];

export type PlainStatement = {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, OneOrMany<string>>>;
  readonly NotPrincipal?: "*" | Readonly<Record<string, OneOrMany<string>>>;
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany<PlainValue>>>>>;
};

export type PlainPolicy = { readonly Version?: string; readonly Statement: readonly PlainStatement[] };

export type PlainCaller = {
  readonly accountId: string;
  readonly canonicalId: string;
  readonly kind: "root" | "user" | "role" | "federated" | "anonymous";
  /** Its ARNs, from the general to the particular: a user's one, a role's and its session's; none for root. */
  readonly arns: readonly string[];
};

export type PlainRequest = {
  readonly caller: PlainCaller;
  readonly action: string;
  readonly resource: string;
  /** By names in lower case. */
  readonly context: Readonly<Record<string, readonly string[]>>;
};

const list = <T>(value: OneOrMany<T> | undefined): readonly T[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
};

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);

/** A pattern as a regular expression; what stands between « and » stands for itself. */
const expression = (pattern: string, { star = "[^]*", one = "[^]" } = {}): string =>
  pattern
    .split(/(«[^»]*»|[*?])/)
    .map((part) => {
      if (part === "*") return star;
      if (part === "?") return one;
      return escaped(part.replaceAll(/[«»]/g, ""));
    })
    .join("");

const like = (pattern: string, text: string): boolean => new RegExp(`^${expression(pattern)}$`, "u").test(text);

/** "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries." */
const resourceLike = (pattern: string, resource: string): boolean => {
  const colons = [...pattern.matchAll(/:/g)].map(({ index }) => index);
  const fifth = colons[4];
  const head = fifth === undefined ? pattern : pattern.slice(0, fifth);
  const tail = fifth === undefined ? "" : pattern.slice(fifth);
  const segments = head.split(":").map((segment) => {
    const open = segment.endsWith("*");
    const inner = open ? segment.slice(0, -1) : segment;
    return expression(inner, { star: "[^:]*", one: "[^:]" }) + (open ? "[^]*" : "");
  });
  return new RegExp(`^${segments.join(":")}${expression(tail)}$`, "u").test(resource);
};

const arnLike = (pattern: string, arn: string): boolean => {
  if (pattern === "*") return true;
  const split = (text: string): string[] => {
    const parts = text.split(":");
    return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
  };
  const [wanted, actual] = [split(pattern), split(arn)];
  return wanted.length === actual.length && wanted.every((part, at) => like(part, actual[at] ?? ""));
};

/** What a text says with its variables replaced; undefined where one has no value. */
const replaced = (text: string, version: string | undefined, { context }: PlainRequest): string | undefined => {
  if (version !== "2012-10-17") return text;
  let missing = false;
  const done = text.replaceAll(/\$\{([^{}]*)\}/g, (whole, inside: string) => {
    if (inside === "*" || inside === "?" || inside === "$") return `«${inside}»`;
    const [, name, fallback] = /^\s*([^,'\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(inside) ?? [];
    if (name === undefined) return whole;
    const values = context[name.toLowerCase()];
    const value = values?.length === 1 ? values[0] : fallback;
    if (value === undefined) missing = true;
    return `«${value}»`;
  });
  return missing ? undefined : done;
};

const bare = (text: string): string => text.replaceAll(/[«»]/g, "");

const toNumber = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
const toTime = (text: string): number => (/^\d{5,}(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const toBits = (address: string): string => {
  if (!address.includes(":"))
    return address
      .split(".")
      .map((part) => Number(part).toString(2).padStart(8, "0"))
      .join("");
  const [left = "", right] = address.split("::");
  const groups = (half: string): string[] => (half === "" ? [] : half.split(":"));
  const [before, after] = [groups(left), groups(right ?? "")];
  const zeros = right === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after]
    .map((part) => Number.parseInt(part, 16).toString(2).padStart(16, "0"))
    .join("");
};

const inRange = (range: string, address: string): boolean => {
  const [base = "", prefix] = range.split("/");
  const [wanted, actual] = [toBits(base), toBits(address)];
  const length = prefix === undefined ? wanted.length : Number(prefix);
  return wanted.length === actual.length && wanted.slice(0, length) === actual.slice(0, length);
};

/** Whether one value of a request matches one of a policy, by the operator without `Not`. */
const compare = (operator: string, wanted: string, actual: string): boolean => {
  switch (operator) {
    case "StringEquals":
      return bare(wanted) === actual;
    case "StringEqualsIgnoreCase":
    case "Bool":
      return bare(wanted).toLowerCase() === actual.toLowerCase();
    case "StringLike":
      return like(wanted, actual);
    case "ArnEquals":
    case "ArnLike":
      return arnLike(wanted, actual);
    case "BinaryEquals":
      return Buffer.from(wanted, "base64").equals(Buffer.from(actual, "base64"));
    case "IpAddress":
      return inRange(wanted, actual);
    default: {
      const read = operator.startsWith("Numeric") ? toNumber : toTime;
      const [left, right] = [read(actual), read(wanted)];
      const relation = operator.replace(/^(Numeric|Date)/, "");
      if (relation === "Equals") return left === right;
      if (relation === "LessThan") return left < right;
      if (relation === "LessThanEquals") return left <= right;
      return relation === "GreaterThan" ? left > right : left >= right;
    }
  }
};

const takesVariables = (operator: string): boolean => /^(String|Arn|Bool)/.test(operator);

type PlainCondition = { readonly operator: string; readonly key: string; readonly wanted: readonly PlainValue[] };

const conditionHolds = (condition: PlainCondition, version: string | undefined, request: PlainRequest): boolean => {
  const [, quantifier, named = "", ifExists] = /^(?:(\w+):)?(\w+?)(IfExists)?$/.exec(condition.operator) ?? [];
  const actual = request.context[condition.key.toLowerCase()] ?? [];
  const absent = actual.length === 0;
  const wanted = condition.wanted.map(String);
  if (named === "Null") return wanted.includes(String(absent));
  const negated = named.includes("Not");
  const operator = named.replace("Not", "");
  if (absent) {
    // "It also returns true if there are no context keys in the request"; "if the key does not exist, the condition returns false".
    if (quantifier !== undefined) return quantifier === "ForAllValues";
    // "If the key is not present, evaluate the condition element as true."
    if (ifExists !== undefined) return true;
    return negated;
  }
  const matches = (value: string): boolean =>
    wanted.some((text) => {
      const resolved = takesVariables(operator) ? replaced(text, version, request) : text;
      return resolved !== undefined && compare(operator, resolved, value);
    });
  const holds = (value: string): boolean => (negated ? !matches(value) : matches(value));
  if (quantifier === "ForAnyValue") return actual.some((value) => holds(value));
  if (quantifier === "ForAllValues")
    return actual.every((value) => value === "") || actual.every((value) => holds(value));
  return negated ? !actual.some((value) => matches(value)) : actual.some((value) => matches(value));
};

/** How a principal of a policy names a caller; undefined where it does not. */
const namedBy = (type: string, text: string, { caller, context }: PlainRequest): string | undefined => {
  const signed = caller.kind !== "anonymous";
  if (type === "Service") return (context["aws:principalservicename"] ?? []).includes(text) ? "service" : undefined;
  if (type === "Federated") return (context["aws:federatedprovider"] ?? []).includes(text) ? "federated" : undefined;
  if (type === "CanonicalUser") return signed && caller.canonicalId === text ? "account" : undefined;
  if (text === "*") return "everyone";
  if (!signed) return undefined;
  if (text === caller.accountId || text === `arn:aws:iam::${caller.accountId}:root`) return "account";
  if (!caller.arns.includes(text)) return undefined;
  return caller.kind === "role" && text.includes(":role/") ? "role" : "itself";
};

const namings = (principal: NonNullable<PlainStatement["Principal"]>, request: PlainRequest): readonly string[] => {
  const entries: readonly [string, OneOrMany<string>][] =
    principal === "*" ? [["AWS", "*"]] : Object.entries(principal);
  return entries.flatMap(([type, texts]) => list(texts).flatMap((text) => namedBy(type, text, request) ?? []));
};

/** "AWS might validate the account first, then the role, and then the assumed-role user": all of them must be left out. */
const leftOut = (principal: NonNullable<PlainStatement["Principal"]>, request: PlainRequest): boolean => {
  const { caller } = request;
  const by = namings(principal, request);
  if (by.includes("everyone") || by.includes("service")) return true;
  if (caller.kind === "anonymous" || !by.includes("account")) return false;
  const texts = principal === "*" ? [] : list(principal["AWS"]);
  return caller.arns.every((arn) => texts.includes(arn));
};

const REACH = ["itself", "service", "federated", "everyone", "role", "account"];

/**
 * By what a statement is about a request: `itself`, `everyone`, `role`, `account`, ... as its principals name the caller, or
 * `attached` where it has none; undefined where it is not about it.
 */
export const plainMatch = (
  statement: PlainStatement,
  { version, request }: { readonly version: string | undefined; readonly request: PlainRequest },
): string | undefined => {
  const { action, resource } = request;
  const acts = (pattern: string): boolean => like(pattern.toLowerCase(), action.toLowerCase());
  const is = (pattern: string): boolean => {
    const resolved = replaced(pattern, version, request);
    return resolved !== undefined && resourceLike(resolved, resource);
  };
  if (statement.Action !== undefined && !list(statement.Action).some(acts)) return undefined;
  if (statement.NotAction !== undefined && list(statement.NotAction).some(acts)) return undefined;
  if (statement.Resource !== undefined && !list(statement.Resource).some(is)) return undefined;
  if (statement.NotResource !== undefined && list(statement.NotResource).some(is)) return undefined;
  for (const [operator, keys] of Object.entries(statement.Condition ?? {}))
    for (const [key, wanted] of Object.entries(keys))
      if (!conditionHolds({ operator, key, wanted: list(wanted) }, version, request)) return undefined;
  if (statement.NotPrincipal !== undefined) return leftOut(statement.NotPrincipal, request) ? undefined : "everyone";
  if (statement.Principal === undefined) return "attached";
  const by = namings(statement.Principal, request);
  return REACH.find((each) => by.includes(each));
};
