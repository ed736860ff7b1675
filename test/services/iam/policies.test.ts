import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DeleteUserPermissionsBoundaryCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
  type ListPoliciesCommandInput,
} from "@aws-sdk/client-iam";
import test, { type ExecutionContext } from "ava";
import { startTestServer } from "../../support/server.ts";
import { ALLOW_ALL, documentOf, refusal, trusting } from "./support.ts";

const READ = documentOf({ Effect: "Allow", Action: "s3:Get*", Resource: "*" });
const AWS_POLICY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
const arnOf = (name: string): string => `arn:aws:iam::123456789012:policy/${name}`;

/** A client of an account with the user `alice` and the role `deploy`. */
const prepare = async (t: ExecutionContext) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const iam = server.iam();
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trusting("222222222222") }));
  return iam;
};

/** A document of exactly so many characters that count. */
const ofChars = (chars: number): string => {
  const withSid = (sid: string) => documentOf({ Sid: sid, Effect: "Allow", Action: "*", Resource: "*" });
  return withSid("a".repeat(chars - withSid("").length));
};

test("inline policies are put, shown, listed by name and deleted, of users and roles alike", async (t) => {
  const iam = await prepare(t);
  const UserName = "alice";
  const RoleName = "deploy";
  for (const [PolicyName, PolicyDocument] of [
    ["write", ALLOW_ALL],
    ["read", ALLOW_ALL],
    ["read", READ],
  ] as const) {
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
  t.deepEqual((await iam.send(new ListUserPoliciesCommand({ UserName }))).PolicyNames, ["read", "write"]);
  const first = await iam.send(new ListRolePoliciesCommand({ RoleName, MaxItems: 1 }));
  t.like(first, { PolicyNames: ["read"], IsTruncated: true });
  const second = await iam.send(new ListRolePoliciesCommand({ RoleName, Marker: first.Marker }));
  t.like(second, { PolicyNames: ["write"], IsTruncated: false });
  const ofUser = await iam.send(new GetUserPolicyCommand({ UserName, PolicyName: "read" }));
  t.like(ofUser, { UserName, PolicyName: "read" });
  t.is(decodeURIComponent(ofUser.PolicyDocument ?? ""), READ);
  const ofRole = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "read" }));
  t.is(decodeURIComponent(ofRole.PolicyDocument ?? ""), READ);
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "read" }));
  for (const sent of [
    iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: "read" })),
    iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "read" })),
  ]) {
    t.deepEqual(await refusal(sent), {
      code: "NoSuchEntity",
      message: "The role policy with name read cannot be found.",
      status: 404,
      type: "Sender",
    });
  }
  t.like(await refusal(iam.send(new GetUserPolicyCommand({ UserName, PolicyName: "none" }))), {
    message: "The user policy with name none cannot be found.",
  });
});

test("a text that is no policy is refused, and changes nothing", async (t) => {
  const iam = await prepare(t);
  const put = (PolicyDocument: string) =>
    iam.send(new PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument }));
  t.deepEqual(await refusal(put("no json")), {
    code: "MalformedPolicyDocument",
    message: "Syntax errors in policy.",
    status: 400,
    type: "Sender",
  });
  t.like(await refusal(put(documentOf({ Effect: "Allow", Resource: "*" }))), {
    message: "Policy statement must contain actions.",
  });
  t.deepEqual((await iam.send(new ListUserPoliciesCommand({ UserName: "alice" }))).PolicyNames, []);
  t.like(await refusal(iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: "{}" }))), {
    code: "MalformedPolicyDocument",
  });
});

test("the inline policies of one user or role have a length together that blanks do not count against", async (t) => {
  const iam = await prepare(t);
  const ofUser = (PolicyName: string, PolicyDocument: string) =>
    iam.send(new PutUserPolicyCommand({ UserName: "alice", PolicyName, PolicyDocument }));
  await ofUser("one", ofChars(1_024));
  await ofUser("two", ofChars(1_024).replace("{", "{ \n\t"));
  t.deepEqual(await refusal(ofUser("two", ofChars(1_025))), {
    code: "LimitExceeded",
    message: "Maximum policy size of 2048 bytes exceeded for user alice",
    status: 409,
    type: "Sender",
  });
  const ofRole = (chars: number) =>
    iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "one", PolicyDocument: ofChars(chars) }));
  await ofRole(10_240);
  t.like(await refusal(ofRole(10_241)), {
    message: "Maximum policy size of 10240 bytes exceeded for role deploy",
  });
});

