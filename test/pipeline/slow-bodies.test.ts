/** What happens to a request whose world changes while its body is still on the way. */
import { request, type ClientRequest } from "node:http";
import test from "ava";
import { startTestServer, type RawResponse } from "../support/server.ts";
import { element } from "../support/signed.ts";

const server = await startTestServer();
test.after.always(() => server.close());

/** Enough that it goes to a file and is not held in memory. */
const HALF = Buffer.alloc(200 * 1024, "half");
const SIGNED = { authorization: "AWS AKIDEXAMPLE:sig" };

type Slow = { readonly outgoing: ClientRequest; readonly answer: Promise<RawResponse> };

/** Sends the head and half of the body, and waits until the server has begun to read it. */
const sendHalf = async (path: string): Promise<Slow> => {
  const { hostname, port } = new URL(server.endpoint);
  const headers = { "content-length": String(2 * HALF.length), expect: "100-continue" };
  const outgoing = request({ method: "PUT", hostname, port, path, headers, agent: false });
  const answer = new Promise<RawResponse>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
      );
    });
  });
  const accepted = new Promise<void>((resolve) => outgoing.on("continue", resolve));
  outgoing.flushHeaders();
  await accepted;
  outgoing.write(HALF);
  return { outgoing, answer };
};

const finish = async ({ outgoing, answer }: Slow): Promise<RawResponse> => {
  outgoing.end(HALF);
  return answer;
};

const get = (path: string) => server.request("GET", path, { headers: SIGNED });

test("a part whose upload is aborted while it arrives is refused, and leaves nothing", async (t) => {
  await server.request("PUT", "/aborted");
  const begun = await server.request("POST", "/aborted/k?uploads");
  const upload = `/aborted/k?uploadId=${element(begun, "UploadId")}`;
  const slow = await sendHalf(`${upload}&partNumber=1`);
  t.is((await server.request("DELETE", upload)).status, 204);
  const answer = await finish(slow);
  t.is(answer.status, 404);
  t.is(element(answer, "Code"), "NoSuchUpload");
  t.is((await server.request("DELETE", "/aborted")).status, 204);
});

test("an object whose bucket is deleted while it arrives is NoSuchBucket, even if the name is there again", async (t) => {
  for (const name of ["deleted", "made-again"]) {
    await server.request("PUT", `/${name}`);
    const slow = await sendHalf(`/${name}/k`);
    t.is((await server.request("DELETE", `/${name}`)).status, 204);
    if (name === "made-again") await server.request("PUT", `/${name}`);
    const answer = await finish(slow);
    t.is(answer.status, 404, name);
    t.is(element(answer, "Code"), "NoSuchBucket");
  }
  t.is((await get("/made-again/k")).status, 404);
});

test("an object that is put twice at once is the one whose body ended last", async (t) => {
  await server.request("PUT", "/twice");
  const slow = await sendHalf("/twice/k");
  t.is((await server.request("PUT", "/twice/k", { body: "quick" })).status, 200);
  t.is(String((await get("/twice/k")).body), "quick");
  t.is((await finish(slow)).status, 200);
  t.is((await get("/twice/k")).headers["content-length"], String(2 * HALF.length));
});

test("a condition is held against what is there when the body has come", async (t) => {
  await server.request("PUT", "/conditional");
  const { hostname, port } = new URL(server.endpoint);
  const headers = { "content-length": "2", "if-none-match": "*" };
  const outgoing = request({ method: "PUT", hostname, port, path: "/conditional/k", headers, agent: false });
  const status = new Promise((resolve) => outgoing.on("response", (incoming) => resolve(incoming.resume().statusCode)));
  outgoing.write("a");
  await server.request("PUT", "/conditional/k", { body: "first" });
  outgoing.end("b");
  t.is(await status, 412);
  t.is(String((await get("/conditional/k")).body), "first");
});

test("an object that is deleted while it is read is read to its end", async (t) => {
  await server.request("PUT", "/read");
  const body = Buffer.alloc(8 * 1024 ** 2, "x");
  await server.request("PUT", "/read/k", { body });
  const { hostname, port } = new URL(server.endpoint);
  const outgoing = request({ hostname, port, path: "/read/k", headers: SIGNED, agent: false }).end();
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      incoming.pause();
      void server
        .request("DELETE", "/read/k")
        .then(() => server.request("DELETE", "/read"))
        .then(() => incoming.resume());
      incoming.on("data", (chunk: Buffer) => (bytes += chunk.length));
      incoming.on("end", resolve);
      incoming.on("error", reject);
    });
  });
  t.is(bytes, body.length);
});
