import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
export const createControlHandler = (_options: unknown) => (_request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): void => {
  response.writeHead(501);
  response.end();
};
