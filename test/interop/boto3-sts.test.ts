import test from "ava";
import { runPython } from "./programs.ts";
import { startStrict } from "./strict-server.ts";

test("boto3 gets, chains, narrows and is refused credentials as by AWS, with every signature and policy judged", async (t) => {
  const { env } = await startStrict(t);
  await runPython(t, "boto3_sts.py", { env });
});
