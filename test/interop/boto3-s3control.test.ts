import test from "ava";
import { startTestServer } from "../support/server.ts";
import { runPython } from "./programs.ts";
import { startStrict } from "./strict-server.ts";

const PROGRAM = "boto3_s3control.py";

test.serial("boto3 keeps an account's block, access points and tags, with every signature verified", async (t) => {
  const { env } = await startStrict(t);
  await runPython(t, PROGRAM, { env });
});

test.serial("boto3 with an unknown key does the same in auth mode lenient", async (t) => {
  const server = await startTestServer({ authMode: "lenient" });
  t.teardown(() => server.close());
  await runPython(t, PROGRAM, { env: { ENDPOINT: server.endpoint } });
});
