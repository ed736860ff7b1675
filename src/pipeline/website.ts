/**
 * A bucket's website endpoint: pages for browsers, from the objects that everybody may read.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
 */
import { Readable } from "node:stream";
import type { Identified } from "../identity/identify.ts";
import type { AwsError } from "../protocol/aws-error.ts";
import { decodeS3Input } from "../protocol/codec/s3-decoder.ts";
import { encodeS3Output } from "../protocol/codec/s3-encoder.ts";
import type { WebsiteConfiguration } from "../protocol/generated/s3.ts";
import type { Payload } from "../protocol/payload.ts";
import { decodePath } from "../protocol/query-string.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import { S3Error } from "../services/s3/errors.ts";
import { S3_HANDLERS } from "../services/s3/handlers.ts";
import { parseWebsite } from "../services/s3/documents/website.ts";
import { errorHeaders } from "../services/s3/website/error-page.ts";
import { redirectAll, redirectByRule, type WebsiteRequest } from "../services/s3/website/redirects.ts";
import { parsedConfiguration } from "../state/configuration-cache.ts";
import type { Bucket } from "../state/model.ts";
import { asAwsError } from "./aws-errors.ts";
import { hideMissing } from "./hide-missing.ts";
import { acceptTerms } from "./bucket-terms.ts";
import { findNamedBucket } from "./named-bucket.ts";
import { noteError } from "./note-error.ts";
import { answerPreflight } from "./preflight.ts";
import { authorize, commonHeaders, contextOf } from "./s3-steps.ts";
import type { RequestScope } from "./scope.ts";
import { answerError, answerFound, answerRedirect, pageErrorOf, statusOf } from "./website-answers.ts";

/** What the steps of a website's request share. */
type Visit = {
  readonly scope: RequestScope;
  readonly bucket: Bucket;
  readonly website: WebsiteConfiguration;
  readonly request: WebsiteRequest;
};

/** Answers a request to the website of the bucket with that name. Errors are pages; it throws nothing but faults. */
export const runWebsiteRequest = async (scope: RequestScope, name: string): Promise<WireResponse> => {
  const { request } = scope;
  scope.trail.note({ service: "s3", operation: "Website", bucketName: name });
  try {
    const key = decodePath(request.rawPath.slice(1));
    scope.trail.note({ key });
    if (request.method === "OPTIONS") return await answerPreflight(scope, { bucket: name, key });
    if (request.method !== "GET" && request.method !== "HEAD") throw methodNotAllowed(request.method);
    const visit = await findWebsite(scope, { name, key });
    return await answerVisit(visit);
  } catch (error) {
    return answerError(scope, asAwsError(scope, error));
  }
};

const websiteOf = (world: RequestScope["world"], bucket: Bucket) =>
  parsedConfiguration(world, bucket, { kind: "website", parse: parseWebsite });

const methodNotAllowed = (method: string): S3Error =>
  new S3Error(
    "MethodNotAllowed",
    { Method: method, ResourceType: "OBJECT" },
    { headers: { Allow: "GET, HEAD, OPTIONS" } },
  );

