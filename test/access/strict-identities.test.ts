/** Auth mode `strict` within an account: users and roles with policies, sessions, and what buckets give them. */
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import test from "ava";
import { failure, outcome } from "../services/s3/client.ts";
import { ALICE, BOB, keysFrom } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import type { Keys } from "../support/signed.ts";
import {
  makeBucket,
  makeUser,
  onBucket,
  onObjects,
  policyText,
  putPolicy,
  registerKeys,
  type StatementText,
} from "./fixtures.ts";

const server = await startTestServer({ authMode: "strict" });
const [aliceRoot, bobRoot] = [
  await registerKeys(server, { accountId: ALICE }),
  await registerKeys(server, { accountId: BOB }),
];
test.after.always(() => server.close());

const clientOf = (credentials: Keys): S3Client => server.s3({ credentials });
const alice = clientOf(aliceRoot);
const iam = server.iam({ credentials: aliceRoot });

let names = 0;
const newName = (kind: string): string => `${kind}-${(names += 1)}`;

const DENIED = ["AccessDenied", 403];
const allow = (Action: string | readonly string[], Resource: string | readonly string[] = "*"): StatementText => ({
  Effect: "Allow",
  Action,
  Resource,
});
const read = (Bucket: string, Key = "key") => new GetObjectCommand({ Bucket, Key });
const write = (Bucket: string) => new PutObjectCommand({ Bucket, Key: "new", Body: "body" });
const list = (Bucket: string) => new ListObjectsV2Command({ Bucket });

/** A user with an inline policy, and its client. */
const userWith = async (root: Keys, ...statements: readonly StatementText[]) => {
  const user = await makeUser(server, { root, statements });
  return { ...user, s3: clientOf(user.keys) };
};

/** A role that its own account may assume. */
const makeRole = async (...statements: readonly StatementText[]) => {
  const RoleName = newName("role");
  const trust = policyText({ Effect: "Allow", Principal: { AWS: ALICE }, Action: "sts:AssumeRole" });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  if (statements.length > 0) {
    const PolicyDocument = policyText(...statements);
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "inline", PolicyDocument }));
  }
  return { RoleName, arn: Role?.Arn ?? "" };
};

const assume = async (
  RoleArn: string,
  {
    as = aliceRoot,
    ...beside
  }: { as?: Keys; Policy?: string; PolicyArns?: { arn: string }[]; RoleSessionName?: string } = {},
): Promise<S3Client> => {
  const sts = server.sts({ credentials: as });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ci", ...beside }));
  return clientOf(keysFrom(Credentials));
};

test("a user does what its policies allow, and is told which kind of policy was missing", async (t) => {
  const bucket = await makeBucket(alice);
  const { s3, arn } = await userWith(aliceRoot, allow("s3:GetObject", `arn:aws:s3:::${bucket}/*`));
  await t.notThrowsAsync(s3.send(read(bucket)));
  const refused = await failure(s3.send(write(bucket)));
  t.is(
    refused.message,
    `User: ${arn} is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::${bucket}/new" because no identity-based policy allows the s3:PutObject action`,
  );
  t.is((await outcome(s3.send(new HeadBucketCommand({ Bucket: bucket }))))[1], 403);
  t.deepEqual(await outcome(s3.send(new ListBucketsCommand({}))), DENIED);
});

test("a user without policies gets what a bucket gives it by name, and not what it gives the account", async (t) => {
  const bucket = await makeBucket(alice);
  const { s3, arn } = await userWith(aliceRoot);
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: ALICE } }));
  t.deepEqual(await outcome(s3.send(read(bucket))), DENIED);
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: arn } }));
  await t.notThrowsAsync(s3.send(read(bucket)));
});

test("a user of another account needs its own policies and the bucket's", async (t) => {
  const bucket = await makeBucket(alice);
  const [able, unable] = [await userWith(bobRoot, allow("s3:*")), await userWith(bobRoot)];
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: [able.arn, unable.arn] } }));
  await t.notThrowsAsync(able.s3.send(read(bucket)));
  t.deepEqual(await outcome(unable.s3.send(read(bucket))), DENIED);
  t.deepEqual(await outcome(able.s3.send(write(bucket))), DENIED);
});

test("a policy with variables lets each user into its own folder", async (t) => {
  const bucket = await makeBucket(alice);
  const own = allow(["s3:GetObject", "s3:PutObject"], `arn:aws:s3:::${bucket}/home/\${aws:username}/*`);
  const [one, other] = [await userWith(aliceRoot, own), await userWith(aliceRoot, own)];
  const put = new PutObjectCommand({ Bucket: bucket, Key: `home/${one.UserName}/k`, Body: "body" });
  await t.notThrowsAsync(one.s3.send(put));
  t.deepEqual(await outcome(other.s3.send(put)), DENIED);
});

