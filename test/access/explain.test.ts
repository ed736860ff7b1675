/** ExplainRequest: which layer decided, every statement that was asked, and the smallest change that would have allowed it. */
import { GetObjectCommand, PutPublicAccessBlockCommand, type S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetFederationTokenCommand } from "@aws-sdk/client-sts";
import test from "ava";
import { AccessLayer, AuthMode, createControlClient } from "../../src/control/client.ts";
import { callRefused } from "../control/control-plane.ts";
import { ALICE, BOB, keysFrom } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { element, presignedPath, sendSigned, type Keys } from "../support/signed.ts";
import { makeBucket, onObjects, policyText, putPolicy, registerKeys, type StatementText } from "./fixtures.ts";
import { READS, refusedId, registerUser } from "./registered-users.ts";

const server = await startTestServer({ authMode: "strict" });
const control = createControlClient({ baseUrl: server.running.controlUrl });
let aliceRoot: Keys;
let alice: S3Client;
test.before(async () => {
  aliceRoot = await registerKeys(server, { accountId: ALICE });
  alice = server.s3({ credentials: aliceRoot });
});
test.after.always(() => server.close());

const read = (Bucket: string, Key = "key") => new GetObjectCommand({ Bucket, Key });
const makeUser = (accountId: string, ...statements: readonly StatementText[]) =>
  registerUser(server, control, { accountId, statements });
const explain = (requestId: string) => control.access.explainRequest({ requestId });

