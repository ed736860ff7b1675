/**
 * Runs Terraform over `main.tf` against a server of its own and writes down what it sends: `calls.json`, which
 * `test/interop/terraform-replay.test.ts` sends again where there is no Terraform.
 *
 * Usage: node test/interop/terraform/record.ts
 * It needs `terraform`, the provider `hashicorp/aws`, and a resolver that knows 123456789012.localhost.
 */
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { createControlClient } from "../../../src/control/client.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { run } from "../programs.ts";

/** One request and the status that it was answered with. */
export type Call = {
  readonly method: string;
  readonly path: string;
  /** Those that say something to the server, signatures left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** Ids that the answer gave out, in their order: later calls name them. */
  readonly drawn?: readonly string[];
};

/** Ids that each run draws anew. */
export const drawnIn = (answer: { readonly body: Buffer }): string[] =>
  [...answer.body.toString().matchAll(/<(?:AccessKeyId|VersionId)>([^<]+)</g)].map(([, id = ""]) => id);

const DAY_MS = 86_400_000;

const TELLING = /^(?:content-type|content-md5|x-amz-(?!date$|content-sha256$|security-token$).+)$/;

const telling = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => TELLING.test(name))
      .map(([name, value]) => [name, String(value)]),
  );

/** Access logs that are delivered meanwhile would make one run differ from the next. */
export const keepLogsBack = async ({ running }: TestServer): Promise<void> => {
  const control = createControlClient({ baseUrl: running.controlUrl });
  await control.worlds.updateWorld({ settings: { accessLogDelay: durationFromMs(DAY_MS) } });
};

/** Stands between a client and the server, and keeps what goes through. */
const startRecorder = async (endpoint: string) => {
  const calls: Call[] = [];
  const { hostname, port } = new URL(endpoint);
  const proxy = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "GET", url: path = "/", headers } = incoming;
      const body = Buffer.concat(chunks);
      const forward = httpRequest({ hostname, port, method, path, headers, agent: false }, (answer) => {
        const status = answer.statusCode ?? 0;
        const answered: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => answered.push(chunk));
        answer.on("end", () => {
          const drawn = drawnIn({ body: Buffer.concat(answered) });
          calls.push({
            method,
            path,
            headers: telling(headers),
            ...(body.length === 0 ? {} : { body: body.toString() }),
            status,
            ...(drawn.length === 0 ? {} : { drawn }),
          });
        });
        outgoing.writeHead(status, answer.headers);
        answer.pipe(outgoing);
      });
      forward.end(body);
    });
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return { calls, port: (proxy.address() as AddressInfo).port, close: () => proxy.close() };
};

/** The same read many times over, as a client that waits sends it, is one. */
const withoutRepeats = (calls: readonly Call[]): Call[] =>
  calls.filter((call, index) => JSON.stringify(call) !== JSON.stringify(calls[index - 1]));

const record = async (): Promise<void> => {
  const server = await startTestServer();
  await keepLogsBack(server);
  const recorder = await startRecorder(server.endpoint);
  const cwd = await mkdtemp(join(tmpdir(), "standin-terraform-"));
  try {
    await copyFile(join(import.meta.dirname, "main.tf"), join(cwd, "main.tf"));
    const common = [
      `-var=endpoint=http://localhost:${recorder.port}`,
      "-var=control=true",
      "-parallelism=1",
      "-no-color",
    ];
    const steps = [
      ["init", "-no-color"],
      ["apply", "-auto-approve", ...common],
      ["plan", "-detailed-exitcode", ...common],
      ["apply", "-auto-approve", "-var=days=40", ...common],
      ["plan", "-detailed-exitcode", "-var=days=40", ...common],
      ["destroy", "-auto-approve", "-var=days=40", ...common],
    ];
    for (const step of steps) {
      const { code, output } = await run("terraform", step, { cwd, timeoutMs: 600_000 });
      if (code !== 0) throw new Error(`terraform ${step[0]} ended with ${code}:\n${output}`);
    }
    const calls = withoutRepeats(recorder.calls);
    await writeFile(join(import.meta.dirname, "calls.json"), `${JSON.stringify(calls, null, 1)}\n`);
    process.stdout.write(`${calls.length} calls\n`);
  } finally {
    recorder.close();
    await server.close();
    await rm(cwd, { recursive: true, force: true });
  }
};

if (import.meta.main) await record();
