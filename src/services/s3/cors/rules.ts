/**
 * A bucket's CORS rules as browsers' requests are held against them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */

/** What tells which of a rule's texts fit: at most one `*`, which stands for any run of characters. */
type Pattern = (text: string) => boolean;

export type CorsRule = {
  readonly origins: readonly { readonly text: string; readonly fits: Pattern }[];
  readonly methods: readonly string[];
  readonly headers: readonly Pattern[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds: number | undefined;
};

/** What a browser asks: from where, which method, and which headers (lower case) it would send. */
export type CorsQuestion = {
  readonly origin: string;
  readonly method: string;
  readonly headers: readonly string[];
};

/** The rule that allows something, and the origin in it that did. */
type CorsMatch = { readonly rule: CorsRule; readonly anyOrigin: boolean };

/** AWS's shape of it, as far as it matters here. */
type CorsDocument = {
  readonly CORSRules?: readonly {
    readonly AllowedOrigins?: readonly string[];
    readonly AllowedMethods?: readonly string[];
    readonly AllowedHeaders?: readonly string[];
    readonly ExposeHeaders?: readonly string[];
    readonly MaxAgeSeconds?: number;
  }[];
};

const ANY = "*";

const patternOf = (text: string): Pattern => {
  const at = text.indexOf(ANY);
  if (at < 0) return (other) => other === text;
  const before = text.slice(0, at);
  const after = text.slice(at + 1);
  return (other) => other.length >= before.length + after.length && other.startsWith(before) && other.endsWith(after);
};

/** A stored CORS configuration as rules. */
export const parseCorsRules = (document: string): readonly CorsRule[] =>
  ((JSON.parse(document) as CorsDocument).CORSRules ?? []).map((rule) => ({
    origins: (rule.AllowedOrigins ?? []).map((text) => ({ text, fits: patternOf(text) })),
    methods: rule.AllowedMethods ?? [],
    headers: (rule.AllowedHeaders ?? []).map((text) => patternOf(text.toLowerCase())),
    exposeHeaders: rule.ExposeHeaders ?? [],
    maxAgeSeconds: rule.MaxAgeSeconds,
  }));

/** The names in an Access-Control-Request-Headers header, in lower case. */
export const readRequestedHeaders = (header: string | undefined): readonly string[] =>
  header === undefined
    ? []
    : header
        .split(",")
        .map((name) => name.trim().toLowerCase())
        .filter((name) => name !== "");

const matchRule = (rule: CorsRule, { origin, method, headers }: CorsQuestion): CorsMatch | undefined => {
  if (!rule.methods.includes(method)) return undefined;
  const allowed = rule.origins.find(({ fits }) => fits(origin));
  if (allowed === undefined) return undefined;
  if (!headers.every((name) => rule.headers.some((fits) => fits(name)))) return undefined;
  return { rule, anyOrigin: allowed.text === ANY };
};

/**
 * The headers that answer a browser by the first rule that fits; undefined where none does.
 * An origin that a rule names, be it with a wildcard in it, may send credentials; one that `*` alone allows may not.
 */
export const corsHeaders = (
  rules: readonly CorsRule[],
  question: CorsQuestion,
): Readonly<Record<string, string>> | undefined => {
  for (const candidate of rules) {
    const match = matchRule(candidate, question);
    if (match === undefined) continue;
    const { rule, anyOrigin } = match;
    const { headers, origin } = question;
    return {
      "Access-Control-Allow-Origin": anyOrigin ? ANY : origin,
      "Access-Control-Allow-Methods": rule.methods.join(", "),
      ...(headers.length === 0 ? {} : { "Access-Control-Allow-Headers": headers.join(", ") }),
      ...(rule.exposeHeaders.length === 0 ? {} : { "Access-Control-Expose-Headers": rule.exposeHeaders.join(", ") }),
      ...(rule.maxAgeSeconds === undefined ? {} : { "Access-Control-Max-Age": String(rule.maxAgeSeconds) }),
      ...(anyOrigin ? {} : { "Access-Control-Allow-Credentials": "true" }),
      Vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    };
  }
  return undefined;
};
