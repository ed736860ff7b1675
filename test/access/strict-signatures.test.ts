/** Auth mode `strict` for the other ways to sign: URLs and browsers' forms. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { ALICE, BOB } from "../support/accounts.ts";
import { postForm, signFormV4, type Fields } from "../support/post-form.ts";
import { startTestServer } from "../support/server.ts";
import { element, presignedPath, presignedPathV2, sendSigned } from "../support/signed.ts";
import { makeBucket, onObjects, putPolicy, registerKeys } from "./fixtures.ts";

const server = await startTestServer({ authMode: "strict" });
const [aliceKeys, bobKeys] = [
  await registerKeys(server, { accountId: ALICE }),
  await registerKeys(server, { accountId: BOB }),
];
test.after.always(() => server.close());

const alice = server.s3({ credentials: aliceKeys });

test("a bucket may refuse URLs that were signed beforehand", async (t) => {
  const bucket = await makeBucket(alice);
  const path = `/${bucket}/key`;
  const Condition = { StringEquals: { "s3:authType": "REST-QUERY-STRING" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Condition }));
  t.is((await sendSigned(server, aliceKeys, { path })).status, 200);
  t.is((await server.request("GET", presignedPath(server, aliceKeys, { path }))).status, 403);
  t.is((await server.request("GET", presignedPathV2(aliceKeys, { path }))).status, 403);
});

test("a bucket may refuse Signature Version 2, and signatures of a certain age", async (t) => {
  const bucket = await makeBucket(alice);
  const path = `/${bucket}/key`;
  const Condition = { StringNotEquals: { "s3:signatureversion": "AWS4-HMAC-SHA256" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Condition }));
  t.is((await server.request("GET", presignedPath(server, aliceKeys, { path }))).status, 200);
  t.is((await server.request("GET", presignedPathV2(aliceKeys, { path }))).status, 403);
  const old = { NumericGreaterThan: { "s3:signatureAge": "600000" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Condition: old }));
  const signedAt = (agoMs: number): string => {
    const date = new Date(Date.now() - agoMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
    return presignedPath(server, aliceKeys, { path: `${path}?X-Amz-Date=${date}&X-Amz-Expires=3600` });
  };
  t.is((await server.request("GET", signedAt(0))).status, 200);
  t.is((await server.request("GET", signedAt(1_200_000))).status, 403);
});

test("a form needs what a PutObject needs, and its tags too", async (t) => {
  const bucket = await makeBucket(alice);
  const tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
  const post = async (fields: Fields) => {
    const all = { bucket, key: "form", ...fields };
    const { bucket: _bucket, ...sent } = signFormV4(bobKeys, { fields: all });
    const answer = await postForm(server, bucket, { fields: sent });
    return element(answer, "Code") ?? answer.status;
  };
  t.is(await post({}), "AccessDenied");
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: BOB }, Action: "s3:PutObject" }));
  t.is(await post({}), 204);
  t.is(await post({ tagging: tags }), "AccessDenied");
  t.is(await post({ acl: "private" }), "AccessDenied");
  const Action = ["s3:PutObject", "s3:PutObjectTagging"];
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: BOB }, Action }));
  t.is(await post({ tagging: tags }), 204);
});

test("headers that a URL carries as parameters count as headers", async (t) => {
  const bucket = await makeBucket(alice);
  await alice.send(new PutObjectCommand({ Bucket: bucket, Key: "new", Body: "body" }));
  const Condition = { StringEquals: { "s3:x-amz-storage-class": "GLACIER" } };
  await putPolicy(alice, bucket, onObjects(bucket, { Effect: "Deny", Action: "s3:PutObject", Condition }));
  const path = (storageClass: string) => `/${bucket}/new?x-amz-storage-class=${storageClass}`;
  const put = async (storageClass: string) => {
    const signed = presignedPath(server, aliceKeys, { method: "PUT", path: path(storageClass) });
    return (await server.request("PUT", signed, { body: "body" })).status;
  };
  t.is(await put("STANDARD"), 200);
  t.is(await put("GLACIER"), 403);
});
