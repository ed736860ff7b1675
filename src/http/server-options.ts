/** Node's HTTP server as both planes use it: every default that breaks S3 clients is set by name. */
import http from "node:http";
import type { HttpLimits } from "../platform/limits.ts";

/** A server that is not listening yet. */
export const createHttpServer = (limits: HttpLimits): http.Server => {
  const server = http.createServer({
    maxHeaderSize: limits.headerBytesMax,
    headersTimeout: limits.headersMsMax,
    // Node's 300 s for a whole request cut slow uploads; `bodyIdleMsMax` stands in for it.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkMs,
    highWaterMark: limits.responseBufferBytes,
    // A GET's body has nothing to stream; see `request.ts`, which hands out an empty one.
    optimizeEmptyRequests: true,
  });
  server.maxHeadersCount = limits.headersMax;
  server.maxRequestsPerSocket = 0;
  server.timeout = limits.bodyIdleMsMax;
  return server;
};
