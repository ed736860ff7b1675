/** The body of a browser's form: what may stand in it, where, and how it may end. */
import { connect } from "node:net";
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import test from "ava";
import { call } from "../../control/control-plane.ts";
import { startTestServer, type RawResponse } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { BOUNDARY, encodeForm, postForm, postParts, signFormV4, type Fields } from "../../support/post-form.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();

const KEYS = { accessKeyId: "AKIASTANDINPOST00003", secretAccessKey: "secret" };
await call(server.running.controlUrl, "AccountService/CreateAccessKey", {
  body: { accountId: "123456789012", ...KEYS },
});

const bucket = await makeBucket(s3, "post-body");
test.after.always(() => server.close());

const refusal = (answer: RawResponse): readonly [number, string | undefined, string | undefined] => [
  answer.status,
  element(answer, "Code"),
  element(answer, "Message")?.replaceAll("&quot;", '"').replaceAll("&apos;", "'"),
];

const signed = (fields: Fields): Fields => signFormV4(KEYS, { fields, conditions: [{ bucket }] });

const textOf = async (Key: string): Promise<string> =>
  (await (await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))).Body?.transformToString()) ?? "";

test("a file of many bytes is stored as it was sent, delimiters' beginnings and all", async (t) => {
  const line = Buffer.from(`\r\n--${BOUNDARY.slice(0, -1)}\r\n-- \r\r\n\n--`);
  const content = Buffer.concat(
    Array.from({ length: 40_000 }, (_, number) => Buffer.concat([line, Buffer.from([number])])),
  );
  const answer = await postForm(server, bucket, { fields: signed({ key: "large" }), file: { content } });
  t.is(answer.status, 204, String(answer.body));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: "large" }));
  t.true(content.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)));
});

test("fields after the file do not count, and a second file is one too many", async (t) => {
  const fields = signed({ key: "after" });
  const parts = Object.entries(fields);
  const answer = await postParts(server, bucket, [...parts, ["file", { content: "a" }], ["submit", "Upload"]]);
  t.is(answer.status, 204, String(answer.body));
  t.is(await textOf("after"), "a");

  const late = await postParts(server, bucket, [["file", { content: "b" }], ...parts]);
  t.deepEqual(refusal(late), [
    400,
    "InvalidArgument",
    "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
  ]);
  t.is(element(late, "ArgumentName"), "key");
  t.is(element(late, "ArgumentValue"), "");

  const two = await postParts(server, bucket, [...parts, ["file", { content: "b" }], ["file", { content: "c" }]]);
  t.deepEqual(refusal(two), [
    400,
    "IncorrectNumberOfFilesInPostRequest",
    "POST requires exactly one file upload per request.",
  ]);
  const none = await postParts(server, bucket, parts);
  t.deepEqual(refusal(none), [400, "InvalidArgument", "POST requires exactly one file upload per request."]);
  t.deepEqual([element(none, "ArgumentName"), element(none, "ArgumentValue")], ["file", "0"]);
  t.is(await textOf("after"), "a");
});

test("a key may be neither empty nor too long", async (t) => {
  const empty = await postForm(server, bucket, { fields: signed({ key: "" }) });
  t.deepEqual(refusal(empty), [400, "InvalidArgument", "User key must have a length greater than 0."]);
  const long = await postForm(server, bucket, { fields: signed({ key: "k".repeat(1025) }) });
  t.is(element(long, "Code"), "KeyTooLongError");
});

test("fact 57: the body must be multipart/form-data, and well-formed", async (t) => {
  const post = (contentType: string, body: string | Uint8Array) =>
    server.request("POST", `/${bucket}`, { headers: { "content-type": contentType }, body });
  const html = await post("text/html", "x");
  t.deepEqual(refusal(html), [
    412,
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
  ]);
  t.is(element(html, "Condition"), "Bucket POST must be of the enclosure-type multipart/form-data");

  const whole = encodeForm([...Object.entries(signed({ key: "broken" })), ["file", { content: "broken" }]]);
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  for (const [contentType, body] of [
    ["multipart/form-data", whole],
    [type, ""],
    [type, "no form at all"],
    [type, `--${BOUNDARY}`],
    [type, `--${BOUNDARY}nothing like it\r\n\r\n`],
    [type, `--${BOUNDARY}\r\n\r\nno name\r\n--${BOUNDARY}--`],
    [type, whole.subarray(0, 300)],
    [type, whole.subarray(0, -BOUNDARY.length)],
    ["multipart/form-data; boundary=other", whole],
  ] as const) {
    const answer = await post(contentType, body);
    t.deepEqual(refusal(answer), [
      400,
      "MalformedPOSTRequest",
      "The body of your POST request is not well-formed multipart/form-data.",
    ]);
  }
  const padded = String(whole).replaceAll(`${BOUNDARY}\r\n`, `${BOUNDARY} \t\r\n`);
  t.is((await failure(textOf("broken"))).name, "NoSuchKey");
  t.is(
    (await post(`Multipart/Form-Data; charset=utf-8; boundary="${BOUNDARY}"`, `preamble\r\n${padded}rest`)).status,
    204,
  );
  t.is(await textOf("broken"), "broken");
});

