/** PostObject on the wire: fields of a form that are headers of a PutObject, and answers of its own. */
import { AwsError } from "../aws-error.ts";
import type { FormField } from "../form-data/post-form.ts";
import type { Tagging } from "../generated/s3.ts";
import { asHeaderText } from "../header-text.ts";
import type { PostObjectInput, PostObjectOutput, PostObjectStatus } from "../model/post-object.ts";
import type { Parameters } from "../query-string.ts";
import type { WireResponse } from "../wire.ts";
import { decodeS3Input } from "./s3-decoder.ts";
import { encodeS3Output } from "./s3-encoder.ts";
import { readXml } from "./xml-reader.ts";
import { XmlSyntaxError } from "./xml-syntax.ts";
import { escapeXml } from "./xml-writer.ts";

type Fields = ReadonlyMap<string, FormField>;
type Headers = Record<string, string>;

/** Fields that are headers of the same name. So are those that begin with `x-amz-`. */
const HEADER_FIELDS: ReadonlySet<string> = new Set([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-md5",
  "content-type",
  "expires",
]);
const AMZ = "x-amz-";

/** Names of PostObject's own for headers of a PutObject. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ["acl", "x-amz-acl"],
  ["x-amz-checksum-algorithm", "x-amz-sdk-checksum-algorithm"],
]);
/** Of headers that say how a body was sent, a form's file has none. */
const OF_TRANSFER: ReadonlySet<string> = new Set([
  "x-amz-content-sha256",
  "x-amz-decoded-content-length",
  "x-amz-trailer",
]);

/** The headers that a PutObject would have in place of the form's fields. Errors: InvalidArgument for what no header can carry. */
export const formHeaders = (fields: Fields): Headers => {
  const headers: Headers = {};
  for (const [name, { value }] of fields) {
    const header = RENAMED.get(name) ?? name;
    const counts = HEADER_FIELDS.has(header) || header.startsWith(AMZ);
    if (counts && !OF_TRANSFER.has(header)) headers[header] = asHeaderText(header, value);
  }
  return headers;
};

/** What is not one of these is as if it were not there. */
const STATUSES: ReadonlyMap<string, PostObjectStatus> = new Map([
  ["200", 200],
  ["201", 201],
  ["204", 204],
]);
const DEFAULT_STATUS: PostObjectStatus = 204;
const NO_QUERY: Parameters = new Map();
const ABSOLUTE = /^https?:\/\//i;

const missingKey = (): AwsError =>
  new AwsError(
    "InvalidArgument",
    { ArgumentName: "key", ArgumentValue: "" },
    {
      status: 400,
      message:
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    },
  );

const emptyKey = (): AwsError =>
  new AwsError(
    "InvalidArgument",
    { ArgumentName: "key", ArgumentValue: "" },
    { status: 400, message: "User key must have a length greater than 0." },
  );

/** The key that a form names. Errors: InvalidArgument. */
export const formKey = (fields: Fields): string => {
  const key = fields.get("key")?.value;
  if (key === undefined) throw missingKey();
  if (key === "") throw emptyKey();
  return key;
};

const rootOf = (document: string): string | undefined => {
  try {
    return readXml(document).name;
  } catch (error) {
    if (error instanceof XmlSyntaxError) return undefined;
    throw error;
  }
};

/** The tags that a form names. S3 takes a document of another kind for one without tags. Errors: MalformedXML. */
const readTagging = (text: string, names: { readonly bucket: string; readonly key: string }): Tagging | undefined => {
  const root = rootOf(text);
  if (root !== undefined && root !== "Tagging") return undefined;
  const document = Buffer.from(text);
  return decodeS3Input("PutObjectTagging", { ...names, query: NO_QUERY, headers: {}, document }).Tagging;
};

/** The input of a form, whose `headers` are those of `formHeaders`. Errors: those of a PutObject's headers, MalformedXML. */
export const decodePostObject = (
  fields: Fields,
  { headers, ...names }: { readonly bucket: string; readonly key: string; readonly headers: Headers },
): PostObjectInput => {
  const redirect = (fields.get("success_action_redirect") ?? fields.get("redirect"))?.value;
  const tagging = fields.get("tagging")?.value;
  return {
    ...decodeS3Input("PutObject", { ...names, query: NO_QUERY, headers }),
    SuccessActionStatus: STATUSES.get(fields.get("success_action_status")?.value ?? "") ?? DEFAULT_STATUS,
    // S3 does as if a redirect to what is no URL had not been asked for.
    ...(redirect !== undefined && ABSOLUTE.test(redirect) ? { SuccessActionRedirect: redirect } : {}),
    ...(tagging === undefined || tagging === "" ? {} : { TaggingDocument: readTagging(tagging, names) }),
  };
};

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** AWS gives this one document no namespace. */
const postResponse = ({ Location, Bucket, Key, ETag = "" }: PostObjectOutput): string => {
  const elements = Object.entries({ Location, Bucket, Key, ETag });
  const content = elements.map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`).join("");
  return `${XML_HEAD}<PostResponse>${content}</PostResponse>`;
};

/** `common`: the headers that every answer has. */
export const encodePostObject = (output: PostObjectOutput, common: Headers): WireResponse => {
  const { Location, Status: status, Redirect } = output;
  const { headers: stored } = encodeS3Output("PutObject", output, common);
  const headers = { ...stored, Location: Redirect ?? Location };
  if (status !== 201) return { status, headers };
  return { status, headers: { ...headers, "Content-Type": "application/xml" }, body: postResponse(output) };
};
