import test from "ava";
import { call } from "../control/control-plane.ts";
import { startTestServer } from "../support/server.ts";
import { runPython } from "./programs.ts";

const PROGRAM = "boto3_client.py";

test.serial(
  "boto3 uploads, downloads, checks, presigns and pages as against AWS, with every signature verified",
  async (t) => {
    const server = await startTestServer({ authMode: "strict" });
    t.teardown(() => server.close());
    const key = { accessKeyId: "AKIASTANDININTEROP01", secretAccessKey: "interop/secret+key" };
    const body = { accountId: "123456789012", ...key };
    t.is((await call(server.running.controlUrl, "AccountService/CreateAccessKey", { body })).status, 200);
    const credentials = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
    await runPython(t, PROGRAM, { env: { ENDPOINT: server.endpoint, ...credentials } });
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