test("a boundary bounds a user's policies, and not what a bucket gives the user by name", async (t) => {
  const bucket = await makeBucket(alice);
  const { s3, arn, UserName } = await userWith(aliceRoot, allow("s3:*"));
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: newName("boundary"), PolicyDocument: policyText(allow("s3:ListBucket")) }),
  );
  await iam.send(new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: Policy?.Arn }));
  await t.notThrowsAsync(s3.send(list(bucket)));
  const { message } = await failure(s3.send(read(bucket)));
  t.true(message.endsWith("because no permissions boundary allows the s3:GetObject action"), message);
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: arn } }));
  await t.notThrowsAsync(s3.send(read(bucket)));
});

test("a role's session has the role's policies, narrowed by its session policies", async (t) => {
  const bucket = await makeBucket(alice);
  const { arn } = await makeRole(allow(["s3:GetObject", "s3:ListBucket"]));
  const whole = await assume(arn);
  await t.notThrowsAsync(whole.send(read(bucket)));
  await t.notThrowsAsync(whole.send(list(bucket)));
  t.deepEqual(await outcome(whole.send(write(bucket))), DENIED);
  const narrowed = await assume(arn, { Policy: policyText(allow(["s3:GetObject", "s3:PutObject"])) });
  await t.notThrowsAsync(narrowed.send(read(bucket)));
  const { message } = await failure(narrowed.send(list(bucket)));
  t.true(message.endsWith("because no session policy allows the s3:ListBucket action"), message);
  t.deepEqual(await outcome(narrowed.send(write(bucket))), DENIED);
});

test("a bucket's policy that names the role is bounded by the session policy, one that names the session is not", async (t) => {
  const bucket = await makeBucket(alice);
  const { arn, RoleName } = await makeRole();
  const session = await assume(arn, { Policy: policyText(allow("s3:ListBucket")) });
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: arn } }));
  t.deepEqual(await outcome(session.send(read(bucket))), DENIED);
  await t.notThrowsAsync((await assume(arn)).send(read(bucket)));
  const sessionArn = `arn:aws:sts::${ALICE}:assumed-role/${RoleName}/ci`;
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: sessionArn } }));
  await t.notThrowsAsync(session.send(read(bucket)));
  const another = await assume(arn, { RoleSessionName: "cd" });
  t.deepEqual(await outcome(another.send(read(bucket))), DENIED);
});

test("managed policies count for roles, and as session policies", async (t) => {
  const bucket = await makeBucket(alice);
  const { arn, RoleName } = await makeRole();
  const PolicyArn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
  t.deepEqual(await outcome((await assume(arn)).send(read(bucket))), DENIED);
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  const s3 = await assume(arn);
  await t.notThrowsAsync(s3.send(read(bucket)));
  t.deepEqual(await outcome(s3.send(write(bucket))), DENIED);
  const unregistered = await assume(`arn:aws:iam::${ALICE}:role/nobodys`, { PolicyArns: [{ arn: PolicyArn }] });
  await t.notThrowsAsync(unregistered.send(read(bucket)));
  t.deepEqual(await outcome(unregistered.send(write(bucket))), DENIED);
});

test("a role that nobody registered has every permission of its account, narrowed by its session policy", async (t) => {
  const bucket = await makeBucket(alice);
  const role = `arn:aws:iam::${ALICE}:role/unregistered`;
  await t.notThrowsAsync((await assume(role)).send(write(bucket)));
  const narrowed = await assume(role, { Policy: policyText(allow("s3:GetObject")) });
  await t.notThrowsAsync(narrowed.send(read(bucket)));
  t.deepEqual(await outcome(narrowed.send(write(bucket))), DENIED);
});

test("GetFederationToken has what its session policy and its caller's policies both allow, and nothing without one", async (t) => {
  const bucket = await makeBucket(alice);
  const { keys } = await userWith(aliceRoot, allow(["s3:GetObject", "sts:GetFederationToken"]));
  const federate = async (Policy?: string) => {
    const sts = server.sts({ credentials: keys });
    const { Credentials } = await sts.send(new GetFederationTokenCommand({ Name: "fred", Policy }));
    return clientOf(keysFrom(Credentials));
  };
  const both = await federate(policyText(allow(["s3:GetObject", "s3:PutObject"])));
  await t.notThrowsAsync(both.send(read(bucket)));
  t.deepEqual(await outcome(both.send(write(bucket))), DENIED);
  const bare = await federate();
  t.deepEqual(await outcome(bare.send(read(bucket))), DENIED);
  const Principal = { AWS: `arn:aws:sts::${ALICE}:federated-user/fred` };
  await putPolicy(alice, bucket, onObjects(bucket, { Principal, Action: ["s3:GetObject", "s3:PutObject"] }));
  await t.notThrowsAsync(bare.send(read(bucket)));
  await t.notThrowsAsync(bare.send(write(bucket)));
});

test("GetSessionToken keeps its caller's permissions", async (t) => {
  const bucket = await makeBucket(alice);
  const { keys } = await userWith(aliceRoot, allow("s3:GetObject"));
  const { Credentials } = await server.sts({ credentials: keys }).send(new GetSessionTokenCommand({}));
  const s3 = clientOf(keysFrom(Credentials));
  await t.notThrowsAsync(s3.send(read(bucket)));
  t.deepEqual(await outcome(s3.send(write(bucket))), DENIED);
});

