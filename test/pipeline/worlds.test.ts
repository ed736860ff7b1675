import test from "ava";
import { startPipeline } from "./pipeline-server.ts";

test("a world is named by the header, else by the host, else it is the default one", async (t) => {
  const { state, send } = await startPipeline(t);
  const fromWorld = state.world("default");
  if (fromWorld === undefined) return t.fail();
  await state.fork({ name: "one", fromWorld });
  await state.fork({ name: "two", fromWorld });
  t.is((await send("PUT /in-one", { "x-standin-world": "one" })).status, 200);
  t.is((await send("PUT /in-two", { host: "two.world.localhost" })).status, 200);
  t.is((await send("PUT /", { host: "also-in-two.s3.two.world.localhost" })).status, 200);
  const namesIn = async (headers: Record<string, string>): Promise<string[]> =>
    [...(await send("GET /", headers)).body.matchAll(/<Name>([^<]*)</g)].map(([, name = ""]) => name);
  t.deepEqual(await namesIn({}), []);
  t.deepEqual(await namesIn({ host: "one.world.localhost" }), ["in-one"]);
  t.deepEqual(await namesIn({ "x-standin-world": "two" }), ["also-in-two", "in-two"]);
  t.deepEqual(await namesIn({ "x-standin-world": "one", host: "two.world.localhost" }), ["in-one"]);
  t.deepEqual(await namesIn({ "x-standin-world": "default", host: "two.world.localhost" }), []);
  return undefined;
});

test("an unknown world is 404 NoSuchWorld, and the answer names it", async (t) => {
  const { send } = await startPipeline(t);
  for (const [line, headers] of [
    ["GET /", { "x-standin-world": "nowhere" }],
    ["PUT /bucket", { host: "nowhere.world.localhost" }],
    ["POST /moto-api/reset", { "x-standin-world": "nowhere" }],
  ] as const) {
    const answer = await send(line, headers);
    t.is(answer.status, 404, line);
    t.regex(answer.body, /<Code>NoSuchWorld<\/Code>.*<World>nowhere<\/World>/);
  }
  t.is((await send("HEAD /bucket", { "x-standin-world": "nowhere" })).body, "");
});

test("STS tells of an unknown world as STS tells of errors, so that its clients know the code", async (t) => {
  const { send } = await startPipeline(t);
  const nowhere = { "x-standin-world": "nowhere" };
  for (const [line, headers] of [
    ["GET /?Action=GetCallerIdentity&Version=2011-06-15", nowhere],
    ["GET /?Action=GetCallerIdentity&Version=2011-06-15", { host: "sts.nowhere.world.localhost" }],
    ["POST /", { ...nowhere, authorization: "AWS4-HMAC-SHA256 Credential=1/20260101/us-east-1/sts/aws4_request" }],
  ] as const) {
    const { status, body } = await send(line, headers);
    t.is(status, 404, line);
    t.regex(body, /^<ErrorResponse .*<Error>.*<Code>NoSuchWorld<\/Code>.*nowhere.*<\/Error>/);
  }
});
