import test from "ava";
import { runPython } from "./programs.ts";
import { startStrict } from "./strict-server.ts";

test.serial(
  "boto3 works in 2020, in 2040 and eight days ahead; its URLs, forms and sessions end by the world's clock",
  async (t) => {
    const { server, env } = await startStrict(t);
    await runPython(t, "boto3_clock.py", { env: { ...env, CONTROL: server.running.controlUrl } });
  },
);