test("a user without the permission is told which statement to add to its policies, and with it the request is allowed", async (t) => {
  const bucket = await makeBucket(alice);
  const { s3, userName } = await makeUser(ALICE, { Effect: "Allow", Action: "s3:ListBucket", Resource: "*" });
  const explained = await explain(await refusedId(t, s3.send(read(bucket))));
  t.false(explained.allowed);
  t.is(explained.refusedBy, "policies");
  t.is(explained.operation, "GetObject");
  t.is(explained.status, 403);
  t.is(explained.errorCode, "AccessDenied");
  t.is(explained.decisions.length, 1);
  const [decision] = explained.decisions;
  t.is(decision?.decidedBy, AccessLayer.IDENTITY);
  t.false(decision?.explicitDeny);
  t.is(decision?.principal, `arn:aws:iam::${ALICE}:user/${userName}`);
  t.is(decision?.action, "s3:GetObject");
  t.is(decision?.resource, `arn:aws:s3:::${bucket}/key`);
  t.is(decision?.resourceAccountId, ALICE);
  const [statement] = decision?.statements ?? [];
  t.is(statement?.policy, `user/${userName} inline policy inline`);
  t.false(statement?.matched);
  t.is(statement?.mismatch?.element, "Action");
  t.deepEqual(statement?.mismatch?.wanted, ["s3:ListBucket"]);
  t.deepEqual(statement?.mismatch?.actual, ["s3:GetObject"]);
  const [remedy] = decision?.remedies ?? [];
  t.is(decision?.remedies.length, 1);
  t.is(remedy?.layer, AccessLayer.IDENTITY);
  const added = JSON.parse(remedy?.statement ?? "") as Record<string, unknown>;
  t.deepEqual(added, { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/key` });
  const document = policyText(added);
  await control.identities.putUser({
    user: { accountId: ALICE, userName, inlinePolicies: [{ name: "new", document }] },
  });
  const { $metadata } = await s3.send(read(bucket));
  const allowed = await explain($metadata.requestId ?? "");
  t.true(allowed.allowed);
  t.is(allowed.refusedBy, "");
  t.is(
    allowed.decisions[0]?.reason,
    `Allowed by statement 0 of the identity policy "user/${userName} inline policy new".`,
  );
});

test("a Deny names its statement, the condition that holds, and the values that were compared", async (t) => {
  const bucket = await makeBucket(alice);
  await putPolicy(
    alice,
    bucket,
    onObjects(bucket, { Sid: "Tls", Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
    onObjects(bucket, { Sid: "Away", Effect: "Deny", Condition: { NotIpAddress: { "aws:SourceIp": "127.0.0.0/8" } } }),
  );
  const { s3 } = await makeUser(ALICE, READS);
  const [decision] = (await explain(await refusedId(t, s3.send(read(bucket))))).decisions;
  t.true(decision?.explicitDeny);
  t.is(decision?.decidedBy, AccessLayer.RESOURCE);
  t.is(decision?.reason, `Denied by statement 0 ("Tls") of the resource policy "bucket policy of ${bucket}".`);
  t.deepEqual(
    decision?.statements.map(({ sid, matched, decided, principalBy }) => [sid, matched, decided, principalBy]),
    [
      ["Reads", true, false, ""],
      ["Tls", true, true, "everyone"],
      ["Away", false, false, ""],
    ],
  );
  const failed = decision?.statements[2]?.mismatch;
  t.is(failed?.element, "Condition");
  t.is(failed?.operator, "NotIpAddress");
  t.is(failed?.key, "aws:SourceIp");
  t.deepEqual(failed?.wanted, ["127.0.0.0/8"]);
  t.deepEqual(failed?.actual, ["127.0.0.1"]);
  t.deepEqual(
    decision?.values.map(({ key, values }) => [key, values]),
    [
      ["aws:securetransport", ["false"]],
      ["aws:sourceip", ["127.0.0.1"]],
    ],
  );
  t.deepEqual(
    decision?.remedies.map(({ layer, policy, statementIndex, statement }) => [
      layer,
      policy,
      statementIndex,
      statement,
    ]),
    [[AccessLayer.RESOURCE, `bucket policy of ${bucket}`, 0, ""]],
  );
  t.true(decision?.remedies[0]?.description.includes("it denies where Bool aws:SecureTransport false"));
});

test("another account's caller needs the bucket's policy too, and is told the statement with its own principal", async (t) => {
  const bucket = await makeBucket(alice);
  const { s3, userName } = await makeUser(BOB, READS);
  const explained = await explain(await refusedId(t, s3.send(read(bucket))));
  const remedies = explained.decisions[0]?.remedies ?? [];
  t.deepEqual(
    remedies.map(({ layer }) => layer),
    [AccessLayer.RESOURCE],
  );
  const statement = JSON.parse(remedies[0]?.statement ?? "") as Record<string, unknown>;
  t.deepEqual(statement["Principal"], { AWS: `arn:aws:iam::${BOB}:user/${userName}` });
  await putPolicy(alice, bucket, statement);
  await t.notThrowsAsync(s3.send(read(bucket)));
  const bare = await makeUser(BOB);
  const both = await explain(await refusedId(t, bare.s3.send(read(bucket))));
  t.deepEqual(
    both.decisions[0]?.remedies.map(({ layer }) => layer),
    [AccessLayer.IDENTITY, AccessLayer.RESOURCE],
  );
});

test("an anonymous read that a public access block stops is told which switch", async (t) => {
  const bucket = await makeBucket(alice, { open: true });
  await putPolicy(alice, bucket, onObjects(bucket, {}));
  t.is((await server.request("GET", `/${bucket}/key`)).status, 200);
  const PublicAccessBlockConfiguration = { RestrictPublicBuckets: true };
  await alice.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }));
  const { status, headers } = await server.request("GET", `/${bucket}/key`);
  t.is(status, 403);
  const [decision] = (await explain(String(headers["x-amz-request-id"]))).decisions;
  t.is(decision?.decidedBy, AccessLayer.PUBLIC_ACCESS_BLOCK);
  t.deepEqual(
    decision?.remedies.map(({ layer }) => layer),
    [AccessLayer.PUBLIC_ACCESS_BLOCK],
  );
});

test("an anonymous read of a new bucket needs a public policy, and the block off for it", async (t) => {
  const bucket = await makeBucket(alice);
  const { headers } = await server.request("GET", `/${bucket}/key`);
  const [decision] = (await explain(String(headers["x-amz-request-id"]))).decisions;
  t.deepEqual(
    decision?.remedies.map(({ layer }) => layer),
    [AccessLayer.RESOURCE, AccessLayer.PUBLIC_ACCESS_BLOCK],
  );
});

test("an ACL for everyone that IgnorePublicAcls hides is found", async (t) => {
  const bucket = await makeBucket(alice, { open: true, ownership: "ObjectWriter" });
  const put = { method: "PUT", path: `/${bucket}/public`, body: "body", headers: { "x-amz-acl": "public-read" } };
  t.is((await sendSigned(server, aliceRoot, put)).status, 200);
  t.is((await server.request("GET", `/${bucket}/public`)).status, 200);
  const PublicAccessBlockConfiguration = { IgnorePublicAcls: true };
  await alice.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }));
  const { status, headers } = await server.request("GET", `/${bucket}/public`);
  t.is(status, 403);
  const [decision] = (await explain(String(headers["x-amz-request-id"]))).decisions;
  t.regex(decision?.remedies[0]?.description ?? "", /IgnorePublicAcls/);
});

test("sessions: what narrows them is told apart from what the role may", async (t) => {
  const bucket = await makeBucket(alice);
  const trustPolicy = policyText({ Effect: "Allow", Principal: { AWS: ALICE }, Action: "sts:AssumeRole" });
  await control.identities.putRole({
    role: {
      accountId: ALICE,
      roleName: "narrowed",
      trustPolicy,
      inlinePolicies: [{ name: "reads", document: policyText(READS) }],
    },
  });
  const RoleArn = `arn:aws:iam::${ALICE}:role/narrowed`;
  const Policy = policyText({ Effect: "Allow", Action: "s3:ListBucket", Resource: "*" });
  const sts = server.sts({ credentials: aliceRoot });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ci", Policy }));
  const narrowed = await explain(
    await refusedId(t, server.s3({ credentials: keysFrom(Credentials) }).send(read(bucket))),
  );
  t.is(narrowed.decisions[0]?.decidedBy, AccessLayer.SESSION);
  t.deepEqual(
    narrowed.decisions[0]?.remedies.map(({ layer, policy }) => [layer, policy]),
    [[AccessLayer.SESSION, "session policy"]],
  );
  const { keys } = await makeUser(ALICE, READS, { Effect: "Allow", Action: "sts:GetFederationToken", Resource: "*" });
  const federated = await server.sts({ credentials: keys }).send(new GetFederationTokenCommand({ Name: "fred" }));
  const s3 = server.s3({ credentials: keysFrom(federated.Credentials) });
  const bare = await explain(await refusedId(t, s3.send(read(bucket))));
  t.regex(bare.decisions[0]?.remedies[0]?.description ?? "", /session policy/);
});

test("a role that its trust policy keeps is told with a statement for that policy", async (t) => {
  const trustPolicy = policyText({ Effect: "Allow", Principal: { AWS: BOB }, Action: "sts:AssumeRole" });
  await control.identities.putRole({ role: { accountId: BOB, roleName: "kept", trustPolicy } });
  const sts = server.sts({ credentials: aliceRoot });
  const RoleArn = `arn:aws:iam::${BOB}:role/kept`;
  const explained = await explain(
    await refusedId(t, sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ci" }))),
  );
  t.is(explained.refusedBy, "policies");
  t.is(explained.operation, "AssumeRole");
  const [remedy] = explained.decisions[0]?.remedies ?? [];
  t.deepEqual(JSON.parse(remedy?.statement ?? ""), {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${ALICE}:root` },
    Action: "sts:AssumeRole",
  });
});

