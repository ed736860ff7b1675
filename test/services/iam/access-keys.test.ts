import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
  type AccessKey,
} from "@aws-sdk/client-iam";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { GetAccessKeyInfoCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { callOk } from "../../control/control-plane.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { refusal } from "./support.ts";

const ACCOUNT = "111111111111";

const credentialsOf = (key: AccessKey | undefined) => ({
  accessKeyId: key?.AccessKeyId ?? "",
  secretAccessKey: key?.SecretAccessKey ?? "",
});

const withUser = async (t: ExecutionContext, settings: Parameters<typeof startTestServer>[0] = {}) => {
  const server = await startTestServer(settings);
  t.teardown(() => server.close());
  const iam = server.iam({ accountId: ACCOUNT });
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  return { server, iam, key: AccessKey };
};

const setMode = (t: ExecutionContext, server: TestServer, authMode: string) =>
  callOk(t, server.running.controlUrl, "WorldService/UpdateWorld", { name: "default", settings: { authMode } });

test("a key that IAM made calls as its user, in every service", async (t) => {
  const { server, key } = await withUser(t);
  t.regex(key?.AccessKeyId ?? "", /^AKIA[A-Z2-7]{16}$/);
  t.is(key?.SecretAccessKey?.length, 40);
  t.is(key?.Status, "Active");
  const credentials = credentialsOf(key);
  const { Arn, Account } = await server.sts({ credentials }).send(new GetCallerIdentityCommand({}));
  t.is(Arn, `arn:aws:iam::${ACCOUNT}:user/alice`);
  t.is(Account, ACCOUNT);
  t.is((await server.s3({ credentials }).send(new ListBucketsCommand({}))).$metadata.httpStatusCode, 200);
  const info = await server.sts().send(new GetAccessKeyInfoCommand({ AccessKeyId: credentials.accessKeyId }));
  t.is(info.Account, ACCOUNT);
  const wrong = { ...credentials, secretAccessKey: "wrong" };
  await t.throwsAsync(server.s3({ credentials: wrong }).send(new ListBucketsCommand({})), {
    name: "SignatureDoesNotMatch",
  });
});

for (const authMode of ["lenient", "strict"]) {
  test(`an inactive key is refused in ${authMode}, and works again once it is active`, async (t) => {
    const { server, iam, key } = await withUser(t);
    const AccessKeyId = key!.AccessKeyId!;
    const set = (Status: "Active" | "Inactive") =>
      iam.send(new UpdateAccessKeyCommand({ UserName: "alice", AccessKeyId, Status }));
    await set("Inactive");
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: "alice" }));
    t.is(AccessKeyMetadata?.[0]?.Status, "Inactive");
    await setMode(t, server, `AUTH_MODE_${authMode.toUpperCase()}`);
    const credentials = credentialsOf(key);
    await t.throwsAsync(server.s3({ credentials }).send(new ListBucketsCommand({})), { name: "InvalidAccessKeyId" });
    await t.throwsAsync(server.sts({ credentials }).send(new GetCallerIdentityCommand({})), {
      name: "InvalidClientTokenId",
    });
    await setMode(t, server, "AUTH_MODE_LENIENT");
    await set("Active");
    await setMode(t, server, `AUTH_MODE_${authMode.toUpperCase()}`);
    const { Arn } = await server.sts({ credentials }).send(new GetCallerIdentityCommand({}));
    t.is(Arn, `arn:aws:iam::${ACCOUNT}:user/alice`);
  });
}

test("a deleted key is unknown from the next request on", async (t) => {
  const { server, iam, key } = await withUser(t);
  const credentials = credentialsOf(key);
  await server.sts({ credentials }).send(new GetCallerIdentityCommand({}));
  await iam.send(new DeleteAccessKeyCommand({ UserName: "alice", AccessKeyId: credentials.accessKeyId }));
  t.deepEqual((await iam.send(new ListAccessKeysCommand({ UserName: "alice" }))).AccessKeyMetadata, []);
  await setMode(t, server, "AUTH_MODE_STRICT");
  await t.throwsAsync(server.sts({ credentials }).send(new GetCallerIdentityCommand({})), {
    name: "InvalidClientTokenId",
  });
});

