/** A bare `node:http` server that reads the body and answers a constant. */
import { createServer } from "node:http";

import { CONSTANT_HEADERS, announce, constantBody } from "./constant-answer.ts";

announce(
  createServer((request, response) => {
    request.resume();
    request.once("end", () => {
      const body = constantBody(request.method);
      response.writeHead(200, { ...CONSTANT_HEADERS, "content-length": body.byteLength });
      response.end(request.method === "HEAD" ? undefined : body);
    });
  }),
);
