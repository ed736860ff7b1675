/** A request and its response over either version of HTTP. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

export type ControlRequest = IncomingMessage | Http2ServerRequest;
export type ControlResponse = ServerResponse | Http2ServerResponse;

/** Ends the response with a text. */
export const answerText = (
  response: ControlResponse,
  answer: { readonly status: number; readonly contentType: string; readonly text: string },
): void => {
  const body = Buffer.from(answer.text);
  response.statusCode = answer.status;
  response.setHeader("content-type", answer.contentType);
  response.setHeader("content-length", body.byteLength);
  response.setHeader("x-content-type-options", "nosniff");
  // To HEAD both kinds of response leave the body out by themselves.
  (response as ServerResponse).end(body);
};

/** Ends the response with an error as the Connect protocol writes it; gRPC clients go by the status. */
export const answerError = (
  response: ControlResponse,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
): void => {
  // A body that nobody reads must not keep the connection.
  if (response.req.httpVersionMajor === 1) response.setHeader("connection", "close");
  if (status === 401) response.setHeader("www-authenticate", "Bearer");
  answerText(response, { status, contentType: "application/json", text: JSON.stringify({ code, message }) });
};
