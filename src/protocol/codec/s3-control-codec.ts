/** S3 Control's requests -> typed inputs, and its typed outputs -> answers. */
import { description, type Operations } from "../generated/s3-control.ts";
import { S3_CONTROL_STATUSES, S3_CONTROL_XML_NAMESPACE } from "../model/overlay.ts";
import type { WireResponse } from "../wire.ts";
import { createRestXmlDecoder, type InputParts } from "./rest-xml-decoder.ts";
import { createRestXmlEncoder } from "./rest-xml-encoder.ts";

const decoder = createRestXmlDecoder(description, { closedEnums: new Set(["ScopePermission"]), unchecked: new Set() });
const encode = createRestXmlEncoder(description, {
  xmlNamespace: S3_CONTROL_XML_NAMESPACE,
  statuses: S3_CONTROL_STATUSES,
});

/** True when an operation's body is a document. */
export const readsControlDocument = (operation: keyof Operations): boolean => decoder.readsDocument(operation);

/** The input of an operation. Errors: InvalidArgument, MalformedXML, MissingRequestBodyError. */
export const decodeS3ControlInput = <Name extends keyof Operations>(
  operation: Name,
  parts: InputParts,
): Operations[Name]["input"] => decoder.decodeInput(operation, parts) as Operations[Name]["input"];

/** The answer to an operation that succeeded. `headers` go first. */
export const encodeS3ControlOutput = <Name extends keyof Operations>(
  operation: Name,
  output: Operations[Name]["output"],
  headers: Record<string, string>,
): WireResponse => encode(operation, output, headers);
