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
const PART_NUMBER = "partNumber";
const UPLOAD_ID = "uploadId";
const COPY_SOURCE = "x-amz-copy-source";

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

/** What tells operations of S3 apart in a query, but for the versions of one list. */
export const SUBRESOURCES: ReadonlySet<string> = new Set([...subresources].filter((name) => name !== LIST_TYPE));

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

type Refused = { readonly method: string; readonly target: Target; readonly query: Parameters };

/** In the order in which S3 names them. */
const METHODS = ["DELETE", "POST", "GET", "PUT", "HEAD"];

/** The methods that the place has, with the sub-resource if one is named. */
const methodsOf = ({ target, query }: Refused, subresource: string | undefined): string[] =>
  METHODS.filter((method) =>
    (table.get(`${method} ${target}`) ?? []).some(
      (candidate) => fits(candidate, query, {}) && (subresource === undefined || candidate.takes.has(subresource)),
    ),
  );

/** Parameters that tell operations apart and name nothing that S3 calls a resource. */
const NO_RESOURCES: ReadonlySet<string> = new Set([LIST_TYPE, PART_NUMBER]);

/** S3 calls an upload by another name than its parameter. */
const RESOURCE_TYPES: ReadonlyMap<string, string> = new Map([[UPLOAD_ID, "UPLOAD"]]);

const methodNotAllowed = (refused: Refused, subresource: string | undefined): AwsError => {
  const { method, target } = refused;
  const resource = subresource ?? (target === "key" ? "object" : target);
  const allowed = methodsOf(refused, subresource).join(", ");
  return new AwsError(
    "MethodNotAllowed",
    { Method: method, ResourceType: RESOURCE_TYPES.get(resource) ?? resource.toUpperCase() },
    {
      status: 405,
      message: "The specified method is not allowed against this resource.",
      headers: allowed === "" ? {} : { Allow: allowed },
    },
  );
};

const invalidArgument = (message: string, { name, value }: { name: string; value: string }): AwsError =>
  new AwsError("InvalidArgument", { ArgumentName: name, ArgumentValue: value }, { status: 400, message });

const conflicting = (resources: readonly string[]): AwsError =>
  invalidArgument(`Conflicting query string parameters: ${resources.join(", ")}`, {
    name: "ResourceType",
    value: resources[0] ?? "",
  });

/** Lists of buckets that are asked of a key, by their sub-resource. */
const LISTS_OF_BUCKETS: ReadonlyMap<string, string> = new Map([
  ["uploads", "Key is not expected for the GET method ?uploads subresource"],
  ["versions", "There is no such thing as the ?versions sub-resource for a key"],
]);

const refuseSubresource = (refused: Refused, { name, value }: { name: string; value: string }): AwsError => {
  const { method, target, query } = refused;
  if (name === LIST_TYPE) return invalidArgument("Invalid List Type specified in Request", { name, value });
  if (name === PART_NUMBER && method === "PUT" && target === "key" && !query.has(UPLOAD_ID)) {
    // AWS gives the name for the value.
    return invalidArgument("This operation does not accept partNumber without uploadId", { name, value: name });
  }
  const resources = [...query.keys()].filter((other) => subresources.has(other) && !NO_RESOURCES.has(other)).toSorted();
  if (resources.length > 1 && resources.includes(name)) return conflicting(resources);
  const message = method === "GET" && target === "key" ? LISTS_OF_BUCKETS.get(name) : undefined;
  return message === undefined
    ? methodNotAllowed(refused, name)
    : new AwsError("InvalidRequest", {}, { status: 400, message });
};

/** What makes a version, or concerns no one of them. */
const refuseVersionId = (value: string): AwsError =>
  invalidArgument("This operation does not accept a version-id.", { name: VERSION_ID, value });

/** A copy's source on what cannot be a copy. Of POSTs S3 looks only at those to an upload. */
const assertNoSource = ({ method, headers }: RoutedRequest, query: Parameters): void => {
  const source = headers[COPY_SOURCE];
  if (source === undefined || method === "PUT" || (method === "POST" && !query.has(UPLOAD_ID))) return;
  throw invalidArgument("You can only specify a copy source header for copy requests.", {
    name: COPY_SOURCE,
    value: source,
  });
};

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
  const key = rawPath.slice(isDoubled(rawPath, { bucket, end }) ? end + 2 : end + 1);
  return key === "" ? { bucket } : { bucket, key: decodePath(key) };
};

/** The JavaScript SDK doubles the slash after a directory bucket's name where its endpoint is an IP address. */
const isDoubled = (rawPath: string, { bucket, end }: { bucket: string; end: number }): boolean =>
  bucket.endsWith("--x-s3") && rawPath[end + 1] === "/";

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
 * sub-resource that the place does not have (InvalidRequest for a bucket's lists), InvalidArgument for two sub-resources at
 * once, a version where none is taken, a part without its upload or the source of a copy where there can be none,
 * PreconditionFailed for a POST to a bucket that is no form.
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
  assertNoSource(request, query);
  const target: Target = names.key !== undefined ? "key" : names.bucket !== undefined ? "bucket" : "service";
  if (method === "POST" && target === "bucket" && headers["content-type"]?.toLowerCase().startsWith(FORM) === true) {
    return { operation: "PostObject", ...names, query };
  }
  for (const candidate of table.get(`${method} ${target}`) ?? []) {
    if (!fits(candidate, query, headers)) continue;
    if (query.size > 0) {
      for (const [name, value] of query) {
        if (candidate.takes.has(name)) continue;
        if (subresources.has(name)) throw refuseSubresource({ method, target, query }, { name, value });
        if (name === VERSION_ID && target === "key") throw refuseVersionId(value);
      }
    }
    return { operation: candidate.operation, bucket: names.bucket, key: names.key, query };
  }
  const subresource = [...query.keys()].find((name) => subresources.has(name));
  if (subresource === undefined && method === "POST" && target === "bucket") throw notAForm();
  throw methodNotAllowed({ method, target, query }, subresource);
};