/** Errors: NoSuchBucket, NoSuchWebsiteConfiguration. */
const findWebsite = async (
  scope: RequestScope,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<Visit> => {
  const bucket = await findNamedBucket(scope, name);
  if (bucket === undefined) throw new S3Error("NoSuchBucket", { BucketName: name });
  scope.trail.note({ bucket });
  const website = await websiteOf(scope.world, bucket);
  if (website === undefined) throw new S3Error("NoSuchWebsiteConfiguration", { BucketName: name });
  const { rawPath, rawQuery, host, secure } = scope.request;
  return { scope, bucket, website, request: { key, rawPath, rawQuery, host, secure } };
};

const answerVisit = async (visit: Visit): Promise<WireResponse> => {
  const { scope, website, request } = visit;
  const everything = redirectAll(website, request);
  if (everything !== undefined) return answerRedirect(scope, everything);
  const page = await readPage(visit);
  const status = "error" in page ? statusOf(page.error) : page.status;
  const redirect = redirectByRule(website, request, { status });
  if (redirect !== undefined) {
    if ("body" in page) discard(page.body);
    return answerRedirect(scope, redirect);
  }
  if (!("error" in page)) return page;
  return status >= 400 ? answerWithErrorDocument(visit, page.error) : answerError(scope, page.error);
};

/** A page, or what stands in its way. */
type Page = WireResponse | { readonly error: AwsError };

const readPage = async (visit: Visit): Promise<Page> => {
  const { scope, website, request } = visit;
  const { key } = request;
  const suffix = website.IndexDocument?.Suffix ?? "";
  const isFolder = key === "" || key.endsWith("/");
  const page = await read(visit, { key: isFolder ? key + suffix : key, headers: scope.request.headers });
  if (isFolder || !("error" in page)) return page;
  const status = statusOf(page.error);
  if (status !== 403 && status !== 404) return page;
  return (await isFolderWithIndex(visit, `${key}/${suffix}`)) ? answerFound(scope, `${request.rawPath}/`) : page;
};

/** Whether what is no key has an index that everybody may read. */
const isFolderWithIndex = async (visit: Visit, indexKey: string): Promise<boolean> => {
  const index = await read(visit, { key: indexKey, headers: {}, method: "HEAD" });
  return !("error" in index);
};

/** Headers of a request that count on a website. */
const CONDITIONS = ["range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];

type Wanted = {
  readonly key: string;
  readonly headers: WireRequest["headers"];
  /** Other than the request's. */
  readonly method?: "HEAD";
};

/** An object as everybody may read it, by the operation that would read it. */
const read = async ({ scope, bucket }: Visit, { key, headers, method }: Wanted): Promise<Page> => {
  const operation: S3OperationName = (method ?? scope.request.method) === "HEAD" ? "HeadObject" : "GetObject";
  const conditions = Object.fromEntries(
    CONDITIONS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
  const query = new Map<string, string>();
  const identified = anyone(bucket);
  try {
    const route = { operation, bucket: bucket.name, key, query };
    await authorize(scope, { operation, route, identified, headers: conditions });
    await acceptTerms(scope, { operation, bucket, identified, headers: conditions });
    const input = decodeS3Input(operation, {
      bucket: bucket.name,
      key,
      query,
      headers: conditions,
      document: undefined,
    });
    const context = contextOf(scope, { identified, bucket, payload: NO_PAYLOAD });
    const handler = S3_HANDLERS[operation] as typeof S3_HANDLERS.GetObject;
    const output = await hideMissing({ scope, work: handler(context, input as never) });
    const location = output.WebsiteRedirectLocation;
    if (location !== undefined) {
      discard(output.Body);
      return answerRedirect(scope, { status: 301, location: asText(location) });
    }
    return encodeS3Output(operation, output as never, commonHeaders(scope));
  } catch (error) {
    return { error: asAwsError(scope, error) };
  }
};

/** Whoever reads a website is nobody: keys, headers and the default account do not count. */
const anyone = ({ accountId, partition }: Bucket): Identified => ({
  caller: { partition, accountId, principal: { kind: "Anonymous" } },
  decidedBy: "default",
  authorization: undefined,
  key: { kind: "unsigned" },
  signed: false,
});

const NO_PAYLOAD: Payload = {
  sizeBytes: 0,
  given: undefined,
  hasDigest: false,
  receive: () => {
    throw new Error("a page is read without a body");
  },
};

/** A header is kept as its bytes: those of UTF-8 are read as that, so that they are escaped once. */
const asText = (header: string): string => {
  const text = Buffer.from(header, "latin1").toString("utf8");
  return Buffer.from(text).toString("latin1") === header ? text : header;
};

const discard = (body: WireResponse["body"]): void => {
  if (body instanceof Readable) body.destroy();
};

/** The website's own error document with the status of the error; HEAD has no use for it. */
const answerWithErrorDocument = async (visit: Visit, error: AwsError): Promise<WireResponse> => {
  const { scope, website } = visit;
  const key = website.ErrorDocument?.Key;
  if (key === undefined || scope.request.method === "HEAD") return answerError(scope, error);
  const page = await read(visit, { key, headers: {} });
  const status = statusOf(error);
  noteError(scope, { status, ...pageErrorOf(error) });
  if ("error" in page) return answerError(scope, error, pageErrorOf(page.error));
  if (page.status !== 200) return page;
  return { ...page, status, headers: { ...page.headers, ...errorHeaders(pageErrorOf(error)) } };
};
