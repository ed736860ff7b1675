/** One object too large to hold, up or down: blocks out, a running CRC32 in. */
import { once } from "node:events";
import { crc32 } from "node:zlib";

import { bodyOf } from "./bodies.ts";
import { RawConnection } from "./connection.ts";
import type { StreamJob } from "./jobs.ts";
import { requireSuccess } from "./perform.ts";
import { crc32Base64, createTemplate } from "./request.ts";

const BLOCK_BYTES = 1024 * 1024;

const crcs = new Map<number, number>();

const crcOfSize = (sizeBytes: number): number => {
  let crc = crcs.get(sizeBytes);
  if (crc !== undefined) return crc;
  crc = 0;
  const block = bodyOf(BLOCK_BYTES);
  for (let left = sizeBytes; left > 0; left -= BLOCK_BYTES) crc = crc32(block.subarray(0, left), crc);
  crcs.set(sizeBytes, crc);
  return crc;
};

const upload = async (connection: RawConnection, job: StreamJob): Promise<number> => {
  const { target, sizeBytes, address, credentials } = job;
  const headers = {
    "content-length": String(sizeBytes),
    "x-amz-checksum-crc32": crc32Base64(crcOfSize(sizeBytes)),
  };
  const template = createTemplate({ method: "PUT", target, headers }, address, credentials);
  const { socket, response } = connection.sendStreamed(template.head, { method: "PUT" });
  const block = bodyOf(BLOCK_BYTES);
  const write = async (): Promise<void> => {
    for (let left = sizeBytes; left > 0; left -= BLOCK_BYTES) {
      if (!socket.write(block.subarray(0, left))) await once(socket, "drain");
    }
  };
  // An early answer is a refusal: it settles the race while the rest of the body still waits.
  await Promise.race([response, write()]);
  return requireSuccess(await response, template).bodyBytes;
};

const download = async (connection: RawConnection, job: StreamJob): Promise<number> => {
  const template = createTemplate({ method: "GET", target: job.target }, job.address, job.credentials);
  let crc = 0;
  const body = (piece: Buffer): void => {
    crc = crc32(piece, crc);
  };
  const response = await connection.send([template.head], { method: "GET", body });
  const { bodyBytes } = requireSuccess(response, template);
  if (bodyBytes !== job.sizeBytes) throw new Error(`${bodyBytes} bytes came back of ${job.sizeBytes}`);
  if (crc !== crcOfSize(job.sizeBytes)) throw new Error("other bytes came back than were sent");
  return bodyBytes;
};

/** Sends or fetches the object; a fetched one is compared with what was sent. Answers the bytes of the response's body. */
export const streamObject = async (job: StreamJob): Promise<number> => {
  const connection = new RawConnection(job.address);
  try {
    return await (job.method === "PUT" ? upload(connection, job) : download(connection, job));
  } finally {
    connection.close();
  }
};