test("what is refused before policies are asked says so: signature, unknown key, expiry", async (t) => {
  const bucket = await makeBucket(alice);
  const path = `/${bucket}/key`;
  const of = async (answer: { headers: Record<string, unknown> }) =>
    explain(String(answer.headers["x-amz-request-id"] ?? answer.headers["x-amzn-requestid"]));
  const forged = await of(await sendSigned(server, { ...aliceRoot, secretAccessKey: "wrong" }, { path }));
  t.like(forged, { allowed: false, refusedBy: "signature", errorCode: "SignatureDoesNotMatch", decisions: [] });
  const unknown = await of(
    await sendSigned(server, { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "s" }, { path }),
  );
  t.like(unknown, { allowed: false, refusedBy: "credentials", errorCode: "InvalidAccessKeyId" });
  const headers = { "x-amz-date": "20200101T000000Z" };
  const skewed = await of(await sendSigned(server, aliceRoot, { path, headers }));
  t.like(skewed, { allowed: false, refusedBy: "expiry", errorCode: "RequestTimeTooSkewed" });
  const url = presignedPath(server, aliceRoot, { path: `${path}?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60` });
  const expired = await of(await server.request("GET", url));
  t.like(expired, { allowed: false, refusedBy: "expiry", errorCode: "AccessDenied" });
  const sts = server.sts({ credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "s" } });
  const nobody = await explain(await refusedId(t, sts.send(new GetCallerIdentityCommand({}))));
  t.like(nobody, { allowed: false, refusedBy: "credentials", errorCode: "InvalidClientTokenId" });
});

