/** Which service a request is for: the first rule that says so. */
import { parseParameters, type Parameters } from "../protocol/query-string.ts";
import { QUERY_SERVICES, type QueryService } from "../protocol/model/overlay.ts";
import { AwsError } from "../protocol/aws-error.ts";
import { QUERY_BODY_BYTES_MAX } from "../platform/limits.ts";
import type { HostAddress } from "../protocol/addressing.ts";
import type { WireRequest } from "../protocol/wire.ts";

export type SelectedService =
  | { readonly service: "s3"; readonly express: boolean }
  | { readonly service: "s3-control" }
  | {
      readonly service: QueryService;
      readonly parameters: Parameters;
      /** The body, where it held the parameters: its hash is signed. */
      readonly body: Uint8Array;
    };

const NO_BODY = new Uint8Array(0);
/** Signing names under which S3 answers. */
const S3_SCOPES: ReadonlySet<string> = new Set(["s3", "s3express", "s3-object-lambda", "s3-outposts"]);

/** Where S3 Control's operations stand: its API version. */
const CONTROL_PATH = "/v20180820/";

/** The service in the credential scope of the Authorization header or of a presigned URL. */
const scopedService = ({ headers, rawQuery }: WireRequest): string | undefined => {
  const authorization = headers["authorization"];
  if (authorization !== undefined) {
    const at = authorization.indexOf("Credential=");
    return at < 0 ? undefined : authorization.slice(at).split("/", 4)[3];
  }
  const at = rawQuery.indexOf("X-Amz-Credential=");
  return at < 0
    ? undefined
    : /^[^&]*?(?:%2F|\/)[^&]*?(?:%2F|\/)[^&]*?(?:%2F|\/)([^&%/]*)/i.exec(rawQuery.slice(at))?.[1];
};

const isUrlEncoded = ({ headers }: WireRequest): boolean =>
  headers["content-type"]?.toLowerCase().startsWith("application/x-www-form-urlencoded") === true;

const readForm = async (request: WireRequest): Promise<Uint8Array> => {
  request.continueBody();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > QUERY_BODY_BYTES_MAX) {
      throw new AwsError(
        "RequestEntityTooLarge",
        {},
        { status: 413, message: `The request is larger than ${QUERY_BODY_BYTES_MAX} bytes.` },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
};

const notImplemented = (service: string): AwsError =>
  new AwsError("NotImplemented", {}, { status: 501, message: `The service ${service} is not implemented.` });

/** By version, else by the action's name. */
const serviceOfAction = async (parameters: Parameters): Promise<QueryService | undefined> => {
  const action = parameters.get("Action");
  if (action === undefined) return undefined;
  const version = parameters.get("Version");
  if (version === QUERY_SERVICES.iam.version) return "iam";
  if (version === QUERY_SERVICES.sts.version) return "sts";
  const { description } = await import("../protocol/generated/sts.ts");
  return Object.hasOwn(description.operations, action) ? "sts" : undefined;
};

const S3: SelectedService = { service: "s3", express: false };
const S3_CONTROL: SelectedService = { service: "s3-control" };

/** Errors (thrown at once, or from the promise): NotImplemented naming a service that this server is not, RequestEntityTooLarge. */
export const selectService = (
  request: WireRequest,
  address: HostAddress,
): SelectedService | Promise<SelectedService> => {
  const scoped = scopedService(request);
  // S3 Control signs as S3 does: its path and header tell them apart.
  const isControl = request.rawPath.startsWith(CONTROL_PATH) && request.headers["x-amz-account-id"] !== undefined;
  if (isControl && scoped !== "sts" && scoped !== "iam") return S3_CONTROL;
  if (address.service === "s3-control" && (scoped === undefined || scoped === "s3")) return S3_CONTROL;
  if (scoped !== undefined && S3_SCOPES.has(scoped)) {
    return scoped === "s3express" || address.service === "s3express-control" ? { service: "s3", express: true } : S3;
  }
  if (request.headers["content-type"]?.toLowerCase().startsWith("multipart/form-data") === true) return S3;
  const named = scoped ?? address.service;
  if (named !== undefined && named !== "sts" && named !== "iam") {
    if (named === address.service) return named === "s3express-control" ? { service: "s3", express: true } : S3;
    throw notImplemented(named);
  }
  return selectQueryService(request, { address, named });
};

const selectQueryService = (
  request: WireRequest,
  { address, named }: { address: HostAddress; named: QueryService | undefined },
): SelectedService | Promise<SelectedService> => {
  if (named === undefined && (request.rawPath !== "/" || address.bucket !== undefined)) return S3;
  const inBody = request.method === "POST" && isUrlEncoded(request);
  if (named === undefined && !inBody && !request.rawQuery.includes("Action=")) return S3;
  return readQueryRequest(request, { inBody, named });
};

const readQueryRequest = async (
  request: WireRequest,
  { inBody, named }: { inBody: boolean; named: QueryService | undefined },
): Promise<SelectedService> => {
  const body = inBody ? await readForm(request) : NO_BODY;
  const inQuery = parseParameters(request.rawQuery);
  const parameters = inBody ? new Map([...inQuery, ...parseParameters(Buffer.from(body).toString("latin1"))]) : inQuery;
  const service = named ?? (await serviceOfAction(parameters));
  return service === undefined ? S3 : { service, parameters, body };
};
