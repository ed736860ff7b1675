/** Errors as they stand on the wire, for tables of requests and what they are refused with. */
import type { ExecutionContext } from "ava";
import type { TestServer } from "../../support/server.ts";

export type Fields = Readonly<Record<string, string>>;

const unescape = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** The elements of an error document, but for those that every one has. */
export const elementsOf = (document: string): Fields => {
  const found: Record<string, string> = {};
  for (const [, name = "", text = ""] of document.matchAll(/<([A-Za-z0-9-]+)>([^<]*)<\/\1>/g))
    found[name] = unescape(text);
  const { RequestId: _, HostId: __, ...rest } = found;
  return rest;
};

/** A request, and the whole of its error. */
export type Case = {
  readonly fact: number;
  readonly what: string;
  readonly request: readonly [method: string, path: string, headers?: Fields, body?: string | Uint8Array];
  readonly status: number;
  readonly error: Fields;
};

export const PRECONDITION = "At least one of the pre-conditions you specified did not hold";
export const HEADER_NOT_IMPLEMENTED = "A header you provided implies functionality that is not implemented";
export const COPY_RANGE =
  "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";
export const ITSELF =
  "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.";
export const INVALID_PART =
  "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
export const MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema";
export const MISSING_ID = "The specified version does not exist.";
export const noSuchKey = (Key: string): Fields => ({
  Code: "NoSuchKey",
  Message: "The specified key does not exist.",
  Key,
});
export const precondition = (Condition: string): Fields => ({
  Code: "PreconditionFailed",
  Message: PRECONDITION,
  Condition,
});
export const invalidRequest = (Message: string): Fields => ({ Code: "InvalidRequest", Message });
export const invalidArgument = (Message: string, ArgumentName: string, ArgumentValue: string): Fields => ({
  Code: "InvalidArgument",
  Message,
  ArgumentName,
  ArgumentValue,
});
export const noSuchUpload = (UploadId: string): Fields => ({
  Code: "NoSuchUpload",
  Message:
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  UploadId,
});

/** Sends the request of a case and holds the answer against it. */
export const check = async (
  t: ExecutionContext,
  { server, expected }: { readonly server: TestServer; readonly expected: Case },
): Promise<void> => {
  const [method, path, headers = {}, body] = expected.request;
  const answer = await server.request(method, path, body === undefined ? { headers } : { headers, body });
  t.is(answer.status, expected.status);
  t.deepEqual(elementsOf(String(answer.body)), expected.error);
  t.is(answer.headers["content-type"], "application/xml");
};

/** The title of a case's test. */
export const titleOf = ({ fact, what, status, error }: Case): string =>
  `fact ${fact}: ${what} is ${status} ${error["Code"]}, with these elements and no others`;
