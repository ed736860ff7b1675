/** `standin pull`: buckets of any S3 endpoint, copied into a running server. */
import type { S3Client } from "@aws-sdk/client-s3";
import { toAccount, toUrl, UsageError } from "../../config-values.ts";
import { readArguments, type Arguments, type Command } from "../command.ts";
import { copyBucket } from "./copy-bucket.ts";
import { createProgress } from "./progress.ts";
import { loadSdk, type Sdk } from "./sdk.ts";

const DESCRIPTION = {
  usage: "standin pull --bucket NAME [options]",
  about:
    "Copies buckets of any S3 endpoint into a running server, with the JavaScript SDK that the project has installed.",
  positionals: { min: 0, max: 0 },
  options: {
    from: { value: "URL", help: "the endpoint to read from (AWS)" },
    bucket: { value: "NAME", many: true, help: "the bucket; may be repeated" },
    prefix: { value: "PREFIX", help: "only keys that begin so" },
    region: { value: "REGION", env: "AWS_REGION", help: "region of the endpoint to read from (us-east-1)" },
    "access-key-id": { value: "ID", help: "key to read with (the SDK's own search: environment, profiles, roles)" },
    "secret-access-key": { value: "SECRET", env: "AWS_SECRET_ACCESS_KEY", help: "its secret" },
    "session-token": { value: "TOKEN", env: "AWS_SESSION_TOKEN", help: "its session token, if it has one" },
    profile: { value: "NAME", env: "AWS_PROFILE", help: "profile of the shared configuration to read with" },
    to: { value: "URL", env: "STANDIN_URL", help: "the server's S3 (http://127.0.0.1:5000)" },
    account: { value: "ID", env: "STANDIN_ACCOUNT", help: "whose the buckets become (123456789012)" },
    "to-access-key-id": { value: "ID", help: "key to write with, where the world is strict (the account's id)" },
    "to-secret-access-key": { value: "SECRET", help: "its secret" },
    world: { value: "WORLD", env: "STANDIN_WORLD", help: "the world (that of the URL)" },
  },
} as const;

type Given = Arguments<keyof typeof DESCRIPTION.options>;

const DEFAULT_REGION = "us-east-1";

export const pullCommand: Command = async (argv, { env, say, nowMs }) => {
  const given = readArguments(argv, { env, describe: DESCRIPTION, print: (text) => process.stdout.write(text) });
  if (given === undefined) return;
  const buckets = given.many("bucket");
  if (buckets.length === 0) throw new UsageError(`which --bucket? usage: ${DESCRIPTION.usage}`);
  const sdk = await loadSdk();
  const from = sourceOf(sdk, given);
  const to = targetOf(sdk, given);
  const progress = createProgress({ isTerminal: process.stderr.isTTY, write: say, nowMs });
  const prefix = given.one("prefix") ?? "";
  for (const bucket of buckets) {
    await copyBucket({ sdk, from, to, bucket, prefix, progress }).catch((error: unknown) => {
      throw explained(bucket, error);
    });
  }
  from.destroy();
  to.destroy();
};

const nothing = (): void => {};
/** What goes wrong is told once, and by us. */
const SILENT = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

/** S3 takes no smaller chunks of a stream but the last. */
const CHUNK_BYTES = 64 * 1024;

const sourceOf = (sdk: Sdk, { one }: Given): S3Client => {
  const [from, accessKeyId, secretAccessKey] = [one("from"), one("access-key-id"), one("secret-access-key")];
  const [sessionToken, profile] = [one("session-token"), one("profile")];
  if (accessKeyId !== undefined && secretAccessKey === undefined)
    throw new UsageError("--access-key-id needs --secret-access-key or AWS_SECRET_ACCESS_KEY");
  return new sdk.S3Client({
    region: one("region") ?? DEFAULT_REGION,
    followRegionRedirects: true,
    logger: SILENT,
    ...(from === undefined ? {} : { endpoint: toUrl({ name: "--from", text: from }), forcePathStyle: true }),
    ...(profile === undefined ? {} : { profile }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
  });
};

const targetOf = (sdk: Sdk, { one }: Given): S3Client => {
  const account = toAccount({ name: "--account", text: one("account") ?? "123456789012" });
  const client = new sdk.S3Client({
    region: DEFAULT_REGION,
    logger: SILENT,
    requestStreamBufferSize: CHUNK_BYTES,
    endpoint: toUrl({ name: "--to", text: one("to") ?? "http://127.0.0.1:5000" }),
    forcePathStyle: true,
    credentials: {
      accessKeyId: one("to-access-key-id") ?? account,
      secretAccessKey: one("to-secret-access-key") ?? "standin",
    },
  });
  const world = one("world");
  if (world === undefined) return client;
  client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-standin-world"] = world;
      return next(args);
    },
    { step: "build", name: "selectWorld" },
  );
  return client;
};

/** What either endpoint answers, in one line. */
const explained = (bucket: string, error: unknown): unknown => {
  if (!(error instanceof Error) || !("$metadata" in error || "code" in error)) return error;
  return new UsageError(`${bucket}: ${error.name}: ${error.message || String((error as { code?: unknown }).code)}`, {
    cause: error,
  });
};
