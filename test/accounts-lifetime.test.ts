/** How long a request's word holds: issued credentials over resets and restarts, and everything that expires. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { silentLogger } from "../src/platform/logger.ts";
import { createSystemPlatform } from "../src/platform/system-platform.ts";
import { call } from "./control/control-plane.ts";
import { jwt } from "./services/sts/fixtures.ts";
import { outcome } from "./services/s3/client.ts";
import { ALICE, assume, BOB, bucketNames, keysFrom, whoAmI } from "./support/accounts.ts";
import { startTestServer, type TestServer } from "./support/server.ts";
import { element, keysOf, presignedPath, presignedPathV2, sendSigned } from "./support/signed.ts";

const SESSION_ARN = `arn:aws:sts::${BOB}:assumed-role/deploy/ci`;
const IDENTITY = "/?Action=GetCallerIdentity&Version=2011-06-15";

const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "standin-accounts-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** A server whose clock is `aheadMs` before the machine's. */
const startAhead = async (t: ExecutionContext, settings: Parameters<typeof startTestServer>[0] = {}) => {
  const time = { aheadMs: 0 };
  const system = createSystemPlatform({ logger: silentLogger });
  const platform = { ...system, clock: { now: () => system.clock.now() + time.aheadMs } };
  const server = await startTestServer(settings, { platform });
  t.teardown(() => server.close());
  return { server, time };
};

const start = async (t: ExecutionContext, settings: Parameters<typeof startTestServer>[0] = {}) => {
  const server = await startTestServer(settings);
  t.teardown(() => server.close());
  return server;
};

test("issued credentials survive resets of their account, of the world, and of everything", async (t) => {
  const server = await start(t);
  const credentials = await assume(server.sts(), BOB);
  const s3 = server.s3({ credentials });
  for (const body of [{ accountIds: [BOB] }, {}, { everything: true }]) {
    await s3.send(new CreateBucketCommand({ Bucket: "kept-no-longer" }));
    t.deepEqual(await bucketNames(server.s3({ accountId: BOB })), ["kept-no-longer"]);
    t.is((await call(server.running.controlUrl, "StateService/Reset", { body })).status, 200);
    t.is(await whoAmI(server.sts({ credentials })), SESSION_ARN);
    t.deepEqual(await bucketNames(s3), []);
  }
});

test("issued credentials, registered keys and buckets survive a restart on the same data directory", async (t) => {
  const settings = { ephemeral: false, dataDir: await newFolder(t), authMode: "strict" } as const;
  const first = await startTestServer(settings);
  const body = { accountId: ALICE, accessKeyId: "AKIASTANDINRESTART01", secretAccessKey: "secret" };
  t.is((await call(first.running.controlUrl, "AccountService/CreateAccessKey", { body })).status, 200);
  const registered = { accessKeyId: "AKIASTANDINRESTART01", secretAccessKey: "secret" };
  const credentials = await assume(first.sts({ credentials: registered }), BOB);
  await first.s3({ credentials }).send(new CreateBucketCommand({ Bucket: "over-restart" }));
  await first.close();

  const second = await start(t, settings);
  t.is(await whoAmI(second.sts({ credentials })), SESSION_ARN);
  t.deepEqual(await bucketNames(second.s3({ credentials })), ["over-restart"]);
  t.is(await whoAmI(second.sts({ credentials: registered })), `arn:aws:iam::${ALICE}:root`);
});

test("credentials of another server are unknown keys: the default account's in lenient, refused in strict", async (t) => {
  const elsewhere = await start(t);
  const credentials = await assume(elsewhere.sts(), BOB);
  const lenient = await start(t, { account: "999999999999" });
  t.is(await whoAmI(lenient.sts({ credentials })), "arn:aws:iam::999999999999:root");
  const strict = await start(t, { authMode: "strict" });
  t.deepEqual(await outcome(whoAmI(strict.sts({ credentials }))), ["InvalidClientTokenId", 403]);
  t.deepEqual(await outcome(bucketNames(strict.s3({ credentials }))), ["InvalidToken", 400]);
});

test("an override ends with the server, like the variable that it stands for; a fallback stays", async (t) => {
  const settings = { ephemeral: false, dataDir: await newFolder(t) };
  const first = await startTestServer({ ...settings, accountOverride: ALICE });
  t.is(await whoAmI(first.sts({ accountId: BOB })), `arn:aws:iam::${ALICE}:root`);
  await first.close();
  const second = await start(t, settings);
  t.is(await whoAmI(second.sts({ accountId: BOB })), `arn:aws:iam::${BOB}:root`);
});

