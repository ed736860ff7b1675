/** The JS SDK, which goes by the real clock, in worlds whose clock was moved. */
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import type { Credentials } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { durationFromMs, timestampDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test, { type ExecutionContext } from "ava";
import { createControlClient, type ControlClient } from "../src/control/client.ts";
import { startTestServer, type TestServer } from "./support/server.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK_SECONDS = 7 * 24 * 60 * 60;

type Suite = {
  readonly server: TestServer;
  readonly clock: ControlClient["clock"];
  /** A key that `strict` knows, of the account's root. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** A strict server, so that every signature and its time is judged, with a bucket and an object. */
const start = async (t: ExecutionContext): Promise<Suite> => {
  const server = await startTestServer({ authMode: "strict" });
  t.teardown(() => server.close());
  const { accounts, clock } = createControlClient({ baseUrl: server.running.controlUrl });
  const { accessKeyId, secretAccessKey } = await accounts.createAccessKey({ accountId: "111111111111" });
  const credentials = { accessKeyId, secretAccessKey };
  await server.s3({ credentials }).send(new CreateBucketCommand({ Bucket: "photos" }));
  await server.s3({ credentials }).send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
  return { server, clock, credentials };
};

const presign = ({ server, credentials }: Suite, expiresIn: number): Promise<string> =>
  getSignedUrl(server.s3({ credentials }), new GetObjectCommand({ Bucket: "photos", Key: "a" }), { expiresIn });

const fetchStatus = async (url: string): Promise<number> => (await fetch(url)).status;

const FIELDS =
  /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message><X-Amz-Expires>(\d+)<\/X-Amz-Expires><Expires>([^<]+)<\/Expires><ServerTime>([^<]+)<\/ServerTime>/;

/** Asserts that a URL is refused as AWS refuses one that has ended; answers when it did, by the world's clock. */
const refusedAsExpired = async (t: ExecutionContext, url: string, expiresIn: number): Promise<number> => {
  const answer = await fetch(url);
  const body = await answer.text();
  t.is(answer.status, 403, body);
  const [, seconds = "", expires = "", serverTime = ""] = FIELDS.exec(body) ?? [];
  t.is(seconds, String(expiresIn), body);
  t.is(new Date(answer.headers.get("date") ?? "").toISOString().replace(".000", ""), serverTime);
  return Date.parse(expires);
};

const PLACES = [
  ["eight days ahead", (nowMs: number) => nowMs + 8 * DAY],
  ["in 2020", () => Date.parse("2020-02-29T12:00:00Z")],
  ["in 2040", () => Date.parse("2040-06-01T00:00:00Z")],
] as const;

for (const [name, place] of PLACES) {
  test(`a world ${name} dates all by its own clock, and the SDK goes on working with one client throughout`, async (t) => {
    const suite = await start(t);
    const { server, clock, credentials } = suite;
    const s3 = server.s3({ credentials });
    await s3.send(new ListBucketsCommand({}));
    const atMs = place(Date.now());
    const set = await clock.setClock({ at: timestampFromMs(atMs) });
    t.false(set.clock?.frozen);
    for (let round = 0; round < 3; round += 1) {
      await s3.send(new CreateBucketCommand({ Bucket: `bucket-${round}` }));
      await s3.send(new PutObjectCommand({ Bucket: "photos", Key: `k${round}`, Body: "x" }));
    }
    const near = (date: Date | undefined): void => {
      const ms = date?.getTime() ?? 0;
      t.true(ms > atMs - 1_000 && ms < atMs + MINUTE, `${date?.toISOString()} is not ${new Date(atMs).toISOString()}`);
    };
    near((await s3.send(new HeadObjectCommand({ Bucket: "photos", Key: "k2" }))).LastModified);
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    near(Buckets.find((bucket) => bucket.Name === "bucket-0")?.CreationDate);
    const raw = await server.request("GET", "/photos");
    near(new Date(raw.headers.date ?? ""));
    t.is(raw.headers["age"], "0");
    const { Credentials: issued } = await server.sts({ credentials }).send(new GetSessionTokenCommand({}));
    near(new Date((issued?.Expiration?.getTime() ?? 0) - HOUR));

    await clock.resumeClock({ realTime: true });
    await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "now", Body: "x" }));
    const back = await server.request("GET", "/photos");
    t.true(Math.abs(Date.parse(back.headers.date ?? "") - Date.now()) < MINUTE);
    t.is(back.headers["age"], undefined);
  });

  test(`in a world ${name} a fresh presigned URL works until it ends by the world's clock, and one from before does not`, async (t) => {
    const suite = await start(t);
    const before = await presign(suite, 900);
    t.is(await fetchStatus(before), 200);
    const atMs = place(Date.now());
    await suite.clock.setClock({ at: timestampFromMs(atMs) });
    const [short, long] = await Promise.all([presign(suite, 60), presign(suite, WEEK_SECONDS)]);
    t.is(await fetchStatus(short), 200);
    t.is(await fetchStatus(long), 200);
    if (atMs > Date.now()) await refusedAsExpired(t, before, 900);
    else t.regex(await (await fetch(before)).text(), /<Message>Request is not valid yet</);

    await suite.clock.advanceClock({ by: durationFromMs(2 * MINUTE) });
    const endedMs = await refusedAsExpired(t, short, 60);
    t.true(Math.abs(endedMs - (atMs + MINUTE)) < MINUTE);
    t.is(await fetchStatus(long), 200);
    t.is(await fetchStatus(await presign(suite, 60)), 200);
    await suite.clock.advanceClock({ by: durationFromMs(7 * DAY) });
    await refusedAsExpired(t, long, WEEK_SECONDS);
  });
}

