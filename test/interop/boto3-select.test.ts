import test from "ava";
import { startTestServer } from "../support/server.ts";
import { runPython } from "./programs.ts";

test("boto3 selects from every input and hears of errors before and after the answer has begun", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  await runPython(t, "boto3_select.py", { env: { ENDPOINT: server.endpoint } });
});
