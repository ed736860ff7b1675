/** Auth mode `strict` and browsers' forms: policies see what the form says of its object, and nothing that stands beside it. */
import {
  GetObjectCommand,
  PutBucketRequestPaymentCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { outcome } from "../services/s3/client.ts";
import { ALICE, BOB } from "../support/accounts.ts";
import { BOUNDARY, encodeForm, signFormV4, type Fields } from "../support/post-form.ts";
import { startTestServer } from "../support/server.ts";
import { element, type Keys } from "../support/signed.ts";
import { makeBucket, onObjects, putPolicy, registerKeys } from "./fixtures.ts";

const server = await startTestServer({ authMode: "strict" });
const [root, strangers] = [
  await registerKeys(server, { accountId: ALICE }),
  await registerKeys(server, { accountId: BOB }),
];
const alice: S3Client = server.s3({ credentials: root });
test.after.always(() => server.close());

type Upload = { readonly keys?: Keys; readonly fields?: Fields; readonly headers?: Readonly<Record<string, string>> };

const upload = (bucket: string, { keys = root, fields = {}, headers = {} }: Upload = {}) => {
  const form = signFormV4(keys, { fields: { key: "new", bucket, ...fields } });
  return server.request("POST", `/${bucket}`, {
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}`, ...headers },
    body: encodeForm([...Object.entries(form), ["file", { content: "content" }]]),
  });
};

const asked = [
  { header: "x-amz-server-side-encryption", value: "AES256", key: "s3:x-amz-server-side-encryption" },
  { header: "x-amz-acl", value: "bucket-owner-full-control", key: "s3:x-amz-acl" },
  { header: "x-amz-storage-class", value: "STANDARD_IA", key: "s3:x-amz-storage-class" },
];

for (const { header, value, key } of asked) {
  test(`a policy that demands ${header} of a form takes a field for it, and no header of the request`, async (t) => {
    const bucket = await makeBucket(alice);
    const Condition = { StringNotEquals: { [key]: value } };
    await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Action: "s3:PutObject", Condition }));
    t.is((await upload(bucket)).status, 403);
    const forged = await upload(bucket, { headers: { [header]: value } });
    t.is(element(forged, "Code"), "AccessDenied");
    t.deepEqual(await outcome(alice.send(new GetObjectCommand({ Bucket: bucket, Key: "new" }))), ["NoSuchKey", 404]);
    t.is((await upload(bucket, { fields: { [header]: value } })).status, 204);
  });
}

test("a policy that demands If-None-Match takes none of a form, which would not keep it", async (t) => {
  const bucket = await makeBucket(alice);
  const Condition = { Null: { "s3:if-none-match": "true" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Action: "s3:PutObject", Condition }));
  t.is((await upload(bucket, { headers: { "if-none-match": "*" } })).status, 403);
});

test("a form to a bucket whose requesters pay says that its sender does", async (t) => {
  const bucket = await makeBucket(alice);
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: BOB }, Action: "s3:PutObject" }));
  const RequestPaymentConfiguration = { Payer: "Requester" } as const;
  await alice.send(new PutBucketRequestPaymentCommand({ Bucket: bucket, RequestPaymentConfiguration }));
  t.is((await upload(bucket, { keys: strangers })).status, 403);
  const paid = await upload(bucket, { keys: strangers, fields: { "x-amz-request-payer": "requester" } });
  t.is(paid.status, 204);
  t.is(paid.headers["x-amz-request-charged"], "requester");
  t.is((await upload(bucket)).status, 204);
});

test("an unsigned form gets what the bucket's policy gives everyone", async (t) => {
  const bucket = await makeBucket(alice);
  const PublicAccessBlockConfiguration = { BlockPublicPolicy: false };
  await alice.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }));
  const send = () =>
    server.request("POST", `/${bucket}`, {
      headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
      body: encodeForm([
        ["key", "new"],
        ["file", { content: "content" }],
      ]),
    });
  t.is((await send()).status, 403);
  await putPolicy(alice, bucket, onObjects(bucket, { Action: "s3:PutObject" }));
  t.is((await send()).status, 204);
});
