/** Signatures of every kind, made by the real clock or by the world's, in worlds whose clock was moved. */
import { AssumeRoleWithWebIdentityCommand } from "@aws-sdk/client-sts";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test, { type ExecutionContext } from "ava";
import { ClientClock, createControlClient, type ControlClient } from "../src/control/client.ts";
import { postForm, signFormV2, signFormV4 } from "./support/post-form.ts";
import { startTestServer, type TestServer } from "./support/server.ts";
import { presignedPathV2, sendSigned, sendSignedV2, type Keys } from "./support/signed.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const IN_2040 = Date.parse("2040-06-01T00:00:00Z");
const IN_2020 = Date.parse("2020-02-29T12:00:00Z");

type Suite = { readonly server: TestServer; readonly clock: ControlClient["clock"]; readonly keys: Keys };

const start = async (t: ExecutionContext): Promise<Suite> => {
  const server = await startTestServer({ authMode: "strict" });
  t.teardown(() => server.close());
  const { accounts, clock } = createControlClient({ baseUrl: server.running.controlUrl });
  const { accessKeyId, secretAccessKey } = await accounts.createAccessKey({ accountId: "111111111111" });
  const keys = { accessKeyId, secretAccessKey };
  t.is((await sendSigned(server, keys, { method: "PUT", path: "/bucket" })).status, 200);
  return { server, clock, keys };
};

const FORM = { success_action_status: "201" };
const conditions = [{ bucket: "bucket" }, ["starts-with", "$key", ""]];

const post = async (
  { server, keys }: Suite,
  { sign, at }: { sign: typeof signFormV4; at: number },
): Promise<() => Promise<string>> => {
  const signed = sign(keys, { fields: FORM, conditions, expiresAtMs: at + 5 * MINUTE });
  return async () => {
    const { status, body } = await postForm(server, "bucket", { fields: { key: "k", ...signed } });
    return `${status} ${/<Message>([^<]*)/.exec(body.toString())?.[1] ?? ""}`;
  };
};

const EXPIRED = "403 Invalid according to Policy: Policy expired.";

for (const [name, atMs] of [
  ["2020", IN_2020],
  ["2040", IN_2040],
] as const) {
  test(`in ${name} a POST form of version 4 ends by the world's clock, as long after it was signed as it says`, async (t) => {
    const suite = await start(t);
    const before = await post(suite, { sign: signFormV4, at: Date.now() });
    await suite.clock.setClock({ at: timestampFromMs(atMs) });
    const fresh = await post(suite, { sign: signFormV4, at: Date.now() });
    t.is(await fresh(), "201 ");
    if (atMs > Date.now()) t.is(await before(), EXPIRED);
    await suite.clock.advanceClock({ by: durationFromMs(4 * MINUTE) });
    t.is(await fresh(), "201 ");
    await suite.clock.advanceClock({ by: durationFromMs(2 * MINUTE) });
    t.is(await fresh(), EXPIRED);
  });

  test(`in ${name} a form and a URL of version 2 work, and end by the world's clock once they were used`, async (t) => {
    const suite = await start(t);
    const { server, clock, keys } = suite;
    await clock.setClock({ at: timestampFromMs(atMs) });
    const form = await post(suite, { sign: signFormV2, at: Date.now() });
    t.is(await form(), "201 ");
    const url = presignedPathV2(keys, { path: "/bucket/k", expiresAtMs: Date.now() + 5 * MINUTE });
    t.is((await server.request("GET", url)).status, 200);
    await clock.advanceClock({ by: durationFromMs(6 * MINUTE) });
    t.is(await form(), EXPIRED);
    const late = await server.request("GET", url);
    t.is(late.status, 403);
    t.regex(late.body.toString(), /<Message>Request has expired<\/Message><Expires>(2020-02-29|2040-06-01)T/);
    // One that was not used before is taken for signed since.
    const unused = presignedPathV2(keys, { path: "/bucket/k", expiresAtMs: Date.now() + 4 * MINUTE });
    await clock.advanceClock({ by: durationFromMs(6 * MINUTE) });
    t.is((await server.request("GET", unused)).status, 200);
    const ofWorld = presignedPathV2(keys, { path: "/bucket/k", expiresAtMs: atMs + 5 * MINUTE });
    t.is((await server.request("GET", ofWorld)).status, 403);
  });

  test(`in ${name} a request of version 2 is signed now, by either clock, and refused at any other time`, async (t) => {
    const { server, clock, keys } = await start(t);
    await clock.freezeClock({ at: timestampFromMs(atMs) });
    t.is((await sendSignedV2(server, keys)).status, 200);
    t.is((await sendSigned(server, keys)).status, 200);
    const amz = (timeMs: number) => new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
    const statusAt = async (timeMs: number): Promise<number> =>
      (await sendSigned(server, keys, { headers: { "X-Amz-Date": amz(timeMs) } })).status;
    t.is(await statusAt(atMs), 200);
    t.is(await statusAt(atMs - 14 * MINUTE), 200);
    for (const timeMs of [atMs - 16 * MINUTE, atMs + 16 * MINUTE, Date.now() - 16 * MINUTE, Date.now() + DAY]) {
      const headers = { "X-Amz-Date": amz(timeMs) };
      const refused = await sendSigned(server, keys, { headers });
      const serverTime = new Date(atMs).toISOString().replace(".000", "");
      t.is(refused.status, 403);
      t.true(
        refused.body
          .toString()
          .includes(
            `<Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>${amz(timeMs)}</RequestTime><ServerTime>${serverTime}</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>`,
          ),
        refused.body.toString(),
      );
    }
  });
}