test("a user's tags and an object's decide where a policy compares them", async (t) => {
  const bucket = await makeBucket(alice);
  const UserName = newName("user");
  await iam.send(new CreateUserCommand({ UserName, Tags: [{ Key: "team", Value: "red" }] }));
  const Condition = { StringEquals: { "s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}" } };
  const PolicyDocument = policyText({ ...allow("s3:GetObject"), Condition });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "abac", PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const s3 = clientOf({ accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" });
  const tag = (Value: string) =>
    alice.send(
      new PutObjectTaggingCommand({ Bucket: bucket, Key: "key", Tagging: { TagSet: [{ Key: "team", Value }] } }),
    );
  t.deepEqual(await outcome(s3.send(read(bucket))), DENIED);
  await tag("blue");
  t.deepEqual(await outcome(s3.send(read(bucket))), DENIED);
  await tag("red");
  await t.notThrowsAsync(s3.send(read(bucket)));
});

test("a policy may name the region that buckets are made in", async (t) => {
  const Condition = { StringEquals: { "s3:LocationConstraint": "eu-west-1" } };
  const { s3 } = await userWith(aliceRoot, { ...allow("s3:CreateBucket"), Condition });
  const create = (LocationConstraint: "eu-west-1" | "eu-central-1") =>
    new CreateBucketCommand({
      Bucket: `access-region-${LocationConstraint}`,
      CreateBucketConfiguration: { LocationConstraint },
    });
  t.deepEqual(await outcome(s3.send(create("eu-central-1"))), DENIED);
  const european = server.s3({ credentials: (await s3.config.credentials()) as Keys, region: "eu-west-1" });
  await t.notThrowsAsync(european.send(create("eu-west-1")));
});

test("only who may bypass governance does, and one who asks in vain is refused nothing else", async (t) => {
  const Bucket = `access-lock-${process.pid}`;
  await alice.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const { VersionId: free } = await alice.send(new PutObjectCommand({ Bucket, Key: "free", Body: "body" }));
  const { VersionId } = await alice.send(new PutObjectCommand({ Bucket, Key: "locked", Body: "body" }));
  const RetainUntilDate = new Date(Date.now() + 86_400_000);
  const Retention = { Mode: "GOVERNANCE", RetainUntilDate } as const;
  await alice.send(new PutObjectRetentionCommand({ Bucket, Key: "locked", Retention }));
  const actions = ["s3:DeleteObject", "s3:DeleteObjectVersion"];
  const [unable, able] = [
    await userWith(aliceRoot, allow(actions)),
    await userWith(aliceRoot, allow([...actions, "s3:BypassGovernanceRetention"])),
  ];
  const remove = (Key: string, version: string | undefined) =>
    new DeleteObjectCommand({ Bucket, Key, VersionId: version, BypassGovernanceRetention: true });
  t.is(
    (await failure(unable.s3.send(remove("locked", VersionId)))).message,
    "Access Denied because object protected by object lock.",
  );
  await t.notThrowsAsync(unable.s3.send(remove("free", free)));
  await t.notThrowsAsync(able.s3.send(remove("locked", VersionId)));
});

test("a key that is missing is hidden from a user who may not list", async (t) => {
  const bucket = await makeBucket(alice);
  const reader = await userWith(aliceRoot, allow("s3:GetObject"));
  const { message } = await failure(reader.s3.send(read(bucket, "missing")));
  t.true(message.endsWith("because no identity-based policy allows the s3:ListBucket action"), message);
  const lister = await userWith(aliceRoot, allow(["s3:GetObject", "s3:ListBucket"]));
  t.deepEqual(await outcome(lister.s3.send(read(bucket, "missing"))), ["NoSuchKey", 404]);
  await putPolicy(alice, bucket, onBucket(bucket, { Principal: { AWS: reader.arn } }));
  t.deepEqual(await outcome(reader.s3.send(read(bucket, "missing"))), ["NoSuchKey", 404]);
});

test("what a copy misses is hidden from whoever may not list the bucket that it is missing in", async (t) => {
  const [source, target] = [await makeBucket(alice), await makeBucket(alice)];
  const copy = (key: string, beside: { IfMatch?: string } = {}) =>
    new CopyObjectCommand({ Bucket: target, Key: "new", CopySource: `${source}/${key}`, ...beside });
  const within = (bucket: string) => allow("s3:ListBucket", `arn:aws:s3:::${bucket}`);
  const copier = async (listed: string) => {
    const made = await userWith(aliceRoot, allow(["s3:GetObject", "s3:PutObject"]), within(listed));
    return async (command: CopyObjectCommand) => outcome(made.s3.send(command));
  };
  const [ofSource, ofTarget] = [await copier(source), await copier(target)];
  t.deepEqual(await ofSource(copy("missing")), ["NoSuchKey", 404]);
  t.deepEqual(await ofTarget(copy("missing")), DENIED);
  t.deepEqual(await ofSource(copy("key", { IfMatch: '"etag"' })), DENIED);
  t.deepEqual(await ofTarget(copy("key", { IfMatch: '"etag"' })), ["NoSuchKey", 404]);
});
