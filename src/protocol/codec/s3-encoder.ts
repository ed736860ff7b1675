/** Typed outputs of S3 -> answers. */
import { description, type Operations } from "../generated/s3.ts";
import {
  BARE_ROOTS,
  CONTENT_TYPES,
  EXTRA_HEADERS,
  INTERLEAVED,
  PARTIAL_MEMBERS,
  S3_XML_NAMESPACE,
  STATUS_CHOSEN,
  STATUSES,
  URL_ENCODED,
} from "../model/overlay.ts";
import type { WireResponse } from "../wire.ts";
import { createRestXmlEncoder } from "./rest-xml-encoder.ts";

const encode = createRestXmlEncoder(description, {
  xmlNamespace: S3_XML_NAMESPACE,
  statuses: STATUSES,
  statusChosen: STATUS_CHOSEN,
  partialMembers: PARTIAL_MEMBERS,
  contentTypes: CONTENT_TYPES,
  extraHeaders: EXTRA_HEADERS,
  bareRoots: BARE_ROOTS,
  urlEncoded: URL_ENCODED,
  interleaved: INTERLEAVED,
});

/** The answer to an operation that succeeded. `headers` go first; the output's own win over them. */
export const encodeS3Output = <Name extends keyof Operations>(
  operation: Name,
  output: Operations[Name]["output"],
  headers: Record<string, string>,
): WireResponse => encode(operation, output, headers);