test("what stands before the file may be 20 KB", async (t) => {
  const post = async (paddingBytes: number) =>
    postForm(server, bucket, { fields: signed({ key: "padded", "x-ignore-x": "x".repeat(paddingBytes) }) });
  const bytesMax = 20 * 1024;
  const fields = signed({ key: "padded", "x-ignore-x": "" });
  const head =
    encodeForm([...Object.entries(fields), ["file", { content: "" }]]).length - `\r\n--${BOUNDARY}--\r\n`.length;
  // Each character stands in the field, and in the policy's condition as 4 for 3.
  const paddingBytes = Math.floor((bytesMax - head) / (1 + 4 / 3)) - 2;
  t.is((await post(paddingBytes)).status, 204);
  for (const answer of [await post(paddingBytes + 10), await post(1024 * 1024)]) {
    t.is(element(answer, "Code"), "MaxPostPreDataLengthExceededError");
    t.is(answer.status, 400);
    t.is(element(answer, "MaxPostPreDataLengthBytes"), String(bytesMax));
  }
});

/** Sends requests on one connection, one after another, and gives back all that came. `end`: how the connection ends. */
const converse = (bytes: readonly Buffer[], end: "answered" | "broken off") =>
  new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(server.endpoint).port), "127.0.0.1");
    let received = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => (received += String(chunk)));
    socket.on("close", () => resolve(received));
    socket.write(Buffer.concat(bytes), () => {
      if (end === "broken off") socket.destroy();
    });
  });

const rawPost = (body: Buffer, headers = ""): Buffer =>
  Buffer.concat([
    Buffer.from(
      `POST /${bucket} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\nContent-Length: ${body.length}\r\n${headers}\r\n`,
    ),
    body,
  ]);

test("a connection goes on after a form, be it stored or refused before its file was read", async (t) => {
  const file = ["file", { content: Buffer.alloc(3 * 1024 * 1024) }] as const;
  const wrong = { ...signed({ key: "early" }), "X-Amz-Signature": "0" };
  const received = await converse(
    [
      rawPost(encodeForm([...Object.entries(wrong), file])),
      rawPost(encodeForm([...Object.entries(signed({ key: "goes-on" })), file])),
      rawPost(encodeForm([["key", "k"]]), "Connection: close\r\n"),
    ],
    "answered",
  );
  t.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 403", "HTTP/1.1 204", "HTTP/1.1 400"]);
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "early" }));
  t.is(KeyCount, 0);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "goes-on" }))).ContentLength, 3 * 1024 * 1024);
});

test("a form that is broken off stores nothing", async (t) => {
  const whole = rawPost(
    encodeForm([...Object.entries(signed({ key: "broken-off" })), ["file", { content: Buffer.alloc(500_000) }]]),
  );
  for (const length of [400, 1500, 100_000, whole.length - 10]) {
    t.is(await converse([whole.subarray(0, length)], "broken off"), "");
  }
  t.is((await postForm(server, bucket, { fields: signed({ key: "broken-off/after" }) })).status, 204);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "broken-off" }));
  t.deepEqual(
    Contents.map(({ Key }) => Key),
    ["broken-off/after"],
  );
});

test("a form waits for 100 Continue like any other body", async (t) => {
  const body = encodeForm([...Object.entries(signed({ key: "expected" })), ["file", { content: "e" }]]);
  const received = await converse([rawPost(body, "Expect: 100-continue\r\nConnection: close\r\n")], "answered");
  t.deepEqual(received.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 100", "HTTP/1.1 204"]);
});
