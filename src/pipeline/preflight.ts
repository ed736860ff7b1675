/** A browser's preflight. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html */
import type { WireResponse } from "../protocol/wire.ts";
import { corsHeaders, readRequestedHeaders } from "../services/s3/cors/rules.ts";
import { S3Error } from "../services/s3/errors.ts";
import { corsRulesOf } from "./cors.ts";
import { findNamedBucket } from "./named-bucket.ts";
import { commonHeaders } from "./s3-steps.ts";
import type { RequestScope } from "./scope.ts";

const METHODS: ReadonlySet<string> = new Set(["GET", "PUT", "HEAD", "POST", "DELETE"]);

const NOT_ALLOWED =
  "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";

/**
 * Whether a browser may send what it asks about; a preflight is nobody's, so no policy is asked. Errors: BadRequest for one without
 * Origin or, once the bucket has rules, with no method of S3's; AccessForbidden, which names the method that was asked about.
 */
export const answerPreflight = async (
  scope: RequestScope,
  { bucket: name, key }: { readonly bucket?: string | undefined; readonly key?: string | undefined },
): Promise<WireResponse> => {
  const { world, request } = scope;
  const { origin, "access-control-request-method": method } = request.headers;
  if (origin === undefined) {
    throw new S3Error("BadRequest", {}, { message: "Insufficient information. Origin request header needed." });
  }
  const bucket = name === undefined ? undefined : await findNamedBucket(scope, name);
  if (bucket === undefined) throw forbidden("CORSResponse: Bucket not found", { method, resource: "BUCKET" });
  const rules = await corsRulesOf(world, bucket);
  if (rules === undefined) {
    throw forbidden("CORSResponse: CORS is not enabled for this bucket.", { method, resource: "BUCKET" });
  }
  if (method === undefined || !METHODS.has(method)) {
    const message = `Invalid Access-Control-Request-Method: ${method ?? "null"}`;
    throw new S3Error("BadRequest", {}, { message });
  }
  const headers = readRequestedHeaders(request.headers["access-control-request-headers"]);
  const allowed = corsHeaders(rules, { origin, method, headers });
  if (allowed === undefined)
    throw forbidden(NOT_ALLOWED, { method, resource: key === undefined ? "BUCKET" : "OBJECT" });
  return { status: 200, headers: { ...commonHeaders(scope), ...allowed } };
};

const forbidden = (
  message: string,
  { method = "OPTIONS", resource }: { readonly method: string | undefined; readonly resource: "BUCKET" | "OBJECT" },
): S3Error => new S3Error("AccessForbidden", { Method: method, ResourceType: resource }, { message });