test("a URL of seven days is refused after eight, and works after six", async (t) => {
  const suite = await start(t);
  const url = await presign(suite, WEEK_SECONDS);
  const signedAtMs = Date.now();
  await suite.clock.advanceClock({ by: durationFromMs(6 * DAY) });
  t.is(await fetchStatus(url), 200);
  await suite.clock.advanceClock({ by: durationFromMs(2 * DAY) });
  const endedMs = await refusedAsExpired(t, url, WEEK_SECONDS);
  t.true(Math.abs(endedMs - signedAtMs - 7 * DAY) < MINUTE);
});

test("a URL that was signed by the world's clock works too", async (t) => {
  const suite = await start(t);
  const { server, clock, credentials } = suite;
  const atMs = Date.parse("2040-06-01T00:00:00Z");
  await clock.freezeClock({ at: timestampFromMs(atMs) });
  const command = new GetObjectCommand({ Bucket: "photos", Key: "a" });
  const signingDate = new Date(atMs);
  const url = await getSignedUrl(server.s3({ credentials }), command, { expiresIn: 60, signingDate });
  t.is(await fetchStatus(url), 200);
  await clock.advanceClock({ by: durationFromMs(61_000) });
  t.is(await refusedAsExpired(t, url, 60), atMs + MINUTE);
});

const assume = async ({ server, credentials }: Suite): Promise<Credentials | undefined> => {
  const command = new AssumeRoleCommand({
    RoleArn: "arn:aws:iam::111111111111:role/r",
    RoleSessionName: "s1",
    DurationSeconds: 900,
  });
  return (await server.sts({ credentials }).send(command)).Credentials;
};

test("a session of fifteen minutes is over after sixteen, for S3 and for STS", async (t) => {
  const suite = await start(t);
  const { server, clock } = suite;
  const issued = await assume(suite);
  const credentials = {
    accessKeyId: issued?.AccessKeyId ?? "",
    secretAccessKey: issued?.SecretAccessKey ?? "",
    sessionToken: issued?.SessionToken ?? "",
  };
  await clock.advanceClock({ by: durationFromMs(14 * MINUTE) });
  await server.s3({ credentials }).send(new HeadObjectCommand({ Bucket: "photos", Key: "a" }));
  await clock.advanceClock({ by: durationFromMs(2 * MINUTE) });
  const error = await t.throwsAsync(server.s3({ credentials }).send(new ListBucketsCommand({})));
  t.like(error, { name: "ExpiredToken", "Token-0": credentials.sessionToken, $metadata: { httpStatusCode: 400 } });
  await t.throwsAsync(server.sts({ credentials }).send(new GetCallerIdentityCommand({})), {
    name: "ExpiredToken",
  });
  // A fresh one is not.
  const next = await assume(suite);
  const { now } = (await clock.getClock({})).clock ?? {};
  t.true(Math.abs((next?.Expiration?.getTime() ?? 0) - timestampDate(now!).getTime() - 15 * MINUTE) < MINUTE);
});

test("a restored object can be read until the world's time says that it is over", async (t) => {
  const { server, clock, credentials } = await start(t);
  const s3 = server.s3({ credentials });
  const object = { Bucket: "photos", Key: "archived" };
  await s3.send(new PutObjectCommand({ ...object, Body: "a", StorageClass: "GLACIER" }));
  await s3.send(new RestoreObjectCommand({ ...object, RestoreRequest: { Days: 1 } }));
  await (await s3.send(new GetObjectCommand(object))).Body?.transformToString();
  await clock.advanceClock({ by: durationFromMs(3 * DAY) });
  await t.throwsAsync(s3.send(new GetObjectCommand(object)), { name: "InvalidObjectState" });
});

test("a retention ends with the world's time", async (t) => {
  const { server, clock, credentials } = await start(t);
  const s3 = server.s3({ credentials });
  await s3.send(new CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true }));
  const until = new Date(Math.floor(Date.now() / 1000) * 1000 + 3 * DAY);
  const lock = { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: until } as const;
  const put = await s3.send(new PutObjectCommand({ Bucket: "locked", Key: "a", Body: "a", ...lock }));
  const erase = () =>
    server.s3({ credentials }).send(new DeleteObjectCommand({ Bucket: "locked", Key: "a", VersionId: put.VersionId }));
  await t.throwsAsync(erase(), { name: "AccessDenied" });
  const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket: "locked", Key: "a" }));
  t.deepEqual(Retention?.RetainUntilDate, until);
  await clock.advanceClock({ by: durationFromMs(4 * DAY) });
  await erase();
  await t.throwsAsync(
    erase().then(() => s3.send(new HeadObjectCommand({ Bucket: "locked", Key: "a" }))),
    {
      instanceOf: S3ServiceException,
    },
  );
});
