/** A server in a process of its own over a folder that stays, to be killed at any time. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { S3Client } from "@aws-sdk/client-s3";
import type { ExecutionContext } from "ava";
import { createControlClient, type ControlClient } from "../../src/control/client.ts";
import type { Event } from "../../src/control/generated/standin/v1/event_pb.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
const BOOT_MS_MAX = 60_000;
/** Whose its client is. */
export const ACCOUNT = "111111111111";

export type KillableServer = {
  readonly s3: S3Client;
  readonly control: ControlClient;
  /** `kill -9`. */
  kill(): Promise<void>;
};

/** Starts a server over `dataDir`, with `flags` beside its own; it is killed at the latest when the test ends. */
export const startKillableServer = async (
  t: ExecutionContext,
  dataDir: string,
  flags: readonly string[] = [],
): Promise<KillableServer> => {
  const own = ["--port", "0", "--control-port", "0", "--data-dir", dataDir, "--json", "--log-level", "error"];
  const child = spawn(process.execPath, [MAIN, ...own, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let s3: S3Client | undefined;
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
    s3?.destroy();
  };
  t.teardown(kill);
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    closed.then(() => Promise.reject(new Error("the server ended before it was up"))),
    sleep(BOOT_MS_MAX, undefined, { ref: false }).then(() => Promise.reject(new Error("the server is not up"))),
  ])) as [string];
  const { dataUrl, controlUrl } = JSON.parse(line) as { dataUrl: string; controlUrl: string };
  s3 = new S3Client({
    endpoint: dataUrl,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: ACCOUNT, secretAccessKey: "test" },
  });
  return { kill, s3, control: createControlClient({ baseUrl: controlUrl }) };
};

/** The whole journal of events. */
export const allEvents = async ({ control: { events } }: KillableServer): Promise<Event[]> => {
  const found: Event[] = [];
  let pageToken = "";
  do {
    const page = await events.listEvents({ pageSize: 1_000, pageToken });
    found.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
};
