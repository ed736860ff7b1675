/**
 * What no server can do without that keeps objects: it computes MD5 and CRC64NVME of a body on the way and writes it to a
 * file of its own, and it streams the file back. `node floor.ts FOLDER`.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { createDigests } from "../../src/protocol/checksums/digests.ts";
import { announce } from "./constant-answer.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("Say which folder: node floor.ts FOLDER");

type Stored = { readonly path: string; readonly sizeBytes: number; readonly etag: string };

const objects = new Map<string, Stored>();
let lastFile = 0;

const hex = (digest: Uint8Array | undefined): string => Buffer.from(digest ?? []).toString("hex");
const base64 = (digest: Uint8Array | undefined): string => Buffer.from(digest ?? []).toString("base64");

const put = async (key: string, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  lastFile += 1;
  const path = join(folder, String(lastFile));
  const digests = createDigests(new Set(["MD5", "CRC64NVME"] as const));
  let sizeBytes = 0;
  request.on("data", (chunk: Buffer) => {
    sizeBytes += chunk.byteLength;
    digests.update(chunk);
  });
  await pipeline(request, createWriteStream(path));
  const found = digests.finish();
  const previous = objects.get(key);
  const etag = `"${hex(found.get("MD5"))}"`;
  objects.set(key, { path, sizeBytes, etag });
  response.writeHead(200, {
    etag,
    "x-amz-checksum-crc64nvme": base64(found.get("CRC64NVME")),
    "content-length": 0,
  });
  response.end();
  if (previous !== undefined) await rm(previous.path);
};

const get = async (key: string, response: ServerResponse): Promise<void> => {
  const stored = objects.get(key);
  if (stored === undefined) {
    response.writeHead(404, { "content-length": 0 });
    response.end();
    return;
  }
  response.writeHead(200, { etag: stored.etag, "content-length": stored.sizeBytes });
  await pipeline(createReadStream(stored.path), response);
};

announce(
  createServer((request, response) => {
    const key = request.url ?? "/";
    const done = request.method === "PUT" ? put(key, request, response) : get(key, response);
    done.catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  }),
);
