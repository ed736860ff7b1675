/** Auth mode `strict`: who may call IAM, and what its users and roles may do. */
import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetRoleCommand,
  GetUserCommand,
  ListUsersCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  TagUserCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetBucketLocationCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { callOk } from "../../control/control-plane.ts";
import { keysFrom } from "../../support/accounts.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { ALLOW_ALL, documentOf, refusal, trusting } from "./support.ts";

const ACCOUNT = "111111111111";
const ROOT = { accessKeyId: "AKIAROOTROOTROOTROOT", secretAccessKey: "root" };

/** A strict server with a key of the account's root, and the user `alice`, who has a key and no policy. */
const prepare = async (t: ExecutionContext) => {
  const server = await startTestServer({ authMode: "strict" });
  t.teardown(() => server.close());
  await callOk(t, server.running.controlUrl, "AccountService/CreateAccessKey", { accountId: ACCOUNT, ...ROOT });
  const root = server.iam({ credentials: { ...ROOT } });
  return { server, root, alice: await userWithKey(root, "alice") };
};

const userWithKey = async (root: IAMClient, UserName: string) => {
  await root.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await root.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
};

const allow = (Action: string | string[], Resource: string | string[] = "*", more: object = {}): string =>
  documentOf({ Effect: "Allow", Action, Resource, ...more });

const give = (root: IAMClient, PolicyDocument: string, UserName = "alice") =>
  root.send(new PutUserPolicyCommand({ UserName, PolicyName: "given", PolicyDocument }));

test("a user without policies may call nothing of IAM, and is told what", async (t) => {
  const { server, alice } = await prepare(t);
  const iam = server.iam({ credentials: alice });
  const denied = (action: string, resource: string) => ({
    code: "AccessDenied",
    message: `User: arn:aws:iam::${ACCOUNT}:user/alice is not authorized to perform: iam:${action} on resource: ${resource} because no identity-based policy allows the iam:${action} action`,
    status: 403,
    type: "Sender",
  });
  t.deepEqual(await refusal(iam.send(new GetUserCommand({}))), denied("GetUser", `arn:aws:iam::${ACCOUNT}:user/alice`));
  t.deepEqual(
    await refusal(iam.send(new CreateUserCommand({ UserName: "bob", Path: "/team/" }))),
    denied("CreateUser", `arn:aws:iam::${ACCOUNT}:user/team/bob`),
  );
  t.deepEqual(await refusal(iam.send(new ListUsersCommand({}))), denied("ListUsers", `arn:aws:iam::${ACCOUNT}:user/`));
});

test("a user may call what its policies allow, on the entities that they name", async (t) => {
  const { server, root, alice } = await prepare(t);
  const iam = server.iam({ credentials: alice });
  await give(root, allow("iam:CreateUser", `arn:aws:iam::${ACCOUNT}:user/team/*`));
  await iam.send(new CreateUserCommand({ UserName: "bob", Path: "/team/" }));
  t.like(await refusal(iam.send(new CreateUserCommand({ UserName: "carol" }))), { code: "AccessDenied" });
  await give(root, allow("iam:GetUser", `arn:aws:iam::${ACCOUNT}:user/team/bob`));
  t.is((await iam.send(new GetUserCommand({ UserName: "bob" }))).User?.UserName, "bob", "its path is looked up");
  t.like(await refusal(iam.send(new GetUserCommand({ UserName: "alice" }))), { code: "AccessDenied" });
  await root.send(new DeleteUserPolicyCommand({ UserName: "alice", PolicyName: "given" }));
  t.like(await refusal(iam.send(new GetUserCommand({ UserName: "bob" }))), { code: "AccessDenied" });
});

test("a request about a key is about the key's user", async (t) => {
  const { server, root, alice } = await prepare(t);
  const bob = await userWithKey(root, "bob");
  await give(root, allow("iam:GetAccessKeyLastUsed", `arn:aws:iam::${ACCOUNT}:user/bob`));
  const iam = server.iam({ credentials: alice });
  const last = (key: typeof bob) => iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.accessKeyId }));
  t.is((await last(bob)).UserName, "bob");
  t.like(await refusal(last(alice)), { code: "AccessDenied" });
});

