/** With a seed and a frozen clock, the same requests get the same bytes. */
import { createHmac, hash } from "node:crypto";
import { connect } from "node:net";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import aws4 from "aws4";
import { createControlClient } from "../src/control/client.ts";
import { encodeForm } from "./support/post-form.ts";
import { startTestServer } from "./support/server.ts";
import type { Keys } from "./support/signed.ts";

const AT = "2031-05-06T07:08:09Z";
const AMZ_DATE = "20310506T070809Z";
const HOST = "s3.us-east-1.localhost";

type Options = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly keys?: Keys;
  readonly service?: "s3" | "sts";
  readonly presign?: boolean;
};

/** Sends `PUT /bucket/key` and the like, signed by the world's clock; answers all the bytes that come back. */
type Send = (line: string, options?: Options) => Promise<string>;

/** All that a connection answers to one request, written out. */
const exchange = (port: number, request: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("end", () => resolve(Buffer.concat(chunks).toString("latin1")));
    socket.write(request);
  });

const sender =
  (port: number, account: Keys): Send =>
  (line, { headers = {}, body = "", keys = account, service = "s3", presign = false } = {}) => {
    const [method = "", path = ""] = line.split(" ");
    const dated = presign ? {} : { "X-Amz-Date": AMZ_DATE };
    const query = presign ? `${path}${path.includes("?") ? "&" : "?"}X-Amz-Expires=60&X-Amz-Date=${AMZ_DATE}` : path;
    const unsigned = { host: HOST, method, path: query, service, region: "us-east-1", body };
    const signed = aws4.sign({ ...unsigned, headers: { ...headers, ...dated, Host: HOST }, signQuery: presign }, keys);
    const sent = { ...signed.headers, Host: HOST, "Content-Length": Buffer.byteLength(body), Connection: "close" };
    const head = Object.entries(sent).map(([name, value]) => `${name}: ${String(value)}\r\n`);
    return exchange(port, Buffer.from(`${method} ${signed.path} HTTP/1.1\r\n${head.join("")}\r\n${body}`));
  };

/** The text of the first element of this name in an answer. */
const element = (answer: string, name: string): string =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer)?.[1] ?? "";

const header = (answer: string, name: string): string => new RegExp(`^${name}: (.*)\r$`, "im").exec(answer)?.[1] ?? "";

const credentialsIn = (answer: string): Keys => ({
  accessKeyId: element(answer, "AccessKeyId"),
  secretAccessKey: element(answer, "SecretAccessKey"),
  sessionToken: element(answer, "SessionToken"),
});

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** A form as browsers send it, signed by the world's clock. */
const form = (keys: Keys, key: string): Pick<Options, "headers" | "body"> => {
  const day = AMZ_DATE.slice(0, 8);
  const fields = {
    key,
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `${keys.accessKeyId}/${day}/us-east-1/s3/aws4_request`,
    "x-amz-date": AMZ_DATE,
    success_action_status: "201",
  };
  const conditions = [{ bucket: "versioned" }, ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))];
  const document = JSON.stringify({ expiration: "2031-05-06T08:00:00Z", conditions });
  const policy = Buffer.from(document).toString("base64");
  const signingKey = [day, "us-east-1", "s3", "aws4_request"].reduce<string | Buffer>(
    hmac,
    `AWS4${keys.secretAccessKey}`,
  );
  const signature = hmac(signingKey, policy).toString("hex");
  const parts = Object.entries({ ...fields, policy, "x-amz-signature": signature });
  const body = encodeForm([...parts, ["file", { content: "by form" }]]).toString();
  const [boundary = ""] = body.split("\r\n", 1);
  return { headers: { "Content-Type": `multipart/form-data; boundary=${boundary.slice(2)}` }, body };
};

const LOCKED = { "x-amz-bucket-object-lock-enabled": "true" };
const sts = (action: string): string => `POST /?Version=2011-06-15&Action=${action}`;
const ROLE = "RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fdeploy&RoleSessionName=ci";

