/** A disk that is full, read-only or broken, and a process out of file handles, as clients see them. */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { Code, ConnectError } from "@connectrpc/connect";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { createControlClient } from "../src/control/client.ts";
import { openDisk } from "../src/engine/level/disk.ts";
import { systemFiles } from "../src/platform/files.ts";
import { LARGE } from "./state/fixtures.ts";
import { startTestServer, type TestServer } from "./support/server.ts";

type Trouble = { readonly code: string; readonly words: string };

const TROUBLES = {
  full: { code: "ENOSPC", words: "No space left on device" },
  "out of file handles": { code: "EMFILE", words: "Too many open files" },
  "read-only": { code: "EROFS", words: "Read-only file system" },
  broken: { code: "EIO", words: "Input/output error" },
} as const satisfies Readonly<Record<string, Trouble>>;

type Setting = { trouble: Trouble | undefined; reads: boolean };

/** A server above a disk that is in the trouble that `setting` says, and one that can be mended. */
const startTroubled = async (t: ExecutionContext): Promise<{ server: TestServer; setting: Setting; s3: S3Client }> => {
  const setting: Setting = { trouble: undefined, reads: true };
  const fileError = ({ code, words }: Trouble): Error => Object.assign(new Error(`${code}: ${words}`), { code });
  const levelError = ({ words }: Trouble): Error =>
    Object.assign(new Error(`IO error: 000005.log: ${words}`), { code: "LEVEL_IO_ERROR" });
  const server = await startTestServer(
    { logLevel: "silent" },
    {
      files: {
        ...systemFiles,
        create: async (path) => {
          if (setting.trouble !== undefined) throw fileError(setting.trouble);
          return systemFiles.create(path);
        },
      },
      openDisk: async (options) => {
        const disk = await openDisk(options);
        return {
          ...disk,
          get: (key, snapshot) => {
            if (setting.trouble !== undefined && !setting.reads) throw levelError(setting.trouble);
            return disk.get(key, snapshot);
          },
          write: async (writes) => {
            if (setting.trouble !== undefined) throw levelError(setting.trouble);
            return disk.write(writes);
          },
          probe: async () => {
            if (setting.trouble !== undefined) throw fileError(setting.trouble);
            return disk.probe();
          },
        };
      },
    },
  );
  t.teardown(() => server.close());
  return { server, setting, s3: server.s3() };
};

const refusalOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return "served";
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode} ${name}`;
  }
};

for (const [what, trouble] of Object.entries(TROUBLES)) {
  const passes = trouble.code === "ENOSPC" || trouble.code === "EMFILE";
  const refusal = passes ? "503 SlowDown" : "500 InternalError";

  test(`a disk that is ${what}: ${refusal}, reads go on, and service resumes`, async (t) => {
    const { server, setting, s3 } = await startTroubled(t);
    await server.request("PUT", "/bucket", { headers: { "x-moto-account-id": "123456789012" } });
    const put = (Key: string, Body: string | Buffer): Promise<unknown> =>
      s3.send(new PutObjectCommand({ Bucket: "bucket", Key, Body }));
    const read = async (Key: string): Promise<string | undefined> =>
      (await s3.send(new GetObjectCommand({ Bucket: "bucket", Key }))).Body?.transformToString();
    await put("before", "before");
    setting.trouble = trouble;
    t.is(await refusalOf(put("small", "small")), refusal);
    t.is(await refusalOf(put("again", "again")), refusal);
    t.is(await refusalOf(put("large", LARGE)), refusal);
    t.is(await read("before"), "before");
    const { state } = createControlClient({ baseUrl: server.running.controlUrl });
    const error = await t.throwsAsync(state.createSnapshot({ name: "s" }), { instanceOf: ConnectError });
    t.is(error.code, passes ? Code.ResourceExhausted : Code.Internal);
    setting.trouble = undefined;
    await sleep(200);
    await put("small", "small after all");
    await put("large", LARGE);
    await state.createSnapshot({ name: "s" });
    t.is(await read("small"), "small after all");
    t.is(await read("large"), LARGE.toString());
    t.is(await refusalOf(read("again")), "404 NoSuchKey");
  });
}

test("reads that find no file handle answer 503, those of STS too", async (t) => {
  const { server, setting, s3 } = await startTroubled(t);
  await server.request("PUT", "/bucket", { headers: { "x-moto-account-id": "123456789012" } });
  setting.trouble = TROUBLES["out of file handles"];
  setting.reads = false;
  t.is(await refusalOf(s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "k" }))), "503 SlowDown");
  const sts = server.sts({ credentials: { accessKeyId: "AKIAZZZZZZZZZZZZZZZZ", secretAccessKey: "secret" } });
  t.is(await refusalOf(sts.send(new GetCallerIdentityCommand({}))), "503 ServiceUnavailable");
  setting.trouble = undefined;
  t.is(await refusalOf(sts.send(new GetCallerIdentityCommand({}))), "served");
});
