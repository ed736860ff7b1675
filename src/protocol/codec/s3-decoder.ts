/** S3 requests -> typed inputs. */
import { description, type Operations } from "../generated/s3.ts";
import { CLOSED_ENUMS, EXTRA_MEMBERS, MALFORMED_CODES, UNCHECKED_STRUCTURES } from "../model/overlay.ts";
import { createRestXmlDecoder, type InputParts } from "./rest-xml-decoder.ts";

const decoder = createRestXmlDecoder(description, {
  closedEnums: CLOSED_ENUMS,
  unchecked: UNCHECKED_STRUCTURES,
  malformedCodes: MALFORMED_CODES,
  extraMembers: EXTRA_MEMBERS,
});

/** True when an operation's body is a document that is read whole before its handler runs. */
export const readsDocument = (operation: keyof Operations): boolean => decoder.readsDocument(operation);

/**
 * The input of an operation. A streaming body is not part of it.
 * Errors: InvalidArgument, InvalidRequest, MalformedXML, MalformedACLError, MissingRequestBodyError.
 */
export const decodeS3Input = <Name extends keyof Operations>(
  operation: Name,
  parts: InputParts,
): Operations[Name]["input"] => decoder.decodeInput(operation, parts) as Operations[Name]["input"];
