/** What this folder answers by itself, when a request never reaches the pipeline or never comes back from it. */
import { STATUS_CODES } from "node:http";
import type { WireResponse } from "../protocol/wire.ts";

/** An answer whose body is text. */
export type TextAnswer = WireResponse & { readonly body: string };

const errorAnswer = (status: 400 | 500, code: string, message: string): TextAnswer => ({
  status,
  headers: { "Content-Type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
});

export const internalError = errorAnswer(500, "InternalError", "We encountered an internal error. Please try again.");

export const badRequest = errorAnswer(400, "BadRequest", "An error occurred when parsing the HTTP request.");

export const headersTooLarge = errorAnswer(
  400,
  "RequestHeaderSectionTooLarge",
  "Your request header section exceeds the maximum allowed size.",
);

export const requestTimeout = errorAnswer(
  400,
  "RequestTimeout",
  "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
);

/** An answer as bytes, for a connection that has no response object to write to. It closes the connection. */
export const asBytes = ({ status, headers, body }: TextAnswer): string =>
  [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
