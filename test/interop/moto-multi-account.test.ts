/** moto's page "Multi-Account support", example by example, with the clients that the page uses. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import test from "ava";
import { parseCommand } from "../../src/config.ts";
import { startTestServer } from "../support/server.ts";
import { runPython } from "./programs.ts";

const PROGRAM = "moto_multi_account.py";

test("each example of moto's page does what the page says", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  await runPython(t, PROGRAM, { env: { ENDPOINT: server.endpoint, CONTROL: server.running.controlUrl } });
});

test("MOTO_ACCOUNT_ID in the environment of the server is its account until the control plane takes it back", async (t) => {
  const command = parseCommand(["--ephemeral"], { MOTO_ACCOUNT_ID: "999999999999" });
  if (command.kind !== "serve") return t.fail();
  const server = await startTestServer({ ...command.config, port: 0, controlPort: 0, logLevel: "warn" });
  t.teardown(() => server.close());
  const env = { ENDPOINT: server.endpoint, CONTROL: server.running.controlUrl };
  await runPython(t, PROGRAM, { env, args: ["--variable-at-start"] });
  return undefined;
});

test("the program itself reads MOTO_ACCOUNT_ID and STANDIN_ACCOUNT_ID", async (t) => {
  for (const name of ["MOTO_ACCOUNT_ID", "STANDIN_ACCOUNT_ID"]) {
    const main = join(import.meta.dirname, "../../src/main.ts");
    const args = [main, "--ephemeral", "--port", "0", "--control-port", "0", "--json"];
    const env = { PATH: process.env["PATH"], [name]: "999999999999" };
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    t.teardown(() => void child.kill("SIGKILL"));
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { dataUrl, controlUrl } = JSON.parse(String(line)) as { dataUrl: string; controlUrl: string };
    const identity = await fetch(`${dataUrl}/?Action=GetCallerIdentity&Version=2011-06-15`);
    t.true((await identity.text()).includes("<Account>999999999999</Account>"));
    await runPython(t, PROGRAM, { env: { ENDPOINT: dataUrl, CONTROL: controlUrl }, args: ["--variable-at-start"] });
    child.kill("SIGTERM");
    await once(child, "exit");
  }
});
