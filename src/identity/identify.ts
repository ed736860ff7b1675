/** The step `identify`: who is calling. Whether to believe it is the next step's question. */
import { partitionOfRegion } from "../protocol/caller.ts";
import { AwsError } from "../protocol/aws-error.ts";
import { parseAuthorization } from "./authorization.ts";
import type { HeaderOrQueryAuthorization } from "./authorization.ts";
import type { ServiceFamily } from "./identity-errors.ts";
import { recogniseKey } from "./known-key.ts";
import type { FindAccessKey, KnownKey } from "./known-key.ts";
import { parsePostForm } from "./post-form.ts";
import type { FormAuthorization, FormFields } from "./post-form.ts";
import type { RequestFacts } from "./request-facts.ts";
import { readAccountHeader, resolveAccount } from "./resolve-account.ts";
import type { IdentitySettings, Resolution } from "./resolve-account.ts";
import type { ServerKey } from "./server-key.ts";
import { checkSignature } from "./signature.ts";

export type Authorization = HeaderOrQueryAuthorization | FormAuthorization;

export type IdentifyInput = {
  readonly request: RequestFacts;
  readonly family: ServiceFamily;
  readonly settings: IdentitySettings;
  readonly serverKey: ServerKey;
  readonly findAccessKey: FindAccessKey;
  /** The region that the host names; left out, the credential scope's counts. */
  readonly region?: string | undefined;
  /** The fields of a POST form, which then hold the credentials. */
  readonly form?: FormFields | undefined;
  /** SHA-256 of the body in hex, for the query services. */
  readonly bodySha256?: string | undefined;
  /** The bucket where the host names it. */
  readonly virtualBucket?: string | undefined;
};

export type Identified = Resolution & {
  /** What the request says; undefined when it is not signed. */
  readonly authorization: Authorization | undefined;
  readonly key: KnownKey;
  /** False for a request that carries no credentials and whose account neither override nor header named. */
  readonly signed: boolean;
};

const UNSIGNED: KnownKey = { kind: "unsigned" };

const readCredentials = (input: IdentifyInput): Authorization | undefined => {
  try {
    const { form, request, family } = input;
    return (form === undefined ? undefined : parsePostForm(form)) ?? parseAuthorization(request, family);
  } catch (error) {
    // `off` believes everything, and what cannot be read says nothing.
    if (input.settings.authMode === "off" && error instanceof AwsError) return undefined;
    throw error;
  }
};

/**
 * Finds the caller; at once, unless a key has to be looked up. Errors: those of `parseAuthorization`, `parsePostForm` and
 * `readAccountHeader`.
 */
export const identify = (input: IdentifyInput): Identified | Promise<Identified> => {
  const { settings, family, request } = input;
  const authorization = readCredentials(input);
  const headerAccountId = readAccountHeader(request.headers, { settings, family });
  if (authorization === undefined) return resolve(input, { authorization, headerAccountId, key: UNSIGNED });
  const key = recogniseKey({
    accessKeyId: authorization.accessKeyId,
    sessionToken: authorization.sessionToken,
    serverKey: input.serverKey,
    findAccessKey: input.findAccessKey,
    fitsSecret: (secretAccessKey) => checkSignature({ ...input, authorization, secretAccessKey }).matches,
  });
  return key instanceof Promise
    ? key.then((found) => resolve(input, { authorization, headerAccountId, key: found }))
    : resolve(input, { authorization, headerAccountId, key });
};

type Credentials = {
  readonly authorization: Authorization | undefined;
  readonly headerAccountId: string | undefined;
  readonly key: KnownKey;
};

const resolve = (input: IdentifyInput, { authorization, headerAccountId, key }: Credentials): Identified => {
  const scopeRegion = authorization !== undefined && "scope" in authorization ? authorization.scope.region : "";
  const resolution = resolveAccount({
    settings: input.settings,
    headerAccountId,
    accessKeyId: authorization?.accessKeyId,
    key,
    partition: partitionOfRegion(input.region ?? scopeRegion),
  });
  const signed = authorization !== undefined || resolution.decidedBy !== "default";
  const { caller, decidedBy } = resolution;
  return { caller, decidedBy, authorization, key, signed };
};
