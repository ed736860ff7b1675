import test from "ava";
import { call } from "../control/control-plane.ts";
import { startTestServer } from "../support/server.ts";
import { runPython } from "./programs.ts";

const KEY = { accessKeyId: "AKIASTANDININTEROP02", secretAccessKey: "interop/secret+key" };

for (const authMode of ["strict", "lenient"] as const) {
  test.serial(
    `boto3 presigns forms and URLs of both versions, with keys and sessions, in auth mode ${authMode}`,
    async (t) => {
      const server = await startTestServer({ authMode });
      t.teardown(() => server.close());
      const body = { accountId: "123456789012", ...KEY };
      t.is((await call(server.running.controlUrl, "AccountService/CreateAccessKey", { body })).status, 200);
      const credentials = { AWS_ACCESS_KEY_ID: KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey };
      await runPython(t, "boto3_post.py", { env: { ENDPOINT: server.endpoint, ...credentials } });
    },
  );
}