const minutes = (count: number): number => count * 60_000;

/** Credentials for 15 minutes, the shortest time that AWS gives. */
const assumeShortly = async (server: TestServer) => {
  const input = { RoleArn: `arn:aws:iam::${BOB}:role/deploy`, RoleSessionName: "ci", DurationSeconds: 900 };
  const { Credentials } = await server.sts().send(new AssumeRoleCommand(input));
  return { keys: keysFrom(Credentials), expiresAtMs: Credentials?.Expiration?.getTime() ?? 0 };
};

test("issued credentials end when they say, by the server's clock, for S3, STS and presigned URLs", async (t) => {
  const { server, time } = await startAhead(t);
  const { keys, expiresAtMs } = await assumeShortly(server);
  t.true(Math.abs(expiresAtMs - Date.now() - minutes(15)) < 5000);
  const presigned = presignedPath(server, keys);
  const presignedV2 = presignedPathV2(keys, { expiresAtMs: Date.now() + minutes(60) });
  const presignedSts = presignedPath(server, keys, { path: IDENTITY, service: "sts" });

  time.aheadMs = minutes(14);
  t.is((await sendSigned(server, keys)).status, 200);
  t.is((await server.request("GET", presigned)).status, 200);
  t.is((await server.request("GET", presignedV2)).status, 200);

  time.aheadMs = minutes(15) + 1000;
  for (const answer of [
    await sendSigned(server, keys),
    await server.request("GET", presigned),
    await server.request("GET", presignedV2),
  ]) {
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "ExpiredToken");
    t.is(element(answer, "Message"), "The provided token has expired.");
  }
  for (const answer of [
    await sendSigned(server, keys, { path: IDENTITY, service: "sts" }),
    await server.request("GET", presignedSts),
  ]) {
    t.is(answer.status, 403);
    t.is(element(answer, "Code"), "ExpiredToken");
  }
});

test("a presigned URL ends when it says, whoever signed it", async (t) => {
  const { server, time } = await startAhead(t);
  const { keys } = await assumeShortly(server);
  for (const signer of [keysOf("unknown"), keysOf(ALICE), keys]) {
    const v4 = presignedPath(server, signer, { path: "/?X-Amz-Expires=60" });
    const v2 = presignedPathV2(signer, { expiresAtMs: Date.now() + 60_000 });
    time.aheadMs = 58_000;
    for (const path of [v4, v2]) t.is((await server.request("GET", path)).status, 200);
    time.aheadMs = 62_000;
    for (const path of [v4, v2]) {
      const answer = await server.request("GET", path);
      t.is(answer.status, 403);
      t.is(element(answer, "Message"), "Request has expired");
      t.truthy(element(answer, "Expires"));
      t.truthy(element(answer, "ServerTime"));
      t.is(element(answer, "X-Amz-Expires"), path === v4 ? "60" : undefined);
    }
    time.aheadMs = 0;
  }
});

test("off believes expired credentials and URLs", async (t) => {
  const { server, time } = await startAhead(t, { authMode: "off" });
  const { keys } = await assumeShortly(server);
  time.aheadMs = minutes(16);
  t.is(await whoAmI(server.sts({ credentials: keys })), SESSION_ARN);
  t.is((await server.request("GET", presignedPath(server, keysOf(ALICE), { path: "/?X-Amz-Expires=60" }))).status, 200);
});

test("an identity provider's expired token is refused", async (t) => {
  const { server } = await startAhead(t);
  const query = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: `arn:aws:iam::${BOB}:role/web`,
    RoleSessionName: "browser",
    WebIdentityToken: jwt({ iss: "https://idp.example", sub: "user", aud: "client", exp: 1 }),
  });
  const answer = await server.request("GET", `/?${query.toString()}`);
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "ExpiredTokenException");
});

test("a signature of a known key made a quarter of an hour from the server's time is too old, or too early", async (t) => {
  const { server, time } = await startAhead(t);
  const keys = await assume(server.sts(), BOB);
  for (const aheadMs of [minutes(16), -minutes(16)]) {
    time.aheadMs = aheadMs;
    const answer = await sendSigned(server, keys);
    t.is(answer.status, 403);
    t.is(element(answer, "Code"), "RequestTimeTooSkewed");
    t.is(element(answer, "MaxAllowedSkewMilliseconds"), "900000");
    t.is((await sendSigned(server, keysOf(ALICE))).status, 200);
  }
});
