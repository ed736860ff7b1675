/** Terraform's own AWS provider creates a bucket with all that belongs to one, finds it as it was told, changes it and takes it away. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../support/server.ts";
import { newFolder } from "./folders.ts";
import { isThere, run } from "./programs.ts";

/** Without a way to the registry it is not to be waited for. */
const INIT_MS_MAX = 60_000;
/** Terraform waits for what it made by the real clock. */
const STEP_MS_MAX = 400_000;

test("Terraform applies, plans nothing more, changes, plans nothing more, destroys", async (t) => {
  t.timeout(6 * STEP_MS_MAX);
  if (!(await isThere(t, "terraform", "version"))) return;
  const cwd = await newFolder(t);
  await copyFile(join(import.meta.dirname, "terraform/main.tf"), join(cwd, "main.tf"));
  const init = await run("terraform", ["init", "-no-color"], { cwd, timeoutMs: INIT_MS_MAX });
  if (init.code !== 0) {
    t.log("skipped: this machine's Terraform cannot get the provider hashicorp/aws");
    t.pass();
    return;
  }
  const server = await startTestServer();
  t.teardown(() => server.close());
  const common = [
    `-var=endpoint=${server.endpoint}`,
    // `make soak` waits for it.
    `-var=with_lifecycle=${process.env["STANDIN_TEST_RUNS"] !== undefined}`,
    "-no-color",
  ];
  const terraform = async (...args: readonly string[]): Promise<void> => {
    const { code, output } = await run("terraform", [...args, ...common], { cwd, timeoutMs: STEP_MS_MAX });
    // A plan that would change something ends with 2.
    t.is(code, 0, `terraform ${args.join(" ")}: ${output}`);
  };
  await terraform("apply", "-auto-approve");
  await terraform("plan", "-detailed-exitcode");
  await terraform("apply", "-auto-approve", "-var=days=40");
  await terraform("plan", "-detailed-exitcode", "-var=days=40");
  await terraform("destroy", "-auto-approve", "-var=days=40");
  t.deepEqual((await server.s3().send(new ListBucketsCommand({}))).Buckets ?? [], []);
});
