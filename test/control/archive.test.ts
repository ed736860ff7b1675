import { once } from "node:events";
import { request } from "node:http";
import { CreateBucketCommand, HeadObjectCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { Code, ConnectError } from "@connectrpc/connect";
import test, { type ExecutionContext } from "ava";
import { createControlClient, type ControlClient } from "../../src/control/client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { callOk } from "./control-plane.ts";

const ONE = "111111111111";
const TWO = "222222222222";

const withServer = async (use: (server: TestServer, control: ControlClient) => Promise<void>): Promise<void> => {
  const server = await startTestServer();
  try {
    await use(server, createControlClient({ baseUrl: server.running.controlUrl }));
  } finally {
    await server.close();
  }
};

const fill = async (server: TestServer): Promise<void> => {
  for (const accountId of [ONE, TWO]) {
    const s3 = server.s3({ accountId });
    await s3.send(new CreateBucketCommand({ Bucket: `of-${accountId}` }));
    const Body = "x".repeat(100_000);
    await s3.send(new PutObjectCommand({ Bucket: `of-${accountId}`, Key: "k", Body, Metadata: { a: "b" } }));
  }
};

const bucketsOf = async (server: TestServer, accountId: string): Promise<(string | undefined)[]> => {
  const { Buckets = [] } = await server.s3({ accountId }).send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
};

const exported = async ({ state }: ControlClient, wanted: Parameters<ControlClient["state"]["exportState"]>[0]) => {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of state.exportState(wanted)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

type Pieces = Parameters<ControlClient["state"]["importState"]>[0];

async function* pieces(
  target: object,
  bytes: Buffer,
): Pieces extends AsyncIterable<infer T> ? AsyncGenerator<T> : never {
  yield { piece: { case: "target", value: target } };
  for (let at = 0; at < bytes.length; at += 50_000)
    yield { piece: { case: "chunk", value: bytes.subarray(at, at + 50_000) } };
}

const refusal = async (t: ExecutionContext, call: Promise<unknown>): Promise<ConnectError> =>
  t.throwsAsync<ConnectError>(call, { instanceOf: ConnectError });

test("state goes from one server to another by RPC", async (t) => {
  await withServer(async (from, fromControl) => {
    await fill(from);
    const archive = await exported(fromControl, {});
    await withServer(async (to, control) => {
      await to.s3({ accountId: "333333333333" }).send(new CreateBucketCommand({ Bucket: "old" }));
      const answer = await control.state.importState(pieces({}, archive));
      t.like(answer, { accountIds: [ONE, TWO], whole: true });
      t.deepEqual(await bucketsOf(to, "333333333333"), []);
      const head = new HeadObjectCommand({ Bucket: `of-${ONE}`, Key: "k" });
      t.like(await to.s3({ accountId: ONE }).send(head), { ContentLength: 100_000, Metadata: { a: "b" } });
      t.true((await exported(control, {})).equals(archive));
      const some = await exported(control, { accountIds: [TWO], compression: 2 });
      t.is(some.readUInt16BE(0), 0x1f8b);
    });
  });
});

test("what an import is refused for has its code, and an unfinished one leaves nothing", async (t) => {
  await withServer(async (server, control) => {
    await fill(server);
    const archive = await exported(control, {});
    const { state } = control;
    const damaged = Buffer.from(archive);
    damaged[50]! ^= 1;
    t.is((await refusal(t, state.importState(pieces({}, damaged)))).code, Code.DataLoss);
    t.is((await refusal(t, state.importState(pieces({}, Buffer.from("PK zip"))))).code, Code.InvalidArgument);
    t.is((await refusal(t, state.importState(pieces({ world: "none" }, archive)))).code, Code.NotFound);
    t.is((await refusal(t, state.importState(pieces({ replace: true }, archive)))).code, Code.InvalidArgument);
    const { message, code } = await refusal(t, state.importState(pieces({ accountIds: ["999999999999"] }, archive)));
    t.is(code, Code.InvalidArgument);
    t.regex(message, /does not hold account 999999999999/);
    await state.importState(pieces({ snapshot: "s" }, archive));
    t.is((await refusal(t, state.importState(pieces({ snapshot: "s" }, archive)))).code, Code.AlreadyExists);
    await state.importState(pieces({ snapshot: "s", replace: true }, archive));
    const unknown = exported(control, { snapshot: "unknown" });
    t.is((await refusal(t, unknown)).code, Code.NotFound);
    t.true((await exported(control, { snapshot: "s" })).equals(archive));
  });
});

test("a bucket name that another account has is told with its owner", async (t) => {
  await withServer(async (server, control) => {
    await fill(server);
    const archive = await exported(control, { accountIds: [ONE] });
    await callOk(t, server.running.controlUrl, "StateService/Reset", {});
    await server.s3({ accountId: TWO }).send(new CreateBucketCommand({ Bucket: `of-${ONE}` }));
    const { code, message } = await refusal(t, control.state.importState(pieces({}, archive)));
    t.is(code, Code.FailedPrecondition);
    t.regex(message, new RegExp(`of-${ONE}.*${TWO}`));
    t.deepEqual(await bucketsOf(server, TWO), [`of-${ONE}`]);
  });
});

test("a plain GET and PUT do the same", async (t) => {
  await withServer(async (server, control) => {
    await fill(server);
    const url = `${server.running.controlUrl}/state/archive`;
    const answer = await fetch(`${url}?accountIds=${ONE}&compression=gzip`);
    t.is(answer.headers.get("content-type"), "application/gzip");
    const archive = Buffer.from(await answer.arrayBuffer());
    t.true((await exported(control, { accountIds: [ONE], compression: 2 })).equals(archive));
    await callOk(t, server.running.controlUrl, "StateService/Reset", {});
    const put = await fetch(url, { method: "PUT", body: archive });
    t.deepEqual(await put.json(), { accountIds: [ONE], whole: false });
    t.deepEqual(await bucketsOf(server, ONE), [`of-${ONE}`]);
    const refusals: [string, RequestInit, number, string][] = [
      ["?snapshot=none", {}, 404, "not_found"],
      ["?compression=lzma", {}, 400, "invalid_argument"],
      ["?snapshots=x", {}, 400, "invalid_argument"],
      ["", { method: "PUT", body: "hello" }, 400, "invalid_argument"],
      ["", { method: "PUT", body: archive.subarray(0, -1) }, 500, "data_loss"],
      ["", { method: "POST" }, 405, "unknown"],
    ];
    for (const [query, init, status, code] of refusals) {
      const refused = await fetch(url + query, init);
      t.is(refused.status, status, query);
      t.like(await refused.json(), { code });
    }
  });
});

test("a parameter of the plain paths that is empty is as if it were not there", async (t) => {
  await withServer(async (server, control) => {
    await fill(server);
    const url = `${server.running.controlUrl}/state/archive?world=&snapshot=&accountIds=`;
    const answer = await fetch(`${url}&compression=`);
    t.is(answer.status, 200);
    const archive = Buffer.from(await answer.arrayBuffer());
    t.true((await exported(control, {})).equals(archive));
    const put = await fetch(`${url}&replace=`, { method: "PUT", body: archive });
    t.deepEqual(await put.json(), { accountIds: [ONE, TWO], whole: true });
  });
});

test("an upload that breaks off changes nothing, and an export that is given up ends", async (t) => {
  await withServer(async (server, control) => {
    await fill(server);
    const before = await exported(control, {});
    const url = `${server.running.controlUrl}/state/archive`;
    const upload = request(url, { method: "PUT", headers: { "content-length": String(before.length) } });
    upload.on("error", () => {});
    upload.write(before.subarray(0, 100));
    await once(upload, "socket");
    await new Promise((resolve) => setTimeout(resolve, 50));
    upload.destroy();
    const given = await fetch(url);
    await given.body?.cancel();
    t.true((await exported(control, {})).equals(before));
  });
});

test("what is wrong with a snapshot's name is told of the field that has it, and of the world that was meant", async (t) => {
  await withServer(async (server, control) => {
    const { code, details } = await refusal(t, exported(control, { snapshot: "No!" }));
    t.is(code, Code.InvalidArgument);
    t.like(details, [{ debug: { field: "snapshot" } }]);
    const importing = (target: object) => refusal(t, control.state.importState(pieces(target, Buffer.of())));
    t.like((await importing({ snapshot: "No!" })).details, [{ debug: { field: "snapshot" } }]);

    await callOk(t, server.running.controlUrl, "WorldService/CreateWorld", { name: "w" });
    await callOk(t, server.running.controlUrl, "StateService/CreateSnapshot", { world: "w", name: "s" });
    const archive = await exported(control, { world: "w" });
    const taken = await refusal(t, control.state.importState(pieces({ world: "w", snapshot: "s" }, archive)));
    t.is(taken.code, Code.AlreadyExists);
    t.like(taken.details, [{ debug: { type: "snapshot", name: "s", world: "w" } }]);
  });
});