test("each operation shows of a managed policy what AWS shows of it", async (t) => {
  const iam = await prepare(t);
  const { Policy: made } = await iam.send(
    new CreatePolicyCommand({ PolicyName: "reader", Path: "/team/", PolicyDocument: READ, Description: "reads" }),
  );
  t.like(made, {
    PolicyName: "reader",
    Arn: arnOf("team/reader"),
    Path: "/team/",
    DefaultVersionId: "v1",
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    Description: undefined,
    Tags: undefined,
  });
  t.regex(made?.PolicyId ?? "", /^ANPA[A-Z2-7]{17}$/);
  const PolicyArn = made!.Arn!;
  await iam.send(new AttachUserPolicyCommand({ UserName: "alice", PolicyArn }));
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "deploy", PermissionsBoundary: PolicyArn }));
  t.like((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy, {
    Description: "reads",
    Tags: [],
    AttachmentCount: 1,
    PermissionsBoundaryUsageCount: 1,
  });
  const names = async (input: ListPoliciesCommandInput) =>
    (await iam.send(new ListPoliciesCommand(input))).Policies?.map(({ PolicyName }) => PolicyName);
  t.deepEqual(await names({ Scope: "Local" }), ["reader"]);
  t.deepEqual(await names({ OnlyAttached: true }), ["reader"]);
  t.deepEqual(await names({ OnlyAttached: true, PathPrefix: "/other/" }), []);
  t.true((await names({ Scope: "AWS" }))?.includes("AdministratorAccess"));
  t.false((await names({ Scope: "AWS" }))?.includes("reader"));
  t.true((await names({}))?.includes("reader"));
  const users = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn }));
  t.like(users, { PolicyGroups: [], PolicyUsers: [{ UserName: "alice" }], PolicyRoles: [{ RoleName: "deploy" }] });
  const bounded = await iam.send(
    new ListEntitiesForPolicyCommand({ PolicyArn, PolicyUsageFilter: "PermissionsBoundary" }),
  );
  t.like(bounded, { PolicyUsers: [], PolicyRoles: [{ RoleName: "deploy" }] });
  const onlyUsers = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, EntityFilter: "User" }));
  t.like(onlyUsers, { PolicyUsers: [{ UserName: "alice" }], PolicyRoles: [] });
});

test("versions of a managed policy are added, made the default and deleted", async (t) => {
  const iam = await prepare(t);
  const PolicyArn = arnOf("p");
  await iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: READ }));
  const add = (options: { SetAsDefault?: boolean } = {}) =>
    iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: ALLOW_ALL, ...options }));
  const { PolicyVersion: second } = await add({ SetAsDefault: true });
  t.like(second, { VersionId: "v2", IsDefaultVersion: true, Document: undefined });
  t.like((await add()).PolicyVersion, { VersionId: "v3", IsDefaultVersion: false });
  const { PolicyVersion: first } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  t.is(decodeURIComponent(first?.Document ?? ""), READ);
  t.false(first?.IsDefaultVersion);
  const ids = async () =>
    (await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))).Versions?.map(
      ({ VersionId, IsDefaultVersion }) => `${VersionId}${IsDefaultVersion === true ? "*" : ""}`,
    );
  t.deepEqual(await ids(), ["v3", "v2*", "v1"]);
  await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  t.deepEqual(await ids(), ["v3", "v2", "v1*"]);
  await add();
  await add();
  t.deepEqual(await refusal(add()), {
    code: "LimitExceeded",
    message:
      "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
    status: 409,
    type: "Sender",
  });
  await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v5" }));
  t.is((await add()).PolicyVersion?.VersionId, "v6", "no number comes twice");
  t.like(await refusal(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v1" }))), {
    code: "DeleteConflict",
    message: "Cannot delete the default version of a policy.",
    status: 409,
  });
  const missing = {
    code: "NoSuchEntity",
    message: `Policy ${PolicyArn} version v9 does not exist or is not attachable.`,
  };
  t.like(await refusal(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v9" }))), missing);
  t.like(await refusal(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v9" }))), missing);
  t.like(await refusal(iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v9" }))), missing);
  t.like(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn }))), {
    code: "DeleteConflict",
    message:
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
  });
});

test("managed policies are attached once, listed in the order in which they were, and detached", async (t) => {
  const iam = await prepare(t);
  await iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: READ }));
  const RoleName = "deploy";
  for (const PolicyArn of [arnOf("p"), AWS_POLICY, arnOf("p")]) {
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  t.deepEqual((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies, [
    { PolicyName: "p", PolicyArn: arnOf("p") },
    { PolicyName: "AmazonS3ReadOnlyAccess", PolicyArn: AWS_POLICY },
  ]);
  t.like(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn: arnOf("p") }))), {
    code: "DeleteConflict",
    message: "Cannot delete a policy attached to entities.",
    status: 409,
  });
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: arnOf("p") }));
  t.like(await refusal(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: arnOf("p") }))), {
    code: "NoSuchEntity",
    message: `Policy ${arnOf("p")} was not found.`,
    status: 404,
  });
  await iam.send(new DeletePolicyCommand({ PolicyArn: arnOf("p") }));
  t.like(await refusal(iam.send(new GetPolicyCommand({ PolicyArn: arnOf("p") }))), {
    code: "NoSuchEntity",
    message: `Policy ${arnOf("p")} was not found.`,
  });
});

