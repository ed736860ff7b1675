/**
 * The calls that Terraform's AWS provider makes, in their order, as they were written down by `terraform/record.ts`: each is answered
 * as it was then. It shows where there is no Terraform that what it needs is there.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { startTestServer } from "../support/server.ts";
import { drawnIn, keepLogsBack, type Call } from "./terraform/record.ts";

const ACCOUNT = "123456789012";

const calls = JSON.parse(await readFile(join(import.meta.dirname, "terraform/calls.json"), "utf8")) as Call[];

test(`Terraform's ${calls.length} calls are answered as they were`, async (t) => {
  const server = await startTestServer({ account: ACCOUNT });
  t.teardown(() => server.close());
  await keepLogsBack(server);
  const ids = new Map<string, string>();
  const renamed = (text: string): string =>
    [...ids].reduce((all, [recorded, drawn]) => all.replaceAll(recorded, drawn), text);
  for (const [index, { method, path, headers, body, status, drawn = [] }] of calls.entries()) {
    // In place of a signature.
    const sent = {
      headers: { ...headers, "x-moto-account-id": ACCOUNT },
      ...(body === undefined ? {} : { body: renamed(body) }),
    };
    const answer = await server.request(method, renamed(path), sent);
    t.is(answer.status, status, `call ${index}: ${method} ${path}: ${answer.body.toString()}`);
    const found = drawnIn(answer);
    t.is(found.length, drawn.length, `call ${index}: ${method} ${path}`);
    for (const [at, id] of drawn.entries()) ids.set(id, found[at] ?? "");
  }
});