const buckets = async (send: Send): Promise<string[]> => [
  await send("PUT /plain"),
  await send("PUT /plain"),
  await send("PUT /versioned"),
  await send("PUT /versioned?versioning", {
    body: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
  }),
  await send("GET /versioned?versioning"),
  await send("PUT /locked", { headers: LOCKED }),
  await send("PUT /Not_a_bucket"),
  await send("GET /"),
  await send("GET /plain?location"),
  await send("HEAD /plain"),
  await send("HEAD /missing"),
  await send("GET /plain?acl"),
];

const DELETE = "<Delete><Object><Key>copy</Key></Object></Delete>";
const md5 = (text: string): string => hash("md5", text, "base64");

const objects = async (send: Send): Promise<string[]> => {
  const put = await send("PUT /versioned/a", { body: "one", headers: { "x-amz-meta-n": "1" } });
  const versionId = header(put, "x-amz-version-id");
  return [
    put,
    await send("PUT /versioned/a", { body: "two" }),
    await send("GET /versioned/a"),
    await send(`GET /versioned/a?versionId=${versionId}`),
    await send("DELETE /versioned/a"),
    await send("GET /versioned/a"),
    await send("HEAD /versioned/a"),
    await send("GET /versioned?versions"),
    await send("PUT /versioned/copy", { headers: { "x-amz-copy-source": `versioned/a?versionId=${versionId}` } }),
    await send("PUT /versioned/copy?tagging", {
      body: "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
    }),
    await send("GET /versioned/copy?tagging"),
    await send("PUT /plain/rows.csv", { body: "a,b\n1,2\n3,4\n" }),
    await send("POST /plain/rows.csv?select&select-type=2", {
      body: "<SelectObjectContentRequest><Expression>SELECT s.a FROM s3object s</Expression><ExpressionType>SQL</ExpressionType><InputSerialization><CSV><FileHeaderInfo>USE</FileHeaderInfo></CSV></InputSerialization><OutputSerialization><JSON/></OutputSerialization></SelectObjectContentRequest>",
    }),
    await send("PUT /plain/archived", { body: "x", headers: { "x-amz-storage-class": "GLACIER" } }),
    await send("GET /plain/archived"),
    await send("POST /plain/archived?restore", { body: "<RestoreRequest><Days>2</Days></RestoreRequest>" }),
    await send("HEAD /plain/archived"),
    await send("GET /plain?list-type=2&max-keys=1"),
    await send("GET /plain/missing"),
    await send("GET /plain/rows.csv", { headers: { Range: "bytes=2-4" } }),
    await send("GET /plain/rows.csv", { headers: { "If-None-Match": "*" } }),
    await send("GET /plain/rows.csv", { presign: true }),
    await send("POST /versioned?delete", { headers: { "Content-MD5": md5(DELETE) }, body: DELETE }),
  ];
};

const uploads = async (send: Send): Promise<string[]> => {
  const begun = await send("POST /versioned/large?uploads");
  const uploadId = element(begun, "UploadId");
  const part = await send(`PUT /versioned/large?partNumber=1&uploadId=${uploadId}`, { body: "part" });
  const etag = header(part, "ETag");
  const parts = `<Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part>`;
  return [
    begun,
    part,
    await send("GET /versioned?uploads"),
    await send(`GET /versioned/large?uploadId=${uploadId}`),
    await send(`POST /versioned/large?uploadId=${uploadId}`, {
      body: `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`,
    }),
    await send("POST /versioned/large?uploads"),
    await send("GET /versioned/large?attributes", { headers: { "x-amz-object-attributes": "ETag,ObjectSize" } }),
  ];
};