test("conditions may ask for the policy that is attached, for boundaries and for tags", async (t) => {
  const { server, root, alice } = await prepare(t);
  const iam = server.iam({ credentials: alice });
  const read = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
  const attach = (PolicyArn: string) => iam.send(new AttachUserPolicyCommand({ UserName: "bob", PolicyArn }));
  await root.send(new CreateUserCommand({ UserName: "bob", Tags: [{ Key: "Team", Value: "red" }] }));
  await give(root, allow("iam:AttachUserPolicy", "*", { Condition: { ArnEquals: { "iam:PolicyARN": read } } }));
  await attach(read);
  t.like(await refusal(attach("arn:aws:iam::aws:policy/AdministratorAccess")), { code: "AccessDenied" });
  const boundary = "arn:aws:iam::aws:policy/PowerUserAccess";
  const bounded = { StringEquals: { "iam:PermissionsBoundary": boundary } };
  await give(root, allow("iam:CreateUser", "*", { Condition: bounded }));
  await iam.send(new CreateUserCommand({ UserName: "carol", PermissionsBoundary: boundary }));
  t.like(await refusal(iam.send(new CreateUserCommand({ UserName: "dave" }))), { code: "AccessDenied" });
  await give(root, allow("iam:GetUser", "*", { Condition: { StringEquals: { "aws:ResourceTag/Team": "red" } } }));
  t.is((await iam.send(new GetUserCommand({ UserName: "bob" }))).User?.UserName, "bob");
  t.like(await refusal(iam.send(new GetUserCommand({ UserName: "carol" }))), { code: "AccessDenied" });
  const tagged = { "ForAllValues:StringEquals": { "aws:TagKeys": ["Cost"] } };
  await give(root, allow("iam:TagUser", "*", { Condition: tagged }));
  const put = (Key: string) => iam.send(new TagUserCommand({ UserName: "bob", Tags: [{ Key, Value: "v" }] }));
  await put("Cost");
  t.like(await refusal(put("Other")), { code: "AccessDenied" });
});

test("inline, attached and bounding policies decide on S3, each from the next request on", async (t) => {
  const { server, root, alice } = await prepare(t);
  await server.s3({ credentials: { ...ROOT } }).send(new CreateBucketCommand({ Bucket: "bucket-of-one" }));
  const s3 = server.s3({ credentials: alice });
  const list = () => s3.send(new ListBucketsCommand({}));
  const where = () => s3.send(new GetBucketLocationCommand({ Bucket: "bucket-of-one" }));
  const denied = { name: "AccessDenied" };
  await t.throwsAsync(list(), denied);
  await give(root, allow("s3:ListAllMyBuckets"));
  t.is((await list()).Buckets?.length, 1);
  await t.throwsAsync(where(), denied);
  const PolicyArn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
  await root.send(new AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  t.is((await where()).$metadata.httpStatusCode, 200);
  await root.send(new CreatePolicyCommand({ PolicyName: "limits", PolicyDocument: allow("s3:ListAllMyBuckets") }));
  const PermissionsBoundary = `arn:aws:iam::${ACCOUNT}:policy/limits`;
  await root.send(new PutUserPermissionsBoundaryCommand({ UserName: "alice", PermissionsBoundary }));
  t.is((await list()).Buckets?.length, 1);
  await t.throwsAsync(where(), denied);
});

test("a role is assumed by those that its trust policy names, and may do what its policies say", async (t) => {
  const { server, root, alice } = await prepare(t);
  const AssumeRolePolicyDocument = trusting(ACCOUNT);
  await root.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument }));
  await root.send(new CreateRoleCommand({ RoleName: "foreign", AssumeRolePolicyDocument: trusting("222222222222") }));
  await give(root, allow("sts:AssumeRole"));
  const assume = (name: string) =>
    server
      .sts({ credentials: alice })
      .send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`, RoleSessionName: "ci" }));
  await t.throwsAsync(assume("foreign"), { name: "AccessDenied" });
  const { Credentials, AssumedRoleUser } = await assume("deploy");
  const { Role } = await root.send(new GetRoleCommand({ RoleName: "deploy" }));
  t.is(AssumedRoleUser?.AssumedRoleId, `${Role?.RoleId}:ci`);
  const s3 = server.s3({ credentials: keysFrom(Credentials) });
  const list = () => s3.send(new ListBucketsCommand({}));
  await t.throwsAsync(list(), { name: "AccessDenied" });
  await root.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "all", PolicyDocument: ALLOW_ALL }));
  t.deepEqual((await list()).Buckets ?? [], []);
  await root.send(new DeleteRolePolicyCommand({ RoleName: "deploy", PolicyName: "all" }));
  await t.throwsAsync(list(), { name: "AccessDenied" });
});

test("sessions of a role that was deleted may do nothing, neither when another one has its name", async (t) => {
  const { server, root } = await prepare(t);
  const AssumeRolePolicyDocument = trusting(ACCOUNT);
  const make = async () => {
    await root.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument }));
    const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
    await root.send(new AttachRolePolicyCommand({ RoleName: "deploy", PolicyArn }));
  };
  await make();
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/deploy`;
  const bob = await userWithKey(root, "bob");
  await give(root, allow("sts:AssumeRole"), "bob");
  const { Credentials } = await server
    .sts({ credentials: bob })
    .send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ci" }));
  const s3 = server.s3({ credentials: keysFrom(Credentials) });
  t.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  await root.send(new DetachRolePolicyCommand({ RoleName: "deploy", PolicyArn }));
  await root.send(new DeleteRoleCommand({ RoleName: "deploy" }));
  await t.throwsAsync(s3.send(new ListBucketsCommand({})), { name: "AccessDenied" });
  await make();
  await t.throwsAsync(s3.send(new ListBucketsCommand({})), { name: "AccessDenied" });
});

