import test from "ava";
import { runPython } from "./programs.ts";
import { startStrict } from "./strict-server.ts";

test.serial("boto3 makes users, roles and policies as against AWS, and they decide", async (t) => {
  const { env } = await startStrict(t);
  await runPython(t, "boto3_iam.py", { env });
});
