/**
 * Which operation a request to S3 is. Driven by the model: method, whether a bucket and a key are named, sub-resources in the
 * query. It fails closed: a sub-resource that the operation does not take is refused, so that `DELETE /bucket/key?acl` deletes
 * nothing.
 */
import { AwsError } from "./aws-error.ts";
import { description, type Operations } from "./generated/s3.ts";
import type { MemberRow } from "./model/description.ts";
import { OTHER_ENDPOINTS, TELLING_HEADERS } from "./model/overlay.ts";
import { decodePath, parseParameters, type Parameters } from "./query-string.ts";

export type S3OperationName = keyof Operations;

/** Requests that are no operation of the model. */
export type ExtraOperation = "PostObject" | "Preflight";

export type S3Route = {
  readonly operation: S3OperationName | ExtraOperation;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly query: Parameters;
};

type Target = "service" | "bucket" | "key";

type Candidate = {
  readonly operation: S3OperationName;
  /** Parameters that must be there; a value that is not empty must be equal. */
  readonly literals: readonly (readonly [name: string, value: string])[];
  readonly requiredParameters: readonly string[];
  readonly requiredHeaders: readonly string[];
  /** Every parameter that the operation takes. */
  readonly takes: ReadonlySet<string>;
};

/** A mark that the SDKs leave in the query; others do not, so nothing depends on it. */
const MARK = "x-id";
const LIST_TYPE = "list-type";
const VERSION_ID = "versionId";

const parameterOf = ([, , binding = ""]: MemberRow): string | undefined =>
  binding.startsWith("query ") ? binding.slice("query ".length) : undefined;

const headerOf = ([, , binding = ""]: MemberRow): string | undefined =>
  binding.startsWith("header ") ? binding.slice("header ".length).toLowerCase() : undefined;

const literalsOf = (uri: string): [string, string][] => {
  const at = uri.indexOf("?");
  if (at < 0) return [];
  const pairs = uri
    .slice(at + 1)
    .split("&")
    .map((pair): [string, string] => {
      const [name = "", value = ""] = pair.split("=");
      return [name, value];
    });
  return pairs.filter(([name]) => name !== MARK);
};

const targetOf = (uri: string, input: string): Target => {
  if (uri.includes("{Key+}")) return "key";
  const members = description.structures[input]?.members ?? [];
  return members.some(([name, , binding]) => name === "Bucket" && binding === "label") ? "bucket" : "service";
};

type Table = ReadonlyMap<string, readonly Candidate[]>;

const weight = ({ literals, requiredParameters, requiredHeaders }: Candidate): number =>
  literals.length * 4 + requiredParameters.length * 2 + requiredHeaders.length;

const buildTable = (): { table: Table; subresources: ReadonlySet<string> } => {
  const table = new Map<string, Candidate[]>();
  const subresources = new Set<string>();
  for (const operation of Object.keys(description.operations) as S3OperationName[]) {
    if (OTHER_ENDPOINTS.has(operation)) continue;
    const { http, input } = description.operations[operation];
    const [method, uri] = http;
    const { members = [], required = 0 } = description.structures[input] ?? {};
    const isPresent = <T>(value: T | undefined): value is T => value !== undefined;
    const literals = literalsOf(uri);
    const needed = members.slice(0, required);
    const candidate: Candidate = {
      operation,
      literals,
      requiredParameters: needed.map(parameterOf).filter(isPresent),
      requiredHeaders: needed
        .map(headerOf)
        .filter(isPresent)
        .filter((name) => TELLING_HEADERS.has(name)),
      takes: new Set([...literals.map(([name]) => name), ...members.map(parameterOf).filter(isPresent)]),
    };
    for (const [name] of literals) subresources.add(name);
    // Without a literal, what an operation demands is what it is told by: `uploadId` of AbortMultipartUpload.
    if (literals.length === 0) for (const name of candidate.requiredParameters) subresources.add(name);
    const place = `${method} ${targetOf(uri, input)}`;
    table.set(place, [...(table.get(place) ?? []), candidate]);
  }
  for (const candidates of table.values()) candidates.sort((a, b) => weight(b) - weight(a));
  return { table, subresources };
};

const { table, subresources } = buildTable();

type Headers = Readonly<Record<string, string>>;

const fits = (candidate: Candidate, query: Parameters, headers: Headers): boolean => {
  for (const [name, value] of candidate.literals) {
    const given = query.get(name);
    if (given === undefined || (value !== "" && given !== value)) return false;
  }
  for (const name of candidate.requiredParameters) if (!query.has(name)) return false;
  for (const name of candidate.requiredHeaders) if (headers[name] === undefined) return false;
  return true;
};

