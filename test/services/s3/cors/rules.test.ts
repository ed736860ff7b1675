/** Which rule a request fits, held against regular expressions. */
import test from "ava";
import * as fc from "fast-check";
import { corsHeaders, parseCorsRules, readRequestedHeaders } from "../../../../src/services/s3/cors/rules.ts";

const RUNS = Number(process.env["RUNS"] ?? 500);

/** Short texts of few letters, so that many fit, with at most one wildcard. */
const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "/"), maxLength: 4 });
const pattern = fc.oneof(
  text,
  fc.tuple(text, text).map(([before, after]) => `${before}*${after}`),
);
const method = fc.constantFrom("GET", "PUT");

const regexOf = (wanted: string): RegExp =>
  new RegExp(`^${wanted.replaceAll(/[.*/]/g, (found) => (found === "*" ? ".*" : `\\${found}`))}$`);

const rule = fc.record({
  AllowedOrigins: fc.array(pattern, { minLength: 1, maxLength: 2 }),
  AllowedMethods: fc.uniqueArray(method, { minLength: 1 }),
  AllowedHeaders: fc.array(pattern, { maxLength: 2 }),
});
const question = fc.record({ origin: text, method, headers: fc.array(text, { maxLength: 2 }) });

test("the first rule whose origin, method and headers all fit answers, and no other", (t) => {
  const property = fc.property(fc.array(rule, { maxLength: 3 }), question, (CORSRules, asked) => {
    const first = CORSRules.find(
      ({ AllowedOrigins, AllowedMethods, AllowedHeaders }) =>
        AllowedOrigins.some((wanted) => regexOf(wanted).test(asked.origin)) &&
        AllowedMethods.includes(asked.method) &&
        asked.headers.every((header) => AllowedHeaders.some((wanted) => regexOf(wanted).test(header))),
    );
    const answered = corsHeaders(parseCorsRules(JSON.stringify({ CORSRules })), asked);
    t.is(answered?.["Access-Control-Allow-Methods"], first?.AllowedMethods.join(", "));
    if (first === undefined) return;
    const by = first.AllowedOrigins.find((wanted) => regexOf(wanted).test(asked.origin));
    t.is(answered?.["Access-Control-Allow-Origin"], by === "*" ? "*" : asked.origin);
    t.is(answered?.["Access-Control-Allow-Credentials"], by === "*" ? undefined : "true");
  });
  fc.assert(property, { numRuns: RUNS });
});

test("requested headers are a list of names, in any case and with blanks", (t) => {
  t.deepEqual(readRequestedHeaders(" X-Amz-Date , content-TYPE,,"), ["x-amz-date", "content-type"]);
  t.deepEqual(readRequestedHeaders(undefined), []);
});
