/**
 * What decides a request is kept in memory and read by many at once: whoever asks after a change was answered is decided by it.
 * ROUNDS: how often each change is made and taken back.
 */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { DeletePublicAccessBlockCommand, PutPublicAccessBlockCommand } from "@aws-sdk/client-s3-control";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { createControlClient } from "../../src/control/client.ts";
import { ALICE, keysFrom } from "../support/accounts.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { sendSigned, type Keys } from "../support/signed.ts";
import { makeBucket, onObjects, policyText, putPolicy, registerKeys } from "./fixtures.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 8);
/** Who fills the caches all the time, and who asks after each change. */
const READERS = 6;
const PROBES = 3;

const ALLOWS = policyText({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
const DENIES = policyText({ Effect: "Deny", Action: "s3:GetObject", Resource: "*" });

const start = async (t: ExecutionContext) => {
  const server = await startTestServer({ authMode: "strict" });
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  const root = await registerKeys(server, { accountId: ALICE });
  const s3 = server.s3({ credentials: root });
  return { server, control, root, s3, iam: server.iam({ credentials: root }), bucket: await makeBucket(s3) };
};

type Started = Awaited<ReturnType<typeof start>>;

const keysOfNew = async ({ iam }: Pick<Started, "iam">, UserName: string): Promise<Keys> => {
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
};

const makeUser = async (started: Started, policies: { readonly allowed: boolean }): Promise<Keys> => {
  await started.iam.send(new CreateUserCommand({ UserName: "u" }));
  if (policies.allowed) await started.iam.send(inline(ALLOWS));
  return keysOfNew(started, "u");
};

const inline = (PolicyDocument: string, PolicyName = "inline") =>
  new PutUserPolicyCommand({ UserName: "u", PolicyName, PolicyDocument });

/** The status of a read, as often as it is asked. */
type Ask = () => Promise<number>;

const askAs = ({ server, bucket }: { server: TestServer; bucket: string }, keys: Keys): Ask => {
  return async () => (await sendSigned(server, keys, { path: `/${bucket}/key` })).status;
};

type Change = { readonly to: string; readonly make: () => Promise<unknown>; readonly status: number };

/** Makes the changes by turns while readers ask all the time; whoever asks after one was answered must be told by it. */
const alternate = async (t: ExecutionContext, ask: Ask, changes: readonly Change[]): Promise<void> => {
  const turn = { over: false };
  const told = new Set<number>();
  const readers = Array.from({ length: READERS }, async () => {
    while (!turn.over) told.add(await ask());
  });
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { to, make, status } of changes) {
        await make();
        const statuses = await Promise.all(Array.from({ length: PROBES }, ask));
        t.deepEqual([...new Set(statuses)], [status], `${to}, round ${round}`);
      }
    }
  } finally {
    turn.over = true;
    await Promise.all(readers);
  }
  // They met both answers: what they filled the caches with had to be let go.
  t.true(told.size > 1, `readers were told ${[...told].join()}`);
};

test.serial("a user's inline policies", async (t) => {
  const started = await start(t);
  const { iam } = started;
  const keys = await makeUser(started, { allowed: true });
  await alternate(t, askAs(started, keys), [
    { to: "denied", make: () => iam.send(inline(DENIES, "denial")), status: 403 },
    {
      to: "allowed",
      make: () => iam.send(new DeleteUserPolicyCommand({ UserName: "u", PolicyName: "denial" })),
      status: 200,
    },
  ]);
});

test.serial("a managed policy that is attached, changed and detached", async (t) => {
  const started = await start(t);
  const { iam } = started;
  const keys = await makeUser(started, { allowed: false });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "managed", PolicyDocument: ALLOWS }));
  const PolicyArn = Policy?.Arn ?? "";
  let newest = "";
  const put = async (PolicyDocument: string) => {
    const before = newest;
    const made = await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    newest = made.PolicyVersion?.VersionId ?? "";
    if (before !== "") await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: before }));
  };
  const attached = { UserName: "u", PolicyArn };
  await alternate(t, askAs(started, keys), [
    { to: "attached", make: () => iam.send(new AttachUserPolicyCommand(attached)), status: 200 },
    { to: "changed", make: () => put(DENIES), status: 403 },
    { to: "changed back", make: () => put(ALLOWS), status: 200 },
    { to: "detached", make: () => iam.send(new DetachUserPolicyCommand(attached)), status: 403 },
  ]);
});