const sessions = async (send: Send, account: Keys): Promise<string[]> => {
  const assumed = await send(`${sts("AssumeRole")}&${ROLE}`, { service: "sts" });
  const session = await send(sts("GetSessionToken"), { service: "sts" });
  const federated = await send(`${sts("GetFederationToken")}&Name=bob`, { service: "sts" });
  const keys = credentialsIn(assumed);
  return [
    assumed,
    session,
    federated,
    await send(sts("GetCallerIdentity"), { service: "sts" }),
    await send(sts("GetCallerIdentity"), { service: "sts", keys }),
    await send(`${sts("AssumeRole")}&${ROLE}`, { service: "sts", keys: credentialsIn(session) }),
    await send(`${sts("GetAccessKeyInfo")}&AccessKeyId=${keys.accessKeyId}`, { service: "sts" }),
    await send(sts("Nonsense"), { service: "sts" }),
    await send("PUT /of-the-role", { keys }),
    await send("PUT /of-the-role/a", { keys, body: "x" }),
    await send("GET /", { keys }),
    await send("GET /of-the-role/a", { keys, presign: true }),
    await send("GET /", { keys: credentialsIn(federated) }),
    await send("GET /", { keys: { ...keys, secretAccessKey: "wrong" } }),
    await send("GET /", { keys: { ...account, accessKeyId: "AKIAIOSFODNN7EXAMPLE" } }),
    await send("GET /", { keys: { accessKeyId: "333333333333", secretAccessKey: "x", sessionToken: "garbled" } }),
  ];
};

const forms = async (send: Send, account: Keys): Promise<string[]> => [
  await send("POST /versioned", form(account, "posted")),
  await send("POST /versioned", form({ ...account, secretAccessKey: "wrong" }, "posted")),
  await send("GET /versioned/posted"),
];

/** Runs the script on a server of its own; answers what came back to each request. */
const run = async (seed: number): Promise<string[]> => {
  const server = await startTestServer({ seed });
  try {
    const control = createControlClient({ baseUrl: server.running.controlUrl });
    await control.clock.freezeClock({ at: timestampFromMs(Date.parse(AT)) });
    const { accessKeyId, secretAccessKey } = await control.accounts.createAccessKey({ accountId: "111111111111" });
    const account: Keys = { accessKeyId, secretAccessKey };
    const send = sender(Number(new URL(server.endpoint).port), account);
    return [
      JSON.stringify(account),
      ...(await buckets(send)),
      ...(await objects(send)),
      ...(await uploads(send)),
      ...(await sessions(send, account)),
      ...(await forms(send, account)),
    ];
  } finally {
    await server.close();
  }
};

test("two servers of one seed whose time stands still answer the same requests with the same bytes", async (t) => {
  const [one, other] = await Promise.all([run(1), run(1)]);
  t.true(one.length > 60, String(one.length));
  t.deepEqual(one, other);
  const statuses = new Set(one.slice(1).map((answer) => answer.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length)));
  t.deepEqual([...statuses].toSorted(), ["200", "201", "202", "204", "206", "304", "400", "403", "404"]);
  for (const answer of one.slice(1)) t.regex(answer, /\r\nDate: Tue, 06 May 2031 07:08:09 GMT\r\n/);
});

test("another seed gives other ids, keys and tokens", async (t) => {
  const [one, other] = await Promise.all([run(1), run(2)]);
  for (const [at, answer] of one.entries()) t.not(answer, other[at]);
});

test("a key that is generated after a reset is a new one, and the same in both servers", async (t) => {
  const generate = async (): Promise<string[]> => {
    const server = await startTestServer({ seed: 1 });
    const { accounts, state } = createControlClient({ baseUrl: server.running.controlUrl });
    const ids: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      ids.push((await accounts.createAccessKey({ accountId: "111111111111" })).accessKeyId);
      if (round % 3 === 2) await state.reset({});
    }
    await server.close();
    return ids;
  };
  const [one, other] = await Promise.all([generate(), generate()]);
  t.is(new Set(one).size, 12);
  t.deepEqual(one, other);
});
