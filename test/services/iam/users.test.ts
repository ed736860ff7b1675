import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachUserPolicyCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListGroupsForUserCommand,
  DeleteLoginProfileCommand,
  GetLoginProfileCommand,
  ListAccountAliasesCommand,
  ListMFADevicesCommand,
  ListSSHPublicKeysCommand,
  ListServiceSpecificCredentialsCommand,
  ListSigningCertificatesCommand,
  ListVirtualMFADevicesCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
  UpdateUserCommand,
} from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { callOk } from "../../control/control-plane.ts";
import { assume } from "../../support/accounts.ts";
import { startTestServer } from "../../support/server.ts";
import { ALLOW_ALL, refusal } from "./support.ts";

test("a user is made, shown, listed and deleted", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const iam = server.iam();
  const { User: made } = await iam.send(
    new CreateUserCommand({ UserName: "alice", Path: "/team/", Tags: [{ Key: "Team", Value: "red" }] }),
  );
  t.like(made, {
    UserName: "alice",
    Path: "/team/",
    Arn: "arn:aws:iam::123456789012:user/team/alice",
    Tags: [{ Key: "Team", Value: "red" }],
  });
  t.regex(made?.UserId ?? "", /^AIDA[A-Z2-7]{17}$/);
  t.true(made?.CreateDate instanceof Date);
  const { User: got } = await iam.send(new GetUserCommand({ UserName: "alice" }));
  t.deepEqual(got, made);
  const { Users, IsTruncated } = await iam.send(new ListUsersCommand({ PathPrefix: "/te" }));
  t.deepEqual(
    Users?.map(({ UserName, Tags }) => ({ UserName, Tags })),
    [{ UserName: "alice", Tags: undefined }],
  );
  t.false(IsTruncated);
  t.deepEqual((await iam.send(new ListUsersCommand({ PathPrefix: "/other/" }))).Users, []);
  t.deepEqual((await iam.send(new ListGroupsForUserCommand({ UserName: "alice" }))).Groups, []);
  await iam.send(new DeleteUserCommand({ UserName: "alice" }));
  t.deepEqual(await refusal(iam.send(new GetUserCommand({ UserName: "alice" }))), {
    code: "NoSuchEntity",
    message: "The user with name alice cannot be found.",
    status: 404,
    type: "Sender",
  });
});

const withUser = async (t: ExecutionContext) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const iam = server.iam();
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  return { server, iam };
};

test("names differ by more than their case", async (t) => {
  const { iam } = await withUser(t);
  t.deepEqual(await refusal(iam.send(new CreateUserCommand({ UserName: "ALICE" }))), {
    code: "EntityAlreadyExists",
    message: "User with name ALICE already exists.",
    status: 409,
    type: "Sender",
  });
  t.is((await iam.send(new GetUserCommand({ UserName: "Alice" }))).User?.UserName, "alice");
});

test("a user that is renamed keeps its id, its policies and its keys, which call as it", async (t) => {
  const { server, iam } = await withUser(t);
  const before = (await iam.send(new GetUserCommand({ UserName: "alice" }))).User;
  await iam.send(new PutUserPolicyCommand({ UserName: "alice", PolicyName: "all", PolicyDocument: ALLOW_ALL }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  await iam.send(new UpdateUserCommand({ UserName: "alice", NewUserName: "anna", NewPath: "/moved/" }));
  const after = (await iam.send(new GetUserCommand({ UserName: "anna" }))).User;
  t.is(after?.UserId, before?.UserId);
  t.is(after?.Arn, "arn:aws:iam::123456789012:user/moved/anna");
  t.like(await refusal(iam.send(new GetUserCommand({ UserName: "alice" }))), { code: "NoSuchEntity" });
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: "anna" }));
  t.deepEqual(
    AccessKeyMetadata?.map((key) => [key.AccessKeyId, key.UserName]),
    [[AccessKey?.AccessKeyId, "anna"]],
  );
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const caller = await server.sts({ credentials }).send(new GetCallerIdentityCommand({}));
  t.is(caller.Arn, after?.Arn);
  t.is(caller.UserId, after?.UserId);
  await iam.send(new CreateUserCommand({ UserName: "bob" }));
  t.like(await refusal(iam.send(new UpdateUserCommand({ UserName: "anna", NewUserName: "Bob" }))), {
    code: "EntityAlreadyExists",
    message: "User with name Bob already exists.",
  });
  await iam.send(new UpdateUserCommand({ UserName: "anna", NewUserName: "Anna" }));
  t.is((await iam.send(new GetUserCommand({ UserName: "anna" }))).User?.UserName, "Anna");
});

