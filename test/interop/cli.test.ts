/** The AWS CLI as people use it, with every signature verified. */
import { createHash, randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { filesOf, fillTree, newFolder } from "./folders.ts";
import { isThere, run } from "./programs.ts";
import { startStrict } from "./strict-server.ts";

const MIB = 1024 * 1024;

type Environment = Readonly<Record<string, string>>;

/** A command line of `aws` in a folder; it answers what was printed and must succeed. */
const cli = async (t: ExecutionContext, { cwd }: { cwd: string }) => {
  const { endpoint, env: own } = await startStrict(t);
  return async (line: string, env: Environment = {}): Promise<string> => {
    const told = { ...own, AWS_ENDPOINT_URL: endpoint, ...env };
    const { code, output } = await run("aws", line.split(" "), { cwd, env: told });
    t.is(code, 0, `aws ${line}: ${output}`);
    return output;
  };
};

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test("the CLI makes a bucket, copies 20 MiB up and down in parts, lists, removes", async (t) => {
  if (!(await isThere(t, "aws", "--version"))) return;
  const cwd = await newFolder(t);
  const aws = await cli(t, { cwd });
  const data = randomBytes(20 * MIB);
  await writeFile(join(cwd, "large.bin"), data);
  t.is(await aws("s3 mb s3://cli"), "make_bucket: cli\n");
  await aws("s3 cp large.bin s3://cli/in/large.bin --no-progress");
  t.regex(await aws("s3 ls s3://cli/in/"), / 20971520 large\.bin\n$/);
  t.regex(await aws("s3api head-object --bucket cli --key in/large.bin --query ETag --output text"), /-3"/);
  await aws("s3 cp s3://cli/in/large.bin down.bin --no-progress");
  t.is(sha256(await readFile(join(cwd, "down.bin"))), sha256(data));
  await aws("s3 rm s3://cli/in/large.bin");
  t.is(await aws("s3 rb s3://cli"), "remove_bucket: cli\n");
  t.is(await aws("s3 ls"), "");
});

test("the CLI syncs a tree up and down, with names that are hard to write", async (t) => {
  if (!(await isThere(t, "aws", "--version"))) return;
  const cwd = await newFolder(t);
  const aws = await cli(t, { cwd });
  await fillTree(join(cwd, "up"));
  const count = Object.keys(await filesOf(join(cwd, "up"))).length;
  await aws("s3 mb s3://tree");
  t.is((await aws("s3 sync up s3://tree/all --no-progress")).split("upload:").length - 1, count);
  t.is(await aws("s3 sync up s3://tree/all --no-progress"), "");
  await aws("s3 sync s3://tree/all down --no-progress");
  const [down, up] = [await filesOf(join(cwd, "down")), await filesOf(join(cwd, "up"))];
  t.deepEqual(Object.keys(down), Object.keys(up));
  for (const [name, content] of Object.entries(up)) t.true(down[name] === content, `${name} has another content`);
  await rm(join(cwd, "up/b/c.txt"));
  t.regex(await aws("s3 sync up s3://tree/all --delete --no-progress"), /^delete: s3:\/\/tree\/all\/b\/c\.txt\n$/);
  t.is((await aws("s3 rm s3://tree --recursive")).split("delete:").length - 1, count - 1);
  await aws("s3 rb s3://tree");
});

test("the CLI assumes a role and works in its account", async (t) => {
  if (!(await isThere(t, "aws", "--version"))) return;
  const aws = await cli(t, { cwd: await newFolder(t) });
  const role = "arn:aws:iam::222222222222:role/deploy";
  const answer = await aws(`sts assume-role --role-arn ${role} --role-session-name cli --output json`);
  const { Credentials: issued } = JSON.parse(answer) as { Credentials: Record<string, string> };
  const env = {
    AWS_ACCESS_KEY_ID: issued["AccessKeyId"] ?? "",
    AWS_SECRET_ACCESS_KEY: issued["SecretAccessKey"] ?? "",
    AWS_SESSION_TOKEN: issued["SessionToken"] ?? "",
  };
  const arn = await aws("sts get-caller-identity --query Arn --output text", env);
  t.is(arn, "arn:aws:sts::222222222222:assumed-role/deploy/cli\n");
  await aws("s3 mb s3://by-role", env);
  t.regex(await aws("s3 ls", env), / by-role\n$/);
  t.is(await aws("s3 ls"), "");
});