test.serial("a user's boundary", async (t) => {
  const started = await start(t);
  const { iam } = started;
  const keys = await makeUser(started, { allowed: true });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "boundary", PolicyDocument: DENIES }));
  const bounded = { UserName: "u", PermissionsBoundary: Policy?.Arn ?? "" };
  await alternate(t, askAs(started, keys), [
    { to: "bounded", make: () => iam.send(new PutUserPermissionsBoundaryCommand(bounded)), status: 403 },
    {
      to: "free",
      make: () => iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: "u" })),
      status: 200,
    },
  ]);
});

test.serial("a key that is made inactive and active again", async (t) => {
  const started = await start(t);
  const keys = await makeUser(started, { allowed: true });
  const turn = (Status: "Active" | "Inactive") =>
    started.iam.send(new UpdateAccessKeyCommand({ UserName: "u", AccessKeyId: keys.accessKeyId, Status }));
  await alternate(t, askAs(started, keys), [
    { to: "inactive", make: () => turn("Inactive"), status: 403 },
    { to: "active", make: () => turn("Active"), status: 200 },
  ]);
});

test.serial("a user who is deleted and made again under the same name", async (t) => {
  const started = await start(t);
  const { iam } = started;
  let keys = await makeUser(started, { allowed: true });
  await alternate(t, () => askAs(started, keys)(), [
    {
      to: "deleted",
      make: async () => {
        await iam.send(new DeleteAccessKeyCommand({ UserName: "u", AccessKeyId: keys.accessKeyId }));
        await iam.send(new DeleteUserPolicyCommand({ UserName: "u", PolicyName: "inline" }));
        await iam.send(new DeleteUserCommand({ UserName: "u" }));
      },
      status: 403,
    },
    {
      to: "made again",
      make: async () => {
        keys = await makeUser(started, { allowed: true });
      },
      status: 200,
    },
  ]);
});

test.serial("a role's policies, as its sessions feel them", async (t) => {
  const started = await start(t);
  const { iam, server, root } = started;
  const RoleName = "r";
  const trust = policyText({ Effect: "Allow", Principal: { AWS: ALICE }, Action: "sts:AssumeRole" });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  const session = await server
    .sts({ credentials: root })
    .send(new AssumeRoleCommand({ RoleArn: Role?.Arn ?? "", RoleSessionName: "ci" }));
  const named = { RoleName, PolicyName: "inline" };
  await alternate(t, askAs(started, keysFrom(session.Credentials)), [
    {
      to: "allowed",
      make: () => iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument: ALLOWS })),
      status: 200,
    },
    { to: "denied", make: () => iam.send(new DeleteRolePolicyCommand(named)), status: 403 },
  ]);
});

test.serial("a bucket's policy, and a bucket that is made again", async (t) => {
  const started = await start(t);
  const { s3, bucket: Bucket } = started;
  const keys = await makeUser(started, { allowed: false });
  const Policy = policyText(onObjects(Bucket, { Principal: { AWS: `arn:aws:iam::${ALICE}:user/u` } }));
  await alternate(t, askAs(started, keys), [
    { to: "put", make: () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy })), status: 200 },
    { to: "deleted", make: () => s3.send(new DeleteBucketPolicyCommand({ Bucket })), status: 403 },
    { to: "put again", make: () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy })), status: 200 },
    {
      to: "made again",
      make: async () => {
        await s3.send(new DeleteObjectCommand({ Bucket, Key: "key" }));
        await s3.send(new DeleteBucketCommand({ Bucket }));
        await s3.send(new CreateBucketCommand({ Bucket }));
        await s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "body" }));
      },
      status: 403,
    },
  ]);
});

