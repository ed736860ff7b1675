/** Auth modes `strict` and `off`. */
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import test from "ava";
import { call } from "./control/control-plane.ts";
import { outcome } from "./services/s3/client.ts";
import { ALICE, assume, BOB, bucketNames, DEFAULT, whoAmI } from "./support/accounts.ts";
import { startTestServer } from "./support/server.ts";
import { element, keysOf, presignedPath, presignedPathV2, sendSigned, sendSignedV2 } from "./support/signed.ts";

const server = await startTestServer({ authMode: "strict" });
test.after.always(() => server.close());

const IDENTITY = { path: "/?Action=GetCallerIdentity&Version=2011-06-15", service: "sts" };

const register = async (accountId: string, userName?: string) => {
  const body = { accountId, ...(userName === undefined ? {} : { userName }) };
  const { json } = await call(server.running.controlUrl, "AccountService/CreateAccessKey", { body });
  return { accessKeyId: String(json["accessKeyId"]), secretAccessKey: String(json["secretAccessKey"]) };
};

test("strict refuses unknown keys, twelve digits among them", async (t) => {
  for (const keys of [keysOf("AKIAIOSFODNN7EXAMPLE"), keysOf(ALICE), keysOf("test")]) {
    for (const answer of [
      await sendSigned(server, keys),
      await sendSignedV2(server, keys),
      await server.request("GET", presignedPath(server, keys)),
      await server.request("GET", presignedPathV2(keys)),
    ]) {
      t.is(answer.status, 403);
      t.is(element(answer, "Code"), "InvalidAccessKeyId");
      t.is(element(answer, "AWSAccessKeyId"), keys.accessKeyId);
    }
    const sts = await sendSigned(server, keys, IDENTITY);
    t.is(sts.status, 403);
    t.is(element(sts, "Code"), "InvalidClientTokenId");
  }
});

test("strict refuses unsigned requests, and creates nothing for them", async (t) => {
  t.is(element(await server.request("GET", "/"), "Code"), "AccessDenied");
  t.is((await server.request("PUT", "/unsigned-in-strict")).status, 403);
  t.deepEqual(await bucketNames(server.s3({ credentials: await register(DEFAULT) })), []);
});

test("strict accepts registered keys: an account's root, and a user", async (t) => {
  const [root, user] = [await register(ALICE), await register(ALICE, "carol")];
  t.is(await whoAmI(server.sts({ credentials: root })), `arn:aws:iam::${ALICE}:root`);
  t.is(await whoAmI(server.sts({ credentials: user })), `arn:aws:iam::${ALICE}:user/carol`);
  const s3 = server.s3({ credentials: root });
  await s3.send(new CreateBucketCommand({ Bucket: "strictly-alices" }));
  await s3.send(new PutObjectCommand({ Bucket: "strictly-alices", Key: "k", Body: "v" }));
  t.is((await sendSignedV2(server, root, { path: "/strictly-alices/k" })).status, 200);
  t.is((await server.request("GET", presignedPathV2(root, { path: "/strictly-alices/k" }))).status, 200);
  t.is((await server.request("GET", presignedPath(server, root, { path: "/strictly-alices/k" }))).status, 200);
  const wrong = { ...root, secretAccessKey: "wrong" };
  t.deepEqual(await outcome(bucketNames(server.s3({ credentials: wrong }))), ["SignatureDoesNotMatch", 403]);
});

test("strict accepts the keys that a suite brought along", async (t) => {
  const keys = { accessKeyId: "AKIAIOSFODNN7SUITES1", secretAccessKey: "suite-secret" };
  await call(server.running.controlUrl, "AccountService/CreateAccessKey", { body: { accountId: BOB, ...keys } });
  t.is(await whoAmI(server.sts({ credentials: keys })), `arn:aws:iam::${BOB}:root`);
});

test("strict accepts issued credentials with their token alone", async (t) => {
  const issued = await assume(server.sts({ credentials: await register(ALICE) }), BOB);
  t.is(await whoAmI(server.sts({ credentials: issued })), `arn:aws:sts::${BOB}:assumed-role/deploy/ci`);
  const { accessKeyId, secretAccessKey } = issued;
  const tokenless = await sendSigned(server, { accessKeyId, secretAccessKey });
  t.is(element(tokenless, "Code"), "InvalidAccessKeyId");
  const garbled = await sendSigned(server, { ...issued, sessionToken: `${issued.sessionToken.slice(0, -4)}AAAA` });
  t.is(element(garbled, "Code"), "InvalidToken");
});

test("lenient takes issued credentials without their token, if the signature fits", async (t) => {
  const lenient = await startTestServer();
  t.teardown(() => lenient.close());
  const { accessKeyId, secretAccessKey } = await assume(lenient.sts(), BOB);
  t.is(element(await sendSigned(lenient, { accessKeyId, secretAccessKey }, IDENTITY), "Account"), BOB);
  const wrong = { accessKeyId, secretAccessKey: "wrong" };
  t.is(element(await sendSigned(lenient, wrong, IDENTITY), "Account"), DEFAULT);
});

test("strict does not heed the account header", async (t) => {
  const headers = { "x-moto-account-id": BOB };
  t.is((await server.request("GET", "/", { headers })).status, 403);
  t.is(element(await sendSigned(server, keysOf("test"), { headers }), "Code"), "InvalidAccessKeyId");
  t.is(element(await sendSigned(server, await register(ALICE), { ...IDENTITY, headers }), "Account"), ALICE);
  const malformed = { ...IDENTITY, headers: { "x-moto-account-id": "no account" } };
  t.is((await sendSigned(server, await register(ALICE), malformed)).status, 200);
});

test("strict keeps accounts out of each other's buckets until a policy says otherwise", async (t) => {
  const [hers, his] = [await register(ALICE), await register(BOB)];
  await server.s3({ credentials: hers }).send(new CreateBucketCommand({ Bucket: "strictly-hers" }));
  const call = server.s3({ credentials: his }).send(new ListObjectsV2Command({ Bucket: "strictly-hers" }));
  t.deepEqual(await outcome(call), ["AccessDenied", 403]);
});

test("an unsigned AssumeRole is refused in strict", async (t) => {
  const query = `Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::${BOB}:role/deploy&RoleSessionName=ci`;
  const answer = await server.request("GET", `/?${query}`);
  t.is(answer.status, 403);
  t.is(element(answer, "Code"), "MissingAuthenticationToken");
});

test("off believes any signature and any key", async (t) => {
  const off = await startTestServer({ authMode: "off" });
  t.teardown(() => off.close());
  const issued = { ...(await assume(off.sts(), BOB)), secretAccessKey: "wrong" };
  t.is(await whoAmI(off.sts({ credentials: issued })), `arn:aws:sts::${BOB}:assumed-role/deploy/ci`);
  t.is((await off.request("GET", "/", { headers: { authorization: "gibberish" } })).status, 200);
  const role = { RoleArn: `arn:aws:iam::${ALICE}:role/deploy`, RoleSessionName: "ci" };
  await t.notThrowsAsync(off.sts({ accountId: BOB }).send(new AssumeRoleCommand(role)));
});
