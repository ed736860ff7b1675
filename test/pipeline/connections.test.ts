/** Bodies that are announced, refused, broken off or wrong; several requests on one connection. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { createLogger } from "../../src/platform/logger.ts";
import { createSystemPlatform } from "../../src/platform/system-platform.ts";
import { count, rawClient, type RawClient } from "../http/raw.ts";
import { startTestServer } from "../support/server.ts";
import { keysOf, sendSigned } from "../support/signed.ts";

const log: string[] = [];
const platform = createSystemPlatform({
  logger: createLogger({ level: "warn", write: (line) => void log.push(line) }),
});
const server = await startTestServer({}, { platform });
await server.request("PUT", "/wire");
test.after.always(async (t) => {
  t.deepEqual(log, []);
  await server.close();
});

const HOST = "Host: localhost\r\n";
const MIB = 1024 * 1024;

const connect = async (t: ExecutionContext): Promise<RawClient> => {
  const client = await rawClient(Number(new URL(server.endpoint).port));
  t.teardown(() => void client.socket.destroy());
  return client;
};

const read = async (key: string): Promise<string | undefined> => {
  const answer = await sendSigned(server, keysOf("123456789012"), { path: `/wire/${key}` });
  return answer.status === 200 ? String(answer.body) : undefined;
};

/** Files of bodies. Those that no object names go in the background. */
const bodyFiles = async (): Promise<string[]> => {
  const entries = await readdir(join(server.running.dataDir, "bodies"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

const noBodyFiles = async (): Promise<boolean> => {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if ((await bodyFiles()).length === 0) return true;
    await sleep(20);
  }
  return false;
};

test("a client that waits for 100 Continue gets it, once the request was accepted", async (t) => {
  const client = await connect(t);
  client.send(`PUT /wire/expected HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
  await client.until((text) => text.includes("100 Continue"));
  t.is(count(client.received(), "HTTP/1.1"), 1);
  client.send("hello");
  t.regex(await client.until((text) => text.includes("200 OK")), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  t.is(await read("expected"), "hello");
});

test("a refused upload is not told to go on, and the connection stays in order", async (t) => {
  for (const [target, headers, status] of [
    ["/missing/k", "", "404"],
    ["/wire/k?uploads", "", "405"],
    ["/wire/k?acl&uploads", "", "400"],
    ["/wire/k", "x-amz-expected-bucket-owner: 111111111111\r\n", "403"],
    ["/wire/k", "x-moto-account-id: 1\r\n", "400"],
    ["/wire/k", "Content-MD5: x\r\n", "400"],
    ["/wire/k", 'If-None-Match: "etag"\r\n', "501"],
    ["/wire/k", "x-amz-storage-class: NOTHING\r\n", "400"],
  ] as const) {
    const client = await connect(t);
    client.send(`PUT ${target} HTTP/1.1\r\n${HOST}${headers}Expect: 100-continue\r\nContent-Length: ${MIB}\r\n\r\n`);
    await client.until((text) => text.includes("</Error>"));
    t.true(client.received().startsWith(`HTTP/1.1 ${status}`), `${target} ${headers}: ${client.received()}`);
    t.is(count(client.received(), "100 Continue"), 0);
  }
  t.is(await read("k"), undefined);
});

test.serial("requests that are sent without waiting are answered in their order", async (t) => {
  await server.request("PUT", "/wire/large", { body: "x".repeat(MIB) });
  const client = await connect(t);
  const put = (key: string): string =>
    `PUT /wire/${key} HTTP/1.1\r\n${HOST}Content-Length: ${key.length}\r\n\r\n${key}`;
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}x-moto-account-id: 123456789012\r\n\r\n`;
  client.send(`${put("first")}${get("/wire/large")}${get("/missing")}${put("second")}${get("/wire?location")}`);
  const text = await client.until((received) => received.includes("LocationConstraint"));
  t.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ["200", "200", "404", "200", "200"],
  );
  t.true(text.indexOf("x".repeat(1000)) < text.indexOf("<Code>NoSuchBucket"));
  t.is(await read("second"), "second");
  await server.request("DELETE", "/wire/large");
});

test("the body of a refused request is not taken for the next one", async (t) => {
  const client = await connect(t);
  const smuggled = `DELETE /wire/kept HTTP/1.1\r\n${HOST}\r\n`;
  await server.request("PUT", "/wire/kept", { body: "v" });
  client.send(`PUT /missing/k HTTP/1.1\r\n${HOST}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`);
  client.send(`GET /wire?location HTTP/1.1\r\n${HOST}\r\n`);
  const text = await client.until((received) => received.includes("LocationConstraint"));
  t.is(count(text, "HTTP/1.1 "), 2);
  t.is(await read("kept"), "v");
});

for (const [name, head, body] of [
  ["with a length", `Content-Length: ${2 * MIB}\r\n`, "x".repeat(MIB)],
  ["in a few bytes", "Content-Length: 10\r\n", "x"],
  [
    "in chunks",
    `Content-Encoding: aws-chunked\r\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-trailer: x-amz-checksum-crc32\r\nx-amz-decoded-content-length: ${2 * MIB}\r\nTransfer-Encoding: chunked\r\n`,
    `100006\r\n100000\r\n${"x".repeat(MIB - 2)}`,
  ],
] as const) {
  test.serial(`an upload ${name} that is broken off leaves what was there, and no file`, async (t) => {
    await server.request("PUT", "/wire/broken", { body: "old" });
    const client = await connect(t);
    client.send(`PUT /wire/broken HTTP/1.1\r\n${HOST}${head}\r\n${body}`);
    await sleep(50);
    client.socket.destroy();
    await sleep(20);
    t.is(await read("broken"), "old");
    t.true(await noBodyFiles());
  });
}

test.serial("a part that is broken off is not there", async (t) => {
  const created = await server.request("POST", "/wire/parts?uploads");
  const [, uploadId = ""] = /<UploadId>([^<]*)</.exec(String(created.body)) ?? [];
  const client = await connect(t);
  client.send(
    `PUT /wire/parts?partNumber=1&uploadId=${uploadId} HTTP/1.1\r\n${HOST}Content-Length: ${2 * MIB}\r\n\r\n${"x".repeat(MIB)}`,
  );
  await sleep(50);
  client.socket.destroy();
  await sleep(20);
  const list = await sendSigned(server, keysOf("123456789012"), { path: `/wire/parts?uploadId=${uploadId}` });
  t.is(list.status, 200);
  t.false(String(list.body).includes("<Part>"));
  t.true(await noBodyFiles());
});

test.serial("a body that is not what its digest says leaves what was there, and no file", async (t) => {
  await server.request("PUT", "/wire/digest", { body: "old" });
  for (const headers of [
    { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" },
    { "x-amz-content-sha256": "0".repeat(64) },
    { "x-amz-checksum-crc32": "AAAAAA==" },
    { "x-amz-checksum-sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
  ]) {
    const answer = await server.request("PUT", "/wire/digest", { headers, body: "x".repeat(MIB) });
    t.is(answer.status, 400, JSON.stringify(headers));
  }
  t.is(await read("digest"), "old");
  t.true(await noBodyFiles());
});

test.serial("a client that leaves while it is answered costs nothing", async (t) => {
  await server.request("PUT", "/wire/large", { body: "x".repeat(8 * MIB) });
  for (let round = 0; round < 5; round += 1) {
    const client = await connect(t);
    client.send(`GET /wire/large HTTP/1.1\r\n${HOST}x-moto-account-id: 123456789012\r\n\r\n`);
    await client.until((text) => text.length > 1000);
    client.socket.destroy();
  }
  t.is((await server.request("DELETE", "/wire/large")).status, 204);
  t.true(await noBodyFiles());
});