const session = async (server: TestServer, credentials: typeof ROOT) =>
  keysFrom((await server.sts({ credentials }).send(new GetSessionTokenCommand({}))).Credentials);

test("IAM takes no session of GetSessionToken without a second factor, and none of a federated user", async (t) => {
  const { server, root, alice } = await prepare(t);
  await give(root, ALLOW_ALL);
  const refused = {
    code: "InvalidClientTokenId",
    message: "The security token included in the request is invalid.",
    status: 403,
    type: "Sender",
  };
  const plain = server.iam({ credentials: await session(server, alice) });
  t.deepEqual(await refusal(plain.send(new ListUsersCommand({}))), refused);
  const { Credentials } = await server
    .sts({ credentials: alice })
    .send(new GetFederationTokenCommand({ Name: "fred", Policy: ALLOW_ALL }));
  const federated = server.iam({ credentials: keysFrom(Credentials) });
  t.deepEqual(await refusal(federated.send(new ListUsersCommand({}))), refused);
  const { Credentials: withCode } = await server
    .sts({ credentials: alice })
    .send(new GetSessionTokenCommand({ SerialNumber: `arn:aws:iam::${ACCOUNT}:mfa/alice`, TokenCode: "123456" }));
  const factored = server.iam({ credentials: keysFrom(withCode) });
  t.is((await factored.send(new ListUsersCommand({}))).Users?.length, 1);
});

test("what the harness registered is shown to clients, decides, and is not theirs to change", async (t) => {
  const { server, root } = await prepare(t);
  const control = server.running.controlUrl;
  const carol = { accessKeyId: "AKIACAROLCAROLCAROL1", secretAccessKey: "carol" };
  await callOk(t, control, "AccountService/CreateAccessKey", { accountId: ACCOUNT, userName: "carol", ...carol });
  const s3 = server.s3({ credentials: carol });
  t.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], [], "unregistered: all that its account may");
  await callOk(t, control, "IdentityService/PutUser", { user: { accountId: ACCOUNT, userName: "carol", path: "/x/" } });
  await t.throwsAsync(s3.send(new ListBucketsCommand({})), { name: "AccessDenied" });
  const { Arn } = await server.sts({ credentials: carol }).send(new GetCallerIdentityCommand({}));
  t.is(Arn, `arn:aws:iam::${ACCOUNT}:user/x/carol`);
  t.is((await root.send(new GetUserCommand({ UserName: "carol" }))).User?.Path, "/x/");
  t.deepEqual(await refusal(give(root, ALLOW_ALL, "carol")), {
    code: "UnmodifiableEntity",
    message: "Cannot perform the operation on the user carol: it was registered on the control plane.",
    status: 400,
    type: "Sender",
  });
  t.like(await refusal(root.send(new CreateUserCommand({ UserName: "Carol" }))), { code: "EntityAlreadyExists" });
  const { AccessKey } = await root.send(new CreateAccessKeyCommand({ UserName: "carol" }));
  t.is(AccessKey?.UserName, "carol", "keys are a client's to make");
  await callOk(t, control, "IdentityService/PutUser", {
    user: {
      accountId: ACCOUNT,
      userName: "carol",
      inlinePolicies: [{ name: "list", document: allow("s3:ListAllMyBuckets") }],
    },
  });
  t.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  await callOk(t, control, "IdentityService/DeleteUser", { accountId: ACCOUNT, userName: "carol" });
  t.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
  t.like(await refusal(root.send(new GetUserCommand({ UserName: "carol" }))), { code: "NoSuchEntity" });
});

test("an unsigned request to IAM is refused", async (t) => {
  const { server } = await prepare(t);
  const { status, body } = await server.request("GET", "/?Action=ListUsers&Version=2010-05-08");
  t.is(status, 403);
  t.regex(body.toString(), /<Code>MissingAuthenticationToken<\/Code>/);
});