test("what is attached must be a policy that is there, of the account's or AWS's own", async (t) => {
  const iam = await prepare(t);
  const attach = (PolicyArn: string) =>
    refusal(iam.send(new AttachUserPolicyCommand({ UserName: "alice", PolicyArn })));
  const absent = (arn: string) => ({
    code: "NoSuchEntity",
    message: `Policy ${arn} does not exist or is not attachable.`,
    status: 404,
    type: "Sender",
  });
  for (const arn of [arnOf("nothing"), "arn:aws:iam::222222222222:policy/p", "arn:aws:iam::aws:policy/NoSuchPolicy"]) {
    t.deepEqual(await attach(arn), absent(arn));
  }
  t.deepEqual(await attach("longpolicynamebutnoarn"), {
    code: "ValidationError",
    message: "ARN longpolicynamebutnoarn is not valid.",
    status: 400,
    type: "Sender",
  });
  t.like(await refusal(iam.send(new DetachUserPolicyCommand({ UserName: "nobody", PolicyArn: AWS_POLICY }))), {
    code: "NoSuchEntity",
    message: "The user with name nobody cannot be found.",
  });
});

test("ten managed policies are attached to one user, and no more", async (t) => {
  const iam = await prepare(t);
  for (let at = 0; at <= 10; at += 1) {
    await iam.send(new CreatePolicyCommand({ PolicyName: `p${at}`, PolicyDocument: READ }));
  }
  const attach = (at: number) =>
    iam.send(new AttachUserPolicyCommand({ UserName: "alice", PolicyArn: arnOf(`p${at}`) }));
  for (let at = 0; at < 10; at += 1) await attach(at);
  t.like(await refusal(attach(10)), { code: "LimitExceeded", message: "Cannot exceed quota for PoliciesPerUser: 10" });
  const page = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: "alice", MaxItems: 9 }));
  t.is(page.AttachedPolicies?.length, 9);
  const rest = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: "alice", Marker: page.Marker }));
  t.deepEqual(
    rest.AttachedPolicies?.map(({ PolicyName }) => PolicyName),
    ["p9"],
  );
});

test("a boundary is set and taken back, and must be a policy that is there", async (t) => {
  const iam = await prepare(t);
  await iam.send(new CreatePolicyCommand({ PolicyName: "limits", PolicyDocument: READ }));
  const boundary = {
    PermissionsBoundaryType: "Policy",
    PermissionsBoundaryArn: arnOf("limits"),
  };
  const PermissionsBoundary = arnOf("limits");
  await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "alice", PermissionsBoundary }));
  t.deepEqual(
    (await iam.send(new GetUserCommand({ UserName: "alice" }))).User?.PermissionsBoundary as object,
    boundary,
  );
  await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: "alice" }));
  t.is((await iam.send(new GetUserCommand({ UserName: "alice" }))).User?.PermissionsBoundary, undefined);
  const { User } = await iam.send(new CreateUserCommand({ UserName: "bob", PermissionsBoundary }));
  t.deepEqual(User?.PermissionsBoundary as object, boundary);
  await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "deploy", PermissionsBoundary }));
  t.like(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn: arnOf("limits") }))), { code: "DeleteConflict" });
  await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "deploy" }));
  t.is((await iam.send(new GetRoleCommand({ RoleName: "deploy" }))).Role?.PermissionsBoundary, undefined);
  const put = (arn: string) =>
    refusal(iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "deploy", PermissionsBoundary: arn })));
  t.deepEqual(await put(arnOf("nothing")), {
    code: "NoSuchEntity",
    message: `Scope ARN: ${arnOf("nothing")} does not exist or is not attachable.`,
    status: 404,
    type: "Sender",
  });
  t.like(await put("arn:aws:iam::123456789012:not_a_policy/invalid"), {
    code: "InvalidInput",
    message: "ARN arn:aws:iam::123456789012:not_a_policy/invalid is not valid.",
    status: 400,
  });
});

test("a policy's name is taken, its document has a length, and AWS's own are nobody's to change", async (t) => {
  const iam = await prepare(t);
  const make = (PolicyName: string, PolicyDocument = READ) =>
    iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }));
  await make("longest", ofChars(6_144));
  t.like(await refusal(make("longer", ofChars(6_145))), {
    code: "LimitExceeded",
    message: "Cannot exceed quota for PolicySize: 6144",
  });
  t.like(await refusal(make("Longest")), {
    code: "EntityAlreadyExists",
    message: "A policy called Longest already exists. Duplicate names are not allowed.",
    status: 409,
  });
  t.like((await iam.send(new GetPolicyCommand({ PolicyArn: AWS_POLICY }))).Policy, {
    PolicyName: "AmazonS3ReadOnlyAccess",
  });
  t.like(await refusal(iam.send(new DeletePolicyCommand({ PolicyArn: AWS_POLICY }))), {
    code: "AccessDenied",
    status: 403,
  });
});