test("a request that fails for another reason was allowed", async (t) => {
  const bucket = await makeBucket(alice);
  const explained = await explain(await refusedId(t, alice.send(read(bucket, "missing"))));
  t.like(explained, { allowed: true, refusedBy: "request", errorCode: "NoSuchKey", status: 404 });
  t.true(explained.decisions.every(({ allowed }) => allowed));
});

test("requests that nobody remembers are NOT_FOUND, and an id has to be given", async (t) => {
  const rpc = "AccessService/ExplainRequest";
  const { controlUrl } = server.running;
  const details = [{ type: "request", name: "0123456789ABCDEF", world: "default" }];
  await callRefused(t, controlUrl, { rpc, body: { requestId: "0123456789ABCDEF" }, code: "not_found", details });
  await callRefused(t, controlUrl, { rpc, body: {}, code: "invalid_argument" });
});

test("in lenient an explicit Deny of a bucket's policy is explained, and its remedy is to take it away", async (t) => {
  await control.worlds.createWorld({ name: "lenient", settings: { authMode: AuthMode.LENIENT } });
  const { endpoint } = (await control.worlds.getWorld({ name: "lenient" })).world ?? {};
  const s3 = server.s3({ endpoint: endpoint ?? "", accountId: BOB });
  const bucket = await makeBucket(s3);
  await putPolicy(s3, bucket, onObjects(bucket, { Effect: "Deny" }));
  const requestId = await refusedId(t, s3.send(read(bucket)));
  const { decisions, refusedBy } = await control.access.explainRequest({ world: "lenient", requestId });
  t.is(refusedBy, "policies");
  t.deepEqual(
    decisions[0]?.remedies.map(({ statementIndex }) => statementIndex),
    [0],
  );
});

test("every 403 carries a request id by which it is explained: S3, S3 Control, STS, IAM", async (t) => {
  const bucket = await makeBucket(alice);
  const { keys } = await makeUser(ALICE);
  const user = (await server.sts({ credentials: keys }).send(new GetCallerIdentityCommand({}))).Arn;
  const query = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
  const requests = {
    s3: { path: `/${bucket}/key` },
    control: { path: "/v20180820/configuration/publicAccessBlock", headers: { "x-amz-account-id": ALICE } },
    sts: {
      ...query,
      service: "sts",
      body: "Action=GetFederationToken&Version=2011-06-15&Name=fred",
    },
    iam: { ...query, service: "iam", body: "Action=CreateUser&Version=2010-05-08&UserName=new" },
  };
  for (const [service, request] of Object.entries(requests)) {
    const answer = await sendSigned(server, keys, request);
    t.is(answer.status, 403, service);
    const id = String(answer.headers["x-amz-request-id"] ?? answer.headers["x-amzn-requestid"]);
    t.is(element(answer, "RequestId"), id, service);
    const { refusedBy, decisions } = await explain(id);
    t.is(refusedBy, "policies", service);
    t.is(decisions[0]?.principal, user, service);
    t.true((decisions[0]?.remedies.length ?? 0) > 0, service);
  }
});
