import test from "ava";
import { startTestServer } from "../support/server.ts";
import { runPython } from "./programs.ts";
import { startStrict } from "./strict-server.ts";

const PROGRAM = "boto3_client.py";

test.serial(
  "boto3 uploads, downloads, checks, presigns and pages as against AWS, with every signature verified",
  async (t) => {
    const { env } = await startStrict(t);
    await runPython(t, PROGRAM, { env });
  },
);

for (const authMode of ["lenient", "off"] as const) {
  test.serial(`boto3 with an unknown key does the same in auth mode ${authMode}`, async (t) => {
    const server = await startTestServer({ authMode });
    t.teardown(() => server.close());
    const args = ["bodies", "presigned", "pagination"];
    await runPython(t, PROGRAM, { env: { ENDPOINT: server.endpoint }, args });
  });
}
