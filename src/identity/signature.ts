/** Any kind of signature against a secret. */
import { hash } from "node:crypto";

import type { HeaderOrQueryAuthorization, V4Header, V4Query } from "./authorization.ts";
import {
  hostNotSigned,
  malformedAuthorization,
  missingDate,
  missingPayloadHash,
  unsupportedAuthorization,
} from "./identity-errors.ts";
import type { ServiceFamily } from "./identity-errors.ts";
import { checkPostForm } from "./post-form.ts";
import type { FormAuthorization } from "./post-form.ts";
import { readQuery } from "./raw-query.ts";
import type { RequestFacts } from "./request-facts.ts";
import type { IdentitySettings } from "./resolve-account.ts";
import { checkV2 } from "./sigv2.ts";
import { checkV4, scopeText, signedTime } from "./sigv4.ts";
import type { ChunkSigning } from "../protocol/aws-chunked/chunk-signatures.ts";

export type SignatureCheck =
  | {
      readonly matches: true;
      /** What verifies the chunks of an aws-chunked body. */
      readonly chunkSigning?: ChunkSigning;
      /** Another host than the request's, which it was signed for. */
      readonly signedHost?: string;
    }
  | { readonly matches: false; error(): Error };

type CheckInput = {
  readonly request: RequestFacts;
  readonly family: ServiceFamily;
  readonly authorization: HeaderOrQueryAuthorization | FormAuthorization;
  readonly secretAccessKey: string;
  readonly bodySha256?: string | undefined;
  readonly virtualBucket?: string | undefined;
  readonly settings: Pick<IdentitySettings, "equivalentHosts">;
};

const SIGNS_HOST = /(?:^|;)host(?:;|$)/i;
const EMPTY_SHA256 = hash("sha256", "", "hex");

/** The payload hash that was signed; undefined where S3 needs one and there is none. */
const payloadHashOf = (input: CheckInput): string | undefined => {
  const { request, family, authorization } = input;
  const header = request.headers["x-amz-content-sha256"];
  // STS and IAM sign the body as it is: only S3 knows a body that is not signed.
  if (family === "query") return input.bodySha256 ?? EMPTY_SHA256;
  if (authorization.kind === "v4-header") return header;
  if (header !== undefined) return header;
  const query = readQuery(request.rawQuery);
  return query.get("X-Amz-Content-Sha256") ?? query.get("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD";
};

const refused = (error: () => Error): SignatureCheck => ({ matches: false, error });

const NO_HOSTS: readonly string[] = [];

/** A host names the bucket too where the request's does. */
const equivalentHosts = ({ settings, virtualBucket }: CheckInput): readonly string[] =>
  settings.equivalentHosts?.flatMap((host) =>
    virtualBucket === undefined ? [host] : [host, `${virtualBucket}.${host}`],
  ) ?? NO_HOSTS;

const missingComponent = (authorization: V4Header | V4Query): string | undefined => {
  if (authorization.signedHeaders === "") return "SignedHeaders";
  return authorization.signature === "" ? "Signature" : undefined;
};

const checkV4Request = (input: CheckInput, authorization: V4Header | V4Query): SignatureCheck => {
  const { request, family, secretAccessKey } = input;
  const missing = missingComponent(authorization);
  if (missing !== undefined) {
    const problem = family === "s3" ? `missing ${missing}.` : `Authorization header requires '${missing}' parameter.`;
    return refused(() => malformedAuthorization(family, { place: "header", problem }));
  }
  const amzDate = signedTime(request, authorization);
  if (amzDate === undefined) return refused(() => missingDate(family));
  if (!amzDate.startsWith(authorization.scope.date)) {
    const problem = "Invalid credential date. Date is not the same as X-Amz-Date.";
    return refused(() => malformedAuthorization(family, { place: "header", problem }));
  }
  if (!SIGNS_HOST.test(authorization.signedHeaders)) return refused(() => hostNotSigned(family));
  const payloadHash = payloadHashOf(input);
  if (payloadHash === undefined) return refused(missingPayloadHash);
  const hosts = equivalentHosts(input);
  const check = checkV4({ request, family, authorization, secretAccessKey, payloadHash, amzDate, hosts });
  if (!check.matches) return check;
  const { accessKeyId, scope, signature: seedSignature } = authorization;
  const { signingKey, signedHost } = check;
  const chunkSigning = { accessKeyId, signingKey, scope: scopeText(scope), amzDate, seedSignature };
  return { matches: true, chunkSigning, ...(signedHost !== undefined && { signedHost }) };
};

/** Whether the request was signed with this secret, whatever kind of signature it has. */
export const checkSignature = (input: CheckInput): SignatureCheck => {
  const { authorization, family, request, secretAccessKey } = input;
  switch (authorization.kind) {
    case "v4-header":
    case "v4-query":
      return checkV4Request(input, authorization);
    case "v2-header":
    case "v2-query":
      // AWS took Signature Version 2 away from STS and IAM.
      return family === "query"
        ? refused(() => unsupportedAuthorization(family, "AWS"))
        : checkV2({ request, authorization, secretAccessKey, virtualBucket: input.virtualBucket });
    case "v4-form":
    case "v2-form":
  }
  authorization satisfies FormAuthorization;
  return checkPostForm(authorization, secretAccessKey);
};