test("a world may say that its clients sign by the world's clock alone, or by the real one", async (t) => {
  const { server, clock, keys } = await start(t);
  const { worlds } = createControlClient({ baseUrl: server.running.controlUrl });
  const statusOf = async (timeMs: number): Promise<number> => {
    const amzDate = new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
    return (await sendSigned(server, keys, { headers: { "X-Amz-Date": amzDate } })).status;
  };
  await clock.freezeClock({ at: timestampFromMs(IN_2040) });
  const answers = async () => [await statusOf(Date.now()), await statusOf(IN_2040)];
  t.deepEqual(await answers(), [200, 200]);
  await worlds.updateWorld({ settings: { clientClock: ClientClock.WORLD } });
  t.deepEqual(await answers(), [403, 200]);
  await worlds.updateWorld({ settings: { clientClock: ClientClock.REAL } });
  t.deepEqual(await answers(), [200, 403]);
  const { world } = await worlds.updateWorld({ settings: { clientClock: ClientClock.EITHER } });
  t.is(world?.settings?.clientClock, ClientClock.EITHER);
  t.deepEqual(await answers(), [200, 200]);
});

test("a fork has a copy of the clock, and a reset of everything takes each world back to the clock it was made with", async (t) => {
  const { server, clock } = await start(t);
  const { worlds, state } = createControlClient({ baseUrl: server.running.controlUrl });
  const shownBy = async (world: string): Promise<string> => {
    const { headers } = await server.request("GET", "/", { headers: { "x-standin-world": world } });
    return new Date(headers.date ?? "").toISOString();
  };
  await clock.freezeClock({ at: timestampFromMs(IN_2040) });
  await worlds.createWorld({ name: "fork", fromWorld: "default" });
  await worlds.createWorld({ name: "empty" });
  await clock.freezeClock({ world: "fork", at: timestampFromMs(IN_2020) });
  t.is(await shownBy("default"), "2040-06-01T00:00:00.000Z");
  t.is(await shownBy("fork"), "2020-02-29T12:00:00.000Z");
  t.true(Math.abs(Date.parse(await shownBy("empty")) - Date.now()) < MINUTE);
  await state.reset({ world: "fork", everything: true });
  t.is(await shownBy("fork"), "2040-06-01T00:00:00.000Z");
  await state.reset({ everything: true });
  t.true(Math.abs(Date.parse(await shownBy("default")) - Date.now()) < MINUTE);
});

const jwt = (claims: object): string =>
  ["{}", JSON.stringify(claims), "x"].map((part) => Buffer.from(part).toString("base64url")).join(".");

test("a web identity token that was given by the real clock is good in 2040, and ends there", async (t) => {
  const { server, clock } = await start(t);
  await clock.setClock({ at: timestampFromMs(IN_2040) });
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iss: "https://issuer.test", sub: "bob", aud: "app", iat, exp: iat + 300 };
  const assume = () =>
    server.sts().send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: "arn:aws:iam::111111111111:role/r",
        RoleSessionName: "s1",
        WebIdentityToken: jwt(claims),
      }),
    );
  const { Credentials } = await assume();
  t.is(Credentials?.Expiration?.getUTCFullYear(), 2040);
  await clock.advanceClock({ by: durationFromMs(6 * MINUTE) });
  await t.throwsAsync(assume(), { name: "ExpiredTokenException" });
});
