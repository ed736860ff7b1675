/** Who a request is: the account that its override, header, credentials or the default account give. */
import {
  AssumeRoleCommand,
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from "@aws-sdk/client-sts";
import { CreateBucketCommand, HeadBucketCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { canonicalOwnerId } from "../src/protocol/caller.ts";
import { call } from "./control/control-plane.ts";
import { jwt, SAML_PROVIDER, SAML_ROLE, samlResponse } from "./services/sts/fixtures.ts";
import { failure, outcome } from "./services/s3/client.ts";
import { ALICE, assume, BOB, bucketNames, DEFAULT, keysFrom, whoAmI } from "./support/accounts.ts";
import { startTestServer, type RawResponse } from "./support/server.ts";
import { element, keysOf, presignedPath, presignedPathV2, sendSigned, sendSignedV2 } from "./support/signed.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const root = (accountId: string): string => `arn:aws:iam::${accountId}:root`;
/** Whose buckets an answer to ListBuckets lists. */
const ownerIn = (answer: RawResponse): string | undefined => element(answer, "ID");
const IDENTITY = "/?Action=GetCallerIdentity&Version=2011-06-15";

test("an access key id of twelve digits names the account", async (t) => {
  t.is(await whoAmI(server.sts({ accountId: ALICE })), root(ALICE));
  await server.s3({ accountId: ALICE }).send(new CreateBucketCommand({ Bucket: "alice-by-digits" }));
  t.true((await bucketNames(server.s3({ accountId: ALICE }))).includes("alice-by-digits"));
  t.false((await bucketNames(server.s3())).includes("alice-by-digits"));
});

test("unknown keys, AWS's example key and unsigned requests are the default account's", async (t) => {
  for (const accessKeyId of ["test", "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "1234567890123"])
    t.is(await whoAmI(server.sts({ credentials: keysOf(accessKeyId) })), root(DEFAULT), accessKeyId);
  t.is(element(await server.request("GET", IDENTITY), "Arn"), root(DEFAULT));
  t.is(ownerIn(await server.request("GET", "/")), canonicalOwnerId(DEFAULT));
});

test("a foreign session token is no reason to refuse a request", async (t) => {
  const credentials = { ...keysOf("ASIAIOSFODNN7EXAMPLE"), sessionToken: "FwoGZXIvYXdzEXAMPLE" };
  t.is(await whoAmI(server.sts({ credentials })), root(DEFAULT));
});

test("credentials of AssumeRole lead to the role's account, and GetCallerIdentity names the session", async (t) => {
  const credentials = await assume(server.sts(), BOB);
  const { Arn, Account, UserId } = await server.sts({ credentials }).send(new GetCallerIdentityCommand({}));
  t.is(Account, BOB);
  t.is(Arn, `arn:aws:sts::${BOB}:assumed-role/deploy/ci`);
  t.regex(UserId ?? "", /^AROA[A-Z2-7]{17}:ci$/);
  await server.s3({ credentials }).send(new CreateBucketCommand({ Bucket: "bob-by-role" }));
  t.true((await bucketNames(server.s3({ accountId: BOB }))).includes("bob-by-role"));
  t.false((await bucketNames(server.s3())).includes("bob-by-role"));
});

test("a role has the same id each time it is assumed, and each account's role its own", async (t) => {
  const idOf = async (accountId: string): Promise<string | undefined> => {
    const RoleArn = `arn:aws:iam::${accountId}:role/deploy`;
    const answer = await server.sts().send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ci" }));
    const sts = server.sts({ credentials: keysFrom(answer.Credentials) });
    t.is((await sts.send(new GetCallerIdentityCommand({}))).UserId, answer.AssumedRoleUser?.AssumedRoleId);
    return answer.AssumedRoleUser?.AssumedRoleId;
  };
  t.is(await idOf(BOB), await idOf(BOB));
  t.not(await idOf(BOB), await idOf(ALICE));
});

test("a role may be assumed with the credentials of another role, in a third account", async (t) => {
  const first = await assume(server.sts(), ALICE);
  const second = await assume(server.sts({ credentials: first }), BOB);
  t.is(await whoAmI(server.sts({ credentials: second })), `arn:aws:sts::${BOB}:assumed-role/deploy/ci`);
});

test("credentials of GetSessionToken and GetFederationToken lead to the account that asked", async (t) => {
  const sts = server.sts({ accountId: BOB });
  const session = keysFrom((await sts.send(new GetSessionTokenCommand({}))).Credentials);
  t.is(await whoAmI(server.sts({ credentials: session })), root(BOB));
  const federation = await sts.send(new GetFederationTokenCommand({ Name: "carol" }));
  const federated = keysFrom(federation.Credentials);
  t.is(await whoAmI(server.sts({ credentials: federated })), `arn:aws:sts::${BOB}:federated-user/carol`);
  t.is(federation.FederatedUser?.Arn, `arn:aws:sts::${BOB}:federated-user/carol`);
  for (const credentials of [session, federated]) {
    const { Owner } = await server.s3({ credentials }).send(new ListBucketsCommand({}));
    t.is(Owner?.ID, canonicalOwnerId(BOB));
  }
});

test("GetCallerIdentity names the role that an identity provider's token was given", async (t) => {
  const web = await server.sts().send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: `arn:aws:iam::${BOB}:role/web`,
      RoleSessionName: "browser",
      WebIdentityToken: jwt({ iss: "https://idp.example", sub: "user", aud: "client" }),
    }),
  );
  t.is(
    await whoAmI(server.sts({ credentials: keysFrom(web.Credentials) })),
    `arn:aws:sts::${BOB}:assumed-role/web/browser`,
  );
  const expires = new Date(Date.now() + 60_000).toISOString();
  const saml = await server.sts().send(
    new AssumeRoleWithSAMLCommand({
      RoleArn: SAML_ROLE,
      PrincipalArn: SAML_PROVIDER,
      SAMLAssertion: samlResponse({ expires }),
    }),
  );
  t.is(
    await whoAmI(server.sts({ credentials: keysFrom(saml.Credentials) })),
    `arn:aws:sts::${BOB}:assumed-role/Reader/bob`,
  );
});

test("AssumeRoleWithWebIdentity and AssumeRoleWithSAML need no signature", async (t) => {
  const query = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: `arn:aws:iam::${BOB}:role/web`,
    RoleSessionName: "browser",
    WebIdentityToken: jwt({ iss: "https://idp.example", sub: "user", aud: "client" }),
  });
  const answer = await server.request("POST", "/", {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: query.toString(),
  });
  t.is(answer.status, 200, String(answer.body));
  t.is(element(answer, "Arn"), `arn:aws:sts::${BOB}:assumed-role/web/browser`);
});