const methodNotAllowed = (method: string, resourceType: string): AwsError =>
  new AwsError(
    "MethodNotAllowed",
    { Method: method, ResourceType: resourceType.toUpperCase() },
    { status: 405, message: "The specified method is not allowed against this resource." },
  );

const refuseSubresource = (method: string, { name, value }: { name: string; value: string }): AwsError =>
  name === LIST_TYPE
    ? new AwsError(
        "InvalidArgument",
        { ArgumentName: name, ArgumentValue: value },
        { status: 400, message: "Invalid List Type specified in Request" },
      )
    : methodNotAllowed(method, name);

/** What makes a version, or concerns no one of them. */
const refuseVersionId = (value: string): AwsError =>
  new AwsError(
    "InvalidArgument",
    { ArgumentName: VERSION_ID, ArgumentValue: value },
    { status: 400, message: "This operation does not accept a version-id." },
  );

/** A POST to a bucket that is neither a form nor has a sub-resource. */
const notAForm = (): AwsError =>
  new AwsError(
    "PreconditionFailed",
    { Condition: "Bucket POST must be of the enclosure-type multipart/form-data" },
    { status: 412, message: "At least one of the pre-conditions you specified did not hold" },
  );

/** Splits a raw path into bucket and key; a virtual-hosted one is all key. */
const splitPath = (rawPath: string, virtualBucket: string | undefined): { bucket?: string; key?: string } => {
  if (virtualBucket !== undefined) {
    const key = decodePath(rawPath.slice(1));
    return key === "" ? { bucket: virtualBucket } : { bucket: virtualBucket, key };
  }
  if (rawPath === "/" || rawPath === "") return {};
  const end = rawPath.indexOf("/", 1);
  if (end < 0) return { bucket: decodePath(rawPath.slice(1)) };
  const bucket = decodePath(rawPath.slice(1, end));
  return end === rawPath.length - 1 ? { bucket } : { bucket, key: decodePath(rawPath.slice(end + 1)) };
};

export type RoutedRequest = {
  readonly method: string;
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly headers: Headers;
};

export type RouteOptions = {
  /** The bucket that the host names. */
  readonly virtualBucket?: string | undefined;
  /** Whether host or signature name the service of directory buckets. */
  readonly express?: boolean;
};

const FORM = "multipart/form-data";
const OBJECT_LAMBDA_PATH = "/WriteGetObjectResponse";

/**
 * Finds the operation. Errors: InvalidURI for a path or a query that cannot be decoded, MethodNotAllowed for a method or a
 * sub-resource that the place does not have, InvalidArgument for a version where none is taken, PreconditionFailed for a POST to a bucket that is no form.
 */
export const routeS3 = (request: RoutedRequest, options: RouteOptions): S3Route => {
  const { method, headers } = request;
  const query = parseParameters(request.rawQuery);
  if (request.rawPath === OBJECT_LAMBDA_PATH && headers["x-amz-request-route"] !== undefined) {
    return { operation: "WriteGetObjectResponse", query };
  }
  const names = splitPath(request.rawPath, options.virtualBucket);
  if (options.express === true && method === "GET" && names.bucket === undefined) {
    return { operation: "ListDirectoryBuckets", query };
  }
  if (method === "OPTIONS") return { operation: "Preflight", ...names, query };
  const target: Target = names.key !== undefined ? "key" : names.bucket !== undefined ? "bucket" : "service";
  if (method === "POST" && target === "bucket" && headers["content-type"]?.toLowerCase().startsWith(FORM) === true) {
    return { operation: "PostObject", ...names, query };
  }
  for (const candidate of table.get(`${method} ${target}`) ?? []) {
    if (!fits(candidate, query, headers)) continue;
    if (query.size > 0) {
      for (const [name, value] of query) {
        if (candidate.takes.has(name)) continue;
        if (subresources.has(name)) throw refuseSubresource(method, { name, value });
        if (name === VERSION_ID && target === "key") throw refuseVersionId(value);
      }
    }
    return { operation: candidate.operation, bucket: names.bucket, key: names.key, query };
  }
  const subresource = [...query.keys()].find((name) => subresources.has(name));
  if (subresource === undefined && method === "POST" && target === "bucket") throw notAForm();
  throw methodNotAllowed(method, subresource ?? (target === "key" ? "OBJECT" : target));
};
