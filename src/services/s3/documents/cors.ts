/** CORS rules. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html */
import type { CORSConfiguration, CORSRule } from "../../../protocol/generated/s3.ts";
import type { Payload } from "../../../protocol/payload.ts";
import { invalidRequest, S3Error } from "../errors.ts";
import { CORS_BYTES_MAX, CORS_RULES_MAX, RULE_ID_CHARS_MAX } from "../limits.ts";
import { argumentError, assertInteger, assertSchema } from "./checks.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "PUT", "POST", "DELETE", "HEAD"]);

/** CORS rules that are put. Errors: MalformedXML, InvalidRequest, InvalidArgument, MaxMessageLengthExceeded. */
export const readCors = (
  configuration: CORSConfiguration,
  { payload }: { readonly payload: Payload },
): CORSConfiguration => {
  if ((payload.sizeBytes ?? 0) > CORS_BYTES_MAX) {
    throw new S3Error("MaxMessageLengthExceeded", { MaxMessageLengthBytes: String(CORS_BYTES_MAX) });
  }
  const { CORSRules: rules } = configuration;
  assertSchema(rules.length > 0 && rules.length <= CORS_RULES_MAX);
  for (const rule of rules) assertRule(rule);
  return configuration;
};

const assertRule = ({ ID, AllowedMethods, AllowedOrigins, AllowedHeaders, ExposeHeaders, MaxAgeSeconds }: CORSRule) => {
  if (ID !== undefined && ID.length > RULE_ID_CHARS_MAX) {
    throw argumentError("ID", ID, `ID length should not exceed allowed limit of ${RULE_ID_CHARS_MAX}`);
  }
  assertInteger(MaxAgeSeconds);
  assertSchema(MaxAgeSeconds === undefined || MaxAgeSeconds >= 0);
  for (const method of AllowedMethods) {
    if (METHODS.has(method)) continue;
    throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
  }
  assertWildcards("AllowedOrigin", AllowedOrigins);
  assertWildcards("AllowedHeader", AllowedHeaders ?? []);
  for (const header of ExposeHeaders ?? []) {
    if (header.includes("*")) {
      throw invalidRequest(
        `ExposeHeader "${header}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
      );
    }
  }
};

const assertWildcards = (name: string, texts: readonly string[]): void => {
  for (const text of texts) {
    if (text.split("*").length > 2) throw invalidRequest(`${name} "${text}" can not have more than one wildcard.`);
  }
};

/** Reads what was kept. */
export const parseCors = (document: string): CORSConfiguration => JSON.parse(document) as CORSConfiguration;