test("GetAccessKeyInfo answers the account of an issued key", async (t) => {
  const { accessKeyId } = await assume(server.sts(), BOB);
  t.is((await server.sts().send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }))).Account, BOB);
});

test("each kind of signature resolves the account of its signer", async (t) => {
  const issued = await assume(server.sts(), BOB);
  for (const [accountId, keys] of [
    [ALICE, keysOf(ALICE)],
    [BOB, issued],
    [DEFAULT, keysOf("unknown")],
  ] as const) {
    const answers = {
      "V4 header": await sendSigned(server, keys),
      "V4 presigned": await server.request("GET", presignedPath(server, keys)),
      "V2 header": await sendSignedV2(server, keys),
      "V2 presigned": await server.request("GET", presignedPathV2(keys)),
    };
    for (const [kind, answer] of Object.entries(answers)) {
      t.is(answer.status, 200, `${kind}: ${String(answer.body)}`);
      t.is(ownerIn(answer), canonicalOwnerId(accountId), `${kind} of ${accountId}`);
    }
    const sts = await server.request("GET", presignedPath(server, keys, { path: IDENTITY, service: "sts" }));
    t.is(element(sts, "Account"), accountId, `presigned STS of ${accountId}`);
  }
});

test("a signature of an issued key that was made with another secret is refused", async (t) => {
  const keys = { ...(await assume(server.sts(), BOB)), secretAccessKey: "another" };
  for (const answer of [
    await sendSigned(server, keys),
    await server.request("GET", presignedPath(server, keys)),
    await sendSignedV2(server, keys),
    await server.request("GET", presignedPathV2(keys)),
    await sendSigned(server, keys, { path: IDENTITY, service: "sts" }),
  ]) {
    t.is(answer.status, 403);
    t.is(element(answer, "Code"), "SignatureDoesNotMatch");
  }
});

test("a header names the account, whatever the credentials say", async (t) => {
  for (const name of ["x-moto-account-id", "X-Moto-Account-Id", "x-standin-account-id"]) {
    const headers = { [name]: ALICE };
    t.is(ownerIn(await server.request("GET", "/", { headers })), canonicalOwnerId(ALICE), name);
    t.is(ownerIn(await sendSigned(server, keysOf(BOB), { headers })), canonicalOwnerId(ALICE), name);
  }
  const issued = await assume(server.sts(), BOB);
  const headers = { "x-moto-account-id": ALICE };
  const sts = { path: IDENTITY, service: "sts" };
  t.is(element(await sendSigned(server, issued, { ...sts, headers }), "Arn"), root(ALICE));
  const same = await sendSigned(server, issued, { ...sts, headers: { "x-moto-account-id": BOB } });
  t.is(element(same, "Arn"), `arn:aws:sts::${BOB}:assumed-role/deploy/ci`);
});

