/**
 * Credentials in the fields of a browser's POST: the signed text is the policy itself.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
 */
import { createHmac } from "node:crypto";

import { parseBasicTime } from "./amz-time.ts";
import { parseCredential } from "./authorization.ts";
import type { V4Credential } from "./authorization.ts";
import { badFormField, missingFormField, sigV4ANotBuilt, signatureDoesNotMatch } from "./identity-errors.ts";
import { sameText } from "./same-text.ts";
import { signingKeyFor } from "./sigv4.ts";

/** The fields before `file`, by lower-case name. */
export type FormFields = ReadonlyMap<string, string>;

type FormFacts = {
  /** Base64, as sent: this is what was signed. */
  readonly policy: string;
  readonly signature: string;
  readonly sessionToken?: string;
};
type V4Form = FormFacts & V4Credential & { readonly kind: "v4-form"; readonly amzDate: string };
type V2Form = FormFacts & { readonly kind: "v2-form"; readonly accessKeyId: string };
export type FormAuthorization = V4Form | V2Form;

const V4_FIELDS = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"] as const;

const requireField = (fields: FormFields, name: string): string => {
  const value = fields.get(name.toLowerCase());
  if (value === undefined) throw missingFormField(name);
  return value;
};

const tokenOf = (fields: FormFields): { readonly sessionToken?: string } => {
  const sessionToken = fields.get("x-amz-security-token");
  return sessionToken === undefined || sessionToken === "" ? {} : { sessionToken };
};

const parseV4Form = (fields: FormFields): V4Form => {
  const policy = requireField(fields, "Policy");
  const algorithm = requireField(fields, "X-Amz-Algorithm");
  const credential = requireField(fields, "X-Amz-Credential");
  const amzDate = requireField(fields, "X-Amz-Date");
  const signature = requireField(fields, "X-Amz-Signature");
  if (algorithm === "AWS4-ECDSA-P256-SHA256") throw sigV4ANotBuilt();
  if (algorithm !== "AWS4-HMAC-SHA256") {
    throw badFormField({ field: "X-Amz-Algorithm", value: algorithm, problem: "Unsupported signature algorithm" });
  }
  if (parseBasicTime(amzDate) === undefined) {
    // AWS's spelling.
    const problem = "X-Amz-Date must be formated via ISO8601 Long format";
    throw badFormField({ field: "X-Amz-Date", value: amzDate, problem });
  }
  const parsed = parseCredential(credential, (problem) =>
    badFormField({ field: "X-Amz-Credential", value: credential, problem }),
  );
  return { kind: "v4-form", ...parsed, policy, amzDate, signature, ...tokenOf(fields) };
};

/**
 * The credentials of a form; undefined for one without policy and signature, which is an unsigned upload.
 * Errors: InvalidArgument, with the field's name, for one that is missing or malformed.
 */
export const parsePostForm = (fields: FormFields): FormAuthorization | undefined => {
  if (V4_FIELDS.some((name) => fields.has(name.toLowerCase()))) return parseV4Form(fields);
  // A policy that nobody signed is nobody's.
  if (!fields.has("awsaccesskeyid") && !fields.has("signature")) return undefined;
  return {
    kind: "v2-form",
    policy: requireField(fields, "Policy"),
    accessKeyId: requireField(fields, "AWSAccessKeyId"),
    signature: requireField(fields, "Signature"),
    ...tokenOf(fields),
  };
};

const calculate = (authorization: FormAuthorization, secretAccessKey: string): string =>
  authorization.kind === "v4-form"
    ? createHmac("sha256", signingKeyFor(secretAccessKey, authorization.scope))
        .update(authorization.policy)
        .digest("hex")
    : createHmac("sha1", secretAccessKey).update(authorization.policy).digest("base64");

export type FormCheck = { readonly matches: true } | { readonly matches: false; error(): Error };

/** Whether the policy was signed with this secret. */
export const checkPostForm = (authorization: FormAuthorization, secretAccessKey: string): FormCheck => {
  const { accessKeyId, signature, policy } = authorization;
  if (sameText(calculate(authorization, secretAccessKey), signature)) return { matches: true };
  return {
    matches: false,
    error: () => signatureDoesNotMatch("s3", { accessKeyId, signature, stringToSign: policy }),
  };
};
