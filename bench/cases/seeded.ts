/** Standin over a data directory that was seeded before it started, and what its clients do there. */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";

import { RawConnection } from "../load/connection.ts";
import type { Address } from "../load/connection.ts";
import { createControl } from "../load/control.ts";
import type { ControlClient } from "../load/control.ts";
import { bodyOf } from "../load/bodies.ts";
import { createTemplate } from "../load/request.ts";
import type { Method } from "../load/request.ts";
import { startPeer } from "../peers/peer.ts";
import type { Server } from "../peers/peer.ts";
import { seedDataFolder } from "../seed/data-folder.ts";
import type { Context } from "./context.ts";

export const BUCKET = "bench";
export const OBJECT_BYTES = 1024;
/** The first of the objects. */
export const FIRST = `/${BUCKET}/key-00000000`;

export type Seeded = {
  readonly server: Server;
  readonly dataDir: string;
  readonly control: ControlClient;
  stop(): Promise<void>;
};

/** Starts Standin with a bucket of so many objects. */
export const startSeeded = async (context: Context, objects: number): Promise<Seeded> => {
  const dataDir = await mkdtemp(join(context.scratch, "data-"));
  await seedDataFolder({ folder: dataDir, bucket: BUCKET, objects, body: bodyOf(OBJECT_BYTES) });
  const server = await startPeer(context.standinOn(dataDir), context.scratch);
  if (server.control === undefined) throw new Error("standin did not say where its control plane is");
  const control = createControl(server.control);
  return {
    server,
    dataDir,
    control,
    async stop() {
      control.close();
      await server.stop();
    },
  };
};

/** Makes a world from another and answers where it listens. */
export const forkWorld = async (
  control: ControlClient,
  { name, fromWorld = "default" }: { name: string; fromWorld?: string },
): Promise<Address> => {
  const { world } = await control.call("WorldService/CreateWorld", { name, fromWorld });
  const { hostname, port } = new URL((world as { endpoint: string }).endpoint);
  return { host: hostname, port: Number(port) };
};

type Sent = {
  readonly method: Method;
  readonly target: string;
  readonly expected: number;
  /** What a PUT puts; an object's bytes unless told otherwise. */
  readonly text?: string;
};

/** Sends one request on a connection of its own. Throws unless the answer's status is the expected one. */
export const expectStatus = async ({ peer }: Server, address: Address, sent: Sent): Promise<void> => {
  const { method, target, expected, text } = sent;
  const connection = new RawConnection(address);
  try {
    const body = method === "PUT" ? { body: text === undefined ? bodyOf(OBJECT_BYTES) : Buffer.from(text) } : {};
    const template = createTemplate({ method, target, ...body }, address, peer.credentials);
    const { status } = await connection.send([template.head, ...(body.body === undefined ? [] : [body.body])], {
      method,
    });
    if (status !== expected) throw new Error(`${method} ${target} was answered ${status}, not ${expected}`);
  } finally {
    connection.close();
  }
};

/** How long something takes, in milliseconds. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};