test.serial("an account's public access block", async (t) => {
  const { server, s3, root } = await start(t);
  const open = await makeBucket(s3, { open: true });
  await putPolicy(s3, open, onObjects(open, {}));
  const s3Control = server.s3Control({ credentials: root });
  const PublicAccessBlockConfiguration = { RestrictPublicBuckets: true };
  const block = () => new PutPublicAccessBlockCommand({ AccountId: ALICE, PublicAccessBlockConfiguration });
  const unblock = () => new DeletePublicAccessBlockCommand({ AccountId: ALICE });
  await alternate(t, async () => (await server.request("GET", `/${open}/key`)).status, [
    { to: "blocked", make: () => s3Control.send(block()), status: 403 },
    { to: "open", make: () => s3Control.send(unblock()), status: 200 },
  ]);
});

test.serial("users and keys that the control plane registers", async (t) => {
  const started = await start(t);
  const { server, control, bucket } = started;
  const user = (document: string) => ({
    user: { accountId: ALICE, userName: "u", inlinePolicies: [{ name: "p", document }] },
  });
  await control.identities.putUser(user(ALLOWS));
  let keys = await registerKeys(server, { accountId: ALICE, userName: "u" });
  await alternate(t, () => askAs({ server, bucket }, keys)(), [
    { to: "denied", make: () => control.identities.putUser(user(DENIES)), status: 403 },
    { to: "allowed", make: () => control.identities.putUser(user(ALLOWS)), status: 200 },
    {
      to: "without its key",
      make: () => control.accounts.deleteAccessKey({ accessKeyId: keys.accessKeyId }),
      status: 403,
    },
    {
      to: "with another key",
      make: async () => {
        keys = await registerKeys(server, { accountId: ALICE, userName: "u" });
      },
      status: 200,
    },
  ]);
});

test.serial("an account that is reset, restored and imported", async (t) => {
  const started = await start(t);
  const { control } = started;
  const keys = await makeUser(started, { allowed: true });
  await control.state.createSnapshot({ name: "allowed" });
  await started.iam.send(inline(DENIES, "denial"));
  await control.state.createSnapshot({ name: "denied" });
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of control.state.exportState({ snapshot: "allowed" })) chunks.push(chunk);
  async function* pieces() {
    yield { piece: { case: "target" as const, value: {} } };
    yield { piece: { case: "chunk" as const, value: Buffer.concat(chunks) } };
  }
  await alternate(t, askAs(started, keys), [
    { to: "restored", make: () => control.state.restoreSnapshot({ name: "allowed" }), status: 200 },
    { to: "restored, denied", make: () => control.state.restoreSnapshot({ name: "denied" }), status: 403 },
    { to: "imported", make: () => control.state.importState(pieces()), status: 200 },
    { to: "reset", make: () => control.state.reset({ accountIds: [ALICE] }), status: 403 },
  ]);
});

test.serial("worlds of one name, forked, changed apart and deleted", async (t) => {
  const started = await start(t);
  const { server, control, iam, bucket } = started;
  const keys = await makeUser(started, { allowed: true });
  const ask = askAs(started, keys);
  for (let round = 0; round < ROUNDS / 2; round += 1) {
    await iam.send(inline(DENIES, "denial"));
    const { world } = await control.worlds.createWorld({ name: "fork", fromWorld: "default" });
    const fork: TestServer = { ...server, endpoint: (world?.endpoint ?? "").replace(/\/$/, "") };
    fork.request = async (method, path, { headers = {} } = {}) => {
      const response = await fetch(fork.endpoint + path, { method, headers: { ...headers } });
      return { status: response.status, headers: {}, body: Buffer.from(await response.arrayBuffer()) };
    };
    const askFork = askAs({ server: fork, bucket }, keys);
    t.is(await askFork(), 403);
    await iam.send(new DeleteUserPolicyCommand({ UserName: "u", PolicyName: "denial" }));
    t.deepEqual(await Promise.all([ask(), askFork()]), [200, 403]);
    await control.state.reset({ world: "fork" });
    t.deepEqual(await Promise.all([ask(), askFork()]), [200, 403]);
    await control.worlds.deleteWorld({ name: "fork" });
    await control.worlds.createWorld({ name: "fork", port: Number(new URL(fork.endpoint).port) });
    t.deepEqual(await Promise.all([ask(), askFork()]), [200, 403]);
    await control.worlds.deleteWorld({ name: "fork" });
  }
});