test("an account header that is not twelve digits is refused with a clear message", async (t) => {
  for (const value of ["12345678901", "1234567890123", "12345678901x", ""]) {
    const headers = { "x-moto-account-id": value };
    const answer = await server.request("GET", "/", { headers });
    t.is(answer.status, 400, value);
    t.regex(element(answer, "Message") ?? "", /x-moto-account-id must be an account id of twelve digits/);
    t.is((await server.request("GET", IDENTITY, { headers })).status, 400);
  }
});

test("an override wins over the header, the header over credentials, credentials over the default account", async (t) => {
  const own = await startTestServer({ account: "999999999999" });
  t.teardown(() => own.close());
  const { controlUrl } = own.running;
  const asked = async (headers: Record<string, string>) =>
    element(await sendSigned(own, keysOf(BOB), { path: IDENTITY, service: "sts", headers }), "Account");
  const header = { "x-moto-account-id": ALICE };
  t.is(await asked({}), BOB);
  t.is(await asked(header), ALICE);
  await call(controlUrl, "AccountService/SetDefaultAccount", { body: { accountId: "333333333333" } });
  t.is(await asked(header), "333333333333");
  t.is(await asked({}), "333333333333");
  await call(controlUrl, "AccountService/ClearDefaultAccount");
  t.is(await asked({}), BOB);
  t.is(element(await own.request("GET", IDENTITY), "Account"), "999999999999");
  await call(controlUrl, "AccountService/SetDefaultAccount", { body: { accountId: ALICE, mode: "FALLBACK" } });
  t.is(element(await own.request("GET", IDENTITY), "Account"), ALICE);
  t.is(await asked({}), BOB);
});

test("regions of China and of GovCloud have their own partitions", async (t) => {
  for (const [region, partition] of [
    ["cn-north-1", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
  ] as const) {
    const sts = server.sts({ accountId: ALICE, region });
    t.is(await whoAmI(sts), `arn:${partition}:iam::${ALICE}:root`);
    const RoleArn = `arn:${partition}:iam::${BOB}:role/deploy`;
    const answer = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ci" }));
    t.is(answer.AssumedRoleUser?.Arn, `arn:${partition}:sts::${BOB}:assumed-role/deploy/ci`);
    const credentials = keysFrom(answer.Credentials);
    t.is(await whoAmI(server.sts({ credentials, region })), `arn:${partition}:sts::${BOB}:assumed-role/deploy/ci`);
    const s3 = server.s3({ credentials, region });
    const Bucket = `in-${partition}`;
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }));
    t.is((await s3.send(new HeadBucketCommand({ Bucket }))).BucketArn, `arn:${partition}:s3:::${Bucket}`);
    t.deepEqual(await outcome(server.s3({ accountId: BOB }).send(new HeadBucketCommand({ Bucket }))), [
      "NotFound",
      404,
    ]);
    t.deepEqual(await bucketNames(server.s3({ accountId: BOB, region })), [Bucket]);
  }
});

test("a bad ARN, a bad duration and a missing parameter are AWS's errors", async (t) => {
  const sts = server.sts();
  const role = { RoleArn: `arn:aws:iam::${BOB}:role/deploy`, RoleSessionName: "ci" };
  for (const input of [
    { ...role, RoleArn: "nothing-valid-in-here" },
    { ...role, RoleArn: `arn:aws:iam::1:role/deploy` },
    { ...role, DurationSeconds: 899 },
    { ...role, DurationSeconds: 43_201 },
    { ...role, RoleArn: undefined },
    { ...role, RoleSessionName: undefined },
  ])
    t.deepEqual(await outcome(sts.send(new AssumeRoleCommand(input))), ["ValidationError", 400], JSON.stringify(input));
  const longest = await sts.send(new AssumeRoleCommand({ ...role, DurationSeconds: 43_200 }));
  t.true((longest.Credentials?.Expiration?.getTime() ?? 0) > Date.now() + 43_100_000);
});

test("an unknown action is the client's error", async (t) => {
  const answer = await server.request("GET", "/?Action=NoSuchAction&Version=2011-06-15");
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "InvalidAction");
  t.is((await sendSigned(server, keysOf(ALICE), { path: "/?Action=NoSuchAction", service: "sts" })).status, 400);
});

test("GetSessionToken is refused to temporary credentials, as by AWS", async (t) => {
  const sts = server.sts({ credentials: await assume(server.sts(), BOB) });
  const { name, message } = await failure(sts.send(new GetSessionTokenCommand({})));
  t.is(name, "AccessDenied");
  t.is(message, "Cannot call GetSessionToken with session credentials");
});

test("what a role writes belongs to its account", async (t) => {
  const s3 = server.s3({ credentials: await assume(server.sts(), BOB) });
  await s3.send(new CreateBucketCommand({ Bucket: "written-by-role" }));
  await s3.send(new PutObjectCommand({ Bucket: "written-by-role", Key: "k", Body: "v" }));
  const list = await sendSigned(server, keysOf(BOB), { path: "/written-by-role?list-type=2&fetch-owner=true" });
  t.is(ownerIn(list), canonicalOwnerId(BOB));
});
