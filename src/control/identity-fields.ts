/** Reads what a harness says of identities: each function answers a good value or throws INVALID_ARGUMENT that names the field. */
import { parsePolicy } from "../access/policy/parse-policy.ts";
import { PolicySyntaxError } from "../access/policy/syntax-error.ts";
import { AWS_MANAGED, findAwsManagedPolicy } from "../state/identities/aws-managed.ts";
import { parsePolicyArn } from "../state/identities/find.ts";
import type { IdentityTag, InlinePolicy } from "../state/identities/model.ts";
import { invalidField } from "./errors.ts";
import { ATTACHED_POLICIES_MAX, IDENTITY_TAGS_MAX, INLINE_POLICIES_MAX } from "./limits.ts";

const NAME = /^[\w+=,.@-]+$/;
const SAML_NAME = /^[\w.-]{1,128}$/;
const PATH = /^\/(?:[!-~]{1,510}\/)?$/;
const URL_FORM = /^(?:https:\/\/)?([\w.-]+(?::\d{1,5})?(?:\/[^\s?#]*)?)$/;
const URL_CHARS_MAX = 255;

/** The name of a user, role or policy. */
export const readIdentityName = (
  name: string,
  { field, charsMax }: { readonly field: string; readonly charsMax: number },
): string => {
  if (name.length <= charsMax && NAME.test(name)) return name;
  throw invalidField(field, `must be 1 to ${charsMax} letters, digits and +=,.@_-`);
};

export const readSamlName = (name: string, field: string): string => {
  if (!SAML_NAME.test(name)) throw invalidField(field, "must be 1 to 128 letters, digits and ._-");
  return name;
};

/** A provider's URL without `https://`. */
export const readProviderUrl = (url: string, field: string): string => {
  const read = URL_FORM.exec(url)?.[1];
  if (read !== undefined && url.length <= URL_CHARS_MAX) return read;
  throw invalidField(field, `must be an https URL of at most ${URL_CHARS_MAX} characters without a query`);
};

export const readPath = (path: string, field: string): string => {
  if (path === "") return "/";
  if (!PATH.test(path)) throw invalidField(field, "must begin and end with /");
  return path;
};

/** A policy's text as it was given. */
export const readDocument = (document: string, field: string, kind: "identity" | "session" | "trust"): string => {
  try {
    parsePolicy(document, { kind });
    return document;
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw invalidField(field, `is no policy: ${error.message}`);
    throw error;
  }
};

export const readInlinePolicies = (
  policies: readonly { readonly name: string; readonly document: string }[],
  field: string,
): readonly InlinePolicy[] => {
  if (policies.length > INLINE_POLICIES_MAX) throw invalidField(field, `must be at most ${INLINE_POLICIES_MAX}`);
  const read = policies.map(({ name, document }, index) => ({
    name: readIdentityName(name, { field: `${field}[${index}].name`, charsMax: 128 }),
    document: readDocument(document, `${field}[${index}].document`, "identity"),
  }));
  if (new Set(read.map(({ name }) => name)).size < read.length) throw invalidField(field, "must have a name each");
  return read.toSorted((one, other) => (one.name < other.name ? -1 : 1));
};

/** The ARN of a managed policy of AWS's own or of the account's, which need not be there yet. */
const readPolicyArn = (arn: string, field: string, accountId: string): string => {
  const parsed = parsePolicyArn(arn);
  if (parsed === undefined) throw invalidField(field, "must be the ARN of a managed policy");
  if (parsed.accountId === AWS_MANAGED) {
    if (findAwsManagedPolicy(parsed) !== undefined) return arn;
    throw invalidField(field, "names none of the policies of AWS's own that are kept here");
  }
  if (parsed.accountId !== accountId) throw invalidField(field, "names a policy of another account");
  return arn;
};

export const readAttachedArns = (arns: readonly string[], field: string, accountId: string): readonly string[] => {
  if (arns.length > ATTACHED_POLICIES_MAX) throw invalidField(field, `must be at most ${ATTACHED_POLICIES_MAX}`);
  return [...new Set(arns.map((arn, index) => readPolicyArn(arn, `${field}[${index}]`, accountId)))];
};

/** Nothing where there is none. */
export const readBoundary = (
  arn: string,
  field: string,
  accountId: string,
): { readonly permissionsBoundary?: string } =>
  arn === "" ? {} : { permissionsBoundary: readPolicyArn(arn, field, accountId) };

const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

export const readIdentityTags = (
  tags: readonly { readonly key: string; readonly value: string }[],
  field: string,
): readonly IdentityTag[] => {
  if (tags.length > IDENTITY_TAGS_MAX) throw invalidField(field, `must be at most ${IDENTITY_TAGS_MAX}`);
  const read = tags.map(({ key, value }, index) => {
    if (!TAG_KEY.test(key))
      throw invalidField(`${field}[${index}].key`, "must be 1 to 128 characters that tags may have");
    if (!TAG_VALUE.test(value)) {
      throw invalidField(`${field}[${index}].value`, "must be at most 256 characters that tags may have");
    }
    return { key, value };
  });
  if (new Set(read.map(({ key }) => key.toLowerCase())).size < read.length) {
    throw invalidField(field, "must have a key each, whatever its case");
  }
  return read;
};

/** Nothing where there is none. */
export const readDescription = (text: string, field: string): { readonly description?: string } => {
  if (text.length > 1_000 || !text.isWellFormed()) throw invalidField(field, "must be at most 1,000 characters");
  return text === "" ? {} : { description: text };
};

/** Texts that a key set must have. */
export const readKeySet = (keySet: string, field: string): { readonly keySet?: string } => {
  if (keySet === "") return {};
  const parsed = parseJson(keySet);
  const isSet = typeof parsed === "object" && parsed !== null && "keys" in parsed && Array.isArray(parsed.keys);
  if (!isSet) throw invalidField(field, "must be a JSON Web Key Set: an object with keys");
  return { keySet };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
