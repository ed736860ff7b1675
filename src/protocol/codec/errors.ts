/** Errors on the wire. */
import { QUERY_SERVICES, type QueryService } from "../model/overlay.ts";
import { escapeXml } from "./xml-writer.ts";

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

const element = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`;

/** What a service that speaks REST and XML answers with. `fields` stand behind Message, in their order. */
export type RestError = {
  readonly code: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly requestId: string;
  readonly hostId: string;
};

const errorElements = ({ code, message, fields }: RestError): string =>
  [
    element("Code", code),
    element("Message", message),
    ...Object.entries(fields).map(([name, text]) => element(name, text)),
  ].join("");

const requestElements = ({ requestId, hostId }: RestError): string =>
  element("RequestId", requestId) + element("HostId", hostId);

/** An S3 error document. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const s3ErrorDocument = (error: RestError): string =>
  `${XML_HEAD}<Error>${errorElements(error)}${requestElements(error)}</Error>`;

/** An error of S3 Control, which has it within another element. */
export const s3ControlErrorDocument = (error: RestError): string =>
  `${XML_HEAD}<ErrorResponse><Error>${errorElements(error)}</Error>${requestElements(error)}</ErrorResponse>`;

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