test("a reset takes IAM's keys with it, and a restore brings them back", async (t) => {
  const { server, key } = await withUser(t);
  const control = server.running.controlUrl;
  const credentials = credentialsOf(key);
  const arn = async () => (await server.sts({ credentials }).send(new GetCallerIdentityCommand({}))).Arn;
  await callOk(t, control, "StateService/CreateSnapshot", { name: "with-key" });
  await callOk(t, control, "StateService/Reset", { accountIds: [ACCOUNT] });
  t.is(await arn(), `arn:aws:iam::${ACCOUNT}:root`, "its letters and its secret still say whose it is");
  await callOk(t, control, "StateService/RestoreSnapshot", { name: "with-key" });
  t.is(await arn(), `arn:aws:iam::${ACCOUNT}:user/alice`);
});

test("a user has two keys at most", async (t) => {
  const { iam } = await withUser(t);
  await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  t.deepEqual(await refusal(iam.send(new CreateAccessKeyCommand({ UserName: "alice" }))), {
    code: "LimitExceeded",
    message: "Cannot exceed quota for AccessKeysPerUser: 2",
    status: 409,
    type: "Sender",
  });
});

test("without a name a request is about the keys of its own user, or of root", async (t) => {
  const { server, iam, key } = await withUser(t);
  const own = server.iam({ credentials: credentialsOf(key) });
  t.is((await own.send(new ListAccessKeysCommand({}))).AccessKeyMetadata?.[0]?.UserName, "alice");
  const { AccessKey: ofRoot } = await iam.send(new CreateAccessKeyCommand({}));
  const { Arn } = await server.sts({ credentials: credentialsOf(ofRoot) }).send(new GetCallerIdentityCommand({}));
  t.is(Arn, `arn:aws:iam::${ACCOUNT}:root`);
  t.like(await refusal(iam.send(new DeleteAccessKeyCommand({ AccessKeyId: key!.AccessKeyId! }))), {
    code: "NoSuchEntity",
    message: `The Access Key with id ${key?.AccessKeyId} cannot be found.`,
  });
  await own.send(new DeleteAccessKeyCommand({ AccessKeyId: key!.AccessKeyId! }));
  t.deepEqual((await iam.send(new ListAccessKeysCommand({ UserName: "alice" }))).AccessKeyMetadata, []);
});

test("the last use of a key is told, and that it was never used", async (t) => {
  const { server, iam, key } = await withUser(t);
  const AccessKeyId = key!.AccessKeyId!;
  const last = () => iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
  const unused = await last();
  t.is(unused.UserName, "alice");
  t.deepEqual(unused.AccessKeyLastUsed, { ServiceName: "N/A", Region: "N/A" });
  await server.s3({ credentials: credentialsOf(key), region: "eu-west-1" }).send(new ListBucketsCommand({}));
  const used = (await last()).AccessKeyLastUsed;
  t.like(used, { ServiceName: "s3", Region: "eu-west-1" });
  t.true(used?.LastUsedDate instanceof Date);
  await server.sts({ credentials: credentialsOf(key) }).send(new GetCallerIdentityCommand({}));
  t.like((await last()).AccessKeyLastUsed, { ServiceName: "sts", Region: "us-east-1" });
  t.like(await refusal(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" }))), {
    code: "AccessDenied",
    message: `User: arn:aws:iam::${ACCOUNT}:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key AKIAIOSFODNN7EXAMPLE`,
    status: 403,
  });
});

test("keys of the control plane are listed and not a client's to change", async (t) => {
  const { server, iam } = await withUser(t);
  const given = { accountId: ACCOUNT, userName: "alice", accessKeyId: "AKIAGIVENGIVENGIVEN1", secretAccessKey: "s" };
  await callOk(t, server.running.controlUrl, "AccountService/CreateAccessKey", given);
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: "alice" }));
  t.true(AccessKeyMetadata?.some((shown) => shown.AccessKeyId === given.accessKeyId && shown.Status === "Active"));
  const AccessKeyId = given.accessKeyId;
  t.like(await refusal(iam.send(new DeleteAccessKeyCommand({ UserName: "alice", AccessKeyId }))), {
    code: "UnmodifiableEntity",
    message: `Cannot perform the operation on the Access Key ${AccessKeyId}: it was registered on the control plane.`,
    status: 400,
  });
  t.is((await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))).UserName, "alice");
});

test("a key needs a user that is there, and a status that can be set", async (t) => {
  const { iam, key } = await withUser(t);
  t.like(await refusal(iam.send(new CreateAccessKeyCommand({ UserName: "nobody" }))), {
    code: "NoSuchEntity",
    message: "The user with name nobody cannot be found.",
  });
  const AccessKeyId = key!.AccessKeyId!;
  t.like(await refusal(iam.send(new UpdateAccessKeyCommand({ UserName: "alice", AccessKeyId, Status: "Expired" }))), {
    code: "ValidationError",
  });
});
