/** What the servers that do nothing answer, how they announce themselves, and how long they keep connections. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Longer than any pause between two rounds. */
const KEEP_ALIVE_MS = 75_000;

const READING_METHODS = new Set<string | undefined>(["GET", "HEAD"]);
const OBJECT = Buffer.alloc(1024, "x");
const NOTHING = Buffer.alloc(0);

export const CONSTANT_HEADERS = {
  etag: '"d41d8cd98f00b204e9800998ecf8427e"',
  "content-type": "application/octet-stream",
};

/** A constant object of 1 KiB to who reads, nothing to who writes. */
export const constantBody = (method: string | undefined): Buffer => (READING_METHODS.has(method) ? OBJECT : NOTHING);

/** Listens on a free port of the loopback and prints the address as one JSON line. Ends on SIGTERM. */
export const announce = (server: Server): void => {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    console.log(JSON.stringify({ dataUrl: `http://127.0.0.1:${port}` }));
  });
  process.on("SIGTERM", () => process.exit(0));
};
