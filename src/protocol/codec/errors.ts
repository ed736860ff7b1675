/** Errors on the wire. */
import { QUERY_SERVICES, type QueryService } from "../model/overlay.ts";
import { escapeXml } from "./xml-writer.ts";

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`;

/**
 * An S3 error document. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * `fields` stand between Message and RequestId, in their order.
 */
export const s3ErrorDocument = (error: {
  readonly code: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly hostId: string;
}): string => {
  const { code, message, fields, requestId, hostId } = error;
  const extra = Object.entries(fields).map(([name, text]) => element(name, text));
  return [
    XML_HEAD,
    "<Error>",
    element("Code", code),
    element("Message", message),
    ...extra,
    element("RequestId", requestId),
    element("HostId", hostId),
    "</Error>",
  ].join("");
};

/** An error of a query service. https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
export const queryErrorDocument = (
  service: QueryService,
  error: {
    readonly code: string;
    readonly message: string;
    readonly type: "Sender" | "Receiver";
    readonly requestId: string;
  },
): string =>
  [
    `<ErrorResponse xmlns="${QUERY_SERVICES[service].xmlNamespace}">`,
    `<Error>${element("Type", error.type)}${element("Code", error.code)}${element("Message", error.message)}</Error>`,
    element("RequestId", error.requestId),
    "</ErrorResponse>",
  ].join("");