test("a user goes only without policies and keys", async (t) => {
  const { iam } = await withUser(t);
  const PolicyArn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const remove = () => refusal(iam.send(new DeleteUserCommand({ UserName: "alice" })));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  await iam.send(new AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  await iam.send(new PutUserPolicyCommand({ UserName: "alice", PolicyName: "all", PolicyDocument: ALLOW_ALL }));
  t.like(await remove(), {
    code: "DeleteConflict",
    message: "Cannot delete entity, must detach all policies first.",
    status: 409,
  });
  await iam.send(new DetachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  t.like(await remove(), { code: "DeleteConflict", message: "Cannot delete entity, must delete policies first." });
  await iam.send(new DeleteUserPolicyCommand({ UserName: "alice", PolicyName: "all" }));
  t.like(await remove(), { code: "DeleteConflict", message: "Cannot delete entity, must delete access keys first." });
  await iam.send(new DeleteAccessKeyCommand({ UserName: "alice", AccessKeyId: AccessKey!.AccessKeyId! }));
  await iam.send(new DeleteUserCommand({ UserName: "alice" }));
  t.like(await refusal(iam.send(new DeleteUserCommand({ UserName: "alice" }))), { code: "NoSuchEntity", status: 404 });
});

test("GetUser without a name shows the caller: its user, or the account's root", async (t) => {
  const { server, iam } = await withUser(t);
  const { User: root } = await iam.send(new GetUserCommand({}));
  t.like(root, { UserId: "123456789012", Arn: "arn:aws:iam::123456789012:root", UserName: undefined });
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  t.is((await server.iam({ credentials }).send(new GetUserCommand({}))).User?.UserName, "alice");
  const assumed = await assume(server.sts(), "123456789012");
  t.deepEqual(await refusal(server.iam({ credentials: assumed }).send(new GetUserCommand({}))), {
    code: "ValidationError",
    message: "Must specify userName when calling with non-User credentials",
    status: 400,
    type: "Sender",
  });
});

test("a user that only a key of the control plane names sees itself, and nobody else does", async (t) => {
  const { server, iam } = await withUser(t);
  const key = {
    accountId: "123456789012",
    userName: "carol",
    accessKeyId: "AKIACAROLCAROLCAROL1",
    secretAccessKey: "s",
  };
  await callOk(t, server.running.controlUrl, "AccountService/CreateAccessKey", key);
  const { User } = await server.iam({ credentials: key }).send(new GetUserCommand({}));
  t.like(User, { UserName: "carol", Arn: "arn:aws:iam::123456789012:user/carol" });
  t.like(await refusal(iam.send(new GetUserCommand({ UserName: "carol" }))), { code: "NoSuchEntity" });
});

test("lists come in pages, whatever happens between them", async (t) => {
  const { iam } = await withUser(t);
  for (const UserName of ["bob", "Carol", "dave"]) await iam.send(new CreateUserCommand({ UserName }));
  const first = await iam.send(new ListUsersCommand({ MaxItems: 2 }));
  t.deepEqual(
    first.Users?.map(({ UserName }) => UserName),
    ["alice", "bob"],
  );
  t.true(first.IsTruncated);
  const second = await iam.send(new ListUsersCommand({ MaxItems: 2, Marker: first.Marker }));
  t.deepEqual(
    second.Users?.map(({ UserName }) => UserName),
    ["Carol", "dave"],
  );
  t.false(second.IsTruncated);
  t.is(second.Marker, undefined);
  await iam.send(new DeleteUserCommand({ UserName: "bob" }));
  const rest = await iam.send(new ListUsersCommand({ Marker: first.Marker }));
  t.deepEqual(
    rest.Users?.map(({ UserName }) => UserName),
    ["Carol", "dave"],
    "the one that the marker names may be gone",
  );
  t.like(await refusal(iam.send(new ListUsersCommand({ Marker: "nonsense" }))), {
    code: "ValidationError",
    message: "Invalid Marker.",
  });
});

test("accounts have their users for themselves", async (t) => {
  const { server } = await withUser(t);
  t.deepEqual((await server.iam({ accountId: "222222222222" }).send(new ListUsersCommand({}))).Users, []);
});

test("of many who make the same user or its last key at once, one does", async (t) => {
  const { iam } = await withUser(t);
  const outcomes = async (send: () => Promise<unknown>) => {
    const settled = await Promise.allSettled(Array.from({ length: 8 }, send));
    return settled.filter(({ status }) => status === "fulfilled").length;
  };
  t.is(await outcomes(() => iam.send(new CreateUserCommand({ UserName: "bob" }))), 1);
  t.is(await outcomes(() => iam.send(new CreateAccessKeyCommand({ UserName: "bob" }))), 2);
  t.is(await outcomes(() => iam.send(new UpdateUserCommand({ UserName: "bob", NewUserName: "robert" }))), 1);
});

test("what users may have on AWS and never have here is answered as none", async (t) => {
  const { iam } = await withUser(t);
  const UserName = "alice";
  t.deepEqual((await iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices, []);
  t.deepEqual((await iam.send(new ListVirtualMFADevicesCommand({}))).VirtualMFADevices, []);
  t.deepEqual((await iam.send(new ListSSHPublicKeysCommand({ UserName }))).SSHPublicKeys, []);
  t.deepEqual((await iam.send(new ListSigningCertificatesCommand({ UserName }))).Certificates, []);
  const specific = await iam.send(new ListServiceSpecificCredentialsCommand({ UserName }));
  t.deepEqual(specific.ServiceSpecificCredentials, []);
  t.deepEqual((await iam.send(new ListAccountAliasesCommand({}))).AccountAliases, []);
  for (const call of [
    iam.send(new GetLoginProfileCommand({ UserName })),
    iam.send(new DeleteLoginProfileCommand({ UserName })),
    iam.send(new ListSSHPublicKeysCommand({ UserName: "nobody" })),
  ]) {
    t.is((await refusal(call)).code, "NoSuchEntity");
  }
});
