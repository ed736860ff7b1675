/** Clients that are programs of their own: run against a server, or left out with a clear line where the machine lacks them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { ExecutionContext } from "ava";

type Outcome = { readonly code: number; readonly output: string };

export type ProgramOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
};

const OUTPUT_BYTES_MAX = 8 * 1024 * 1024;
const RUN_MS_MAX = 120_000;

/** Nothing of the machine's own configuration may reach a client. */
const CLEAN_ENVIRONMENT = {
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_MAX_ATTEMPTS: "1",
  AWS_PAGER: "",
  PYTHONDONTWRITEBYTECODE: "1",
  NO_PROXY: "*",
};

const environment = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|MOTO|STANDIN)_/.test(name));
  return { ...Object.fromEntries(own), ...CLEAN_ENVIRONMENT, ...env };
};

/** Runs a program to its end. A program that is not there has code 127. */
export const run = (
  command: string,
  args: readonly string[],
  { env = {}, cwd = process.cwd(), timeoutMs = RUN_MS_MAX }: ProgramOptions = {},
): Promise<Outcome> =>
  new Promise((resolve) => {
    const options = { env: environment(env), cwd, timeout: timeoutMs, maxBuffer: OUTPUT_BYTES_MAX };
    execFile(command, [...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 127;
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });

/** Whether a program can be run; if not, the test says that it was skipped and passes. */
export const isThere = async (t: ExecutionContext, command: string, ...args: readonly string[]): Promise<boolean> => {
  const { code } = await run(command, args);
  if (code === 0) return true;
  const asked = args.every((each) => each.includes("version")) ? [command] : [command, ...args];
  t.log(`skipped: this machine has no ${asked.join(" ")}`);
  t.pass();
  return false;
};

/** Runs a Python program of this folder, which ends with an error when an assertion of its does not hold. */
export const runPython = async (
  t: ExecutionContext,
  program: string,
  { env = {}, args = [] }: { env?: Readonly<Record<string, string>>; args?: readonly string[] } = {},
): Promise<void> => {
  if (!(await isThere(t, "python3", "-c", "import boto3, requests"))) return;
  const { code, output } = await run("python3", [join(import.meta.dirname, program), ...args], { env });
  t.is(code, 0, output);
};
