import {
  CreateRoleCommand,
  DeleteRoleCommand,
  GetRoleCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
  type Role,
} from "@aws-sdk/client-iam";
import test, { type ExecutionContext } from "ava";
import { startTestServer } from "../../support/server.ts";
import { ALLOW_ALL, documentOf, refusal, trusting } from "./support.ts";

const TRUST = trusting("222222222222");

const iamOf = async (t: ExecutionContext) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  return server.iam();
};

/** The names of the members that an answer has. */
const membersOf = (role: Role | undefined): string[] => Object.keys(role ?? {}).toSorted();

const ALWAYS = ["Arn", "AssumeRolePolicyDocument", "CreateDate", "Path", "RoleId", "RoleName"];

test("each operation shows of a role what AWS shows of it", async (t) => {
  const iam = await iamOf(t);
  const named = { RoleName: "deploy", Path: "/ci/", Description: "first", MaxSessionDuration: 7_200 };
  const Tags = [{ Key: "Team", Value: "red" }];
  const { Role: made } = await iam.send(new CreateRoleCommand({ ...named, AssumeRolePolicyDocument: TRUST, Tags }));
  t.deepEqual(membersOf(made), [...ALWAYS, "Tags"]);
  t.regex(made?.RoleId ?? "", /^AROA[A-Z2-7]{17}$/);
  t.is(made?.Arn, "arn:aws:iam::123456789012:role/ci/deploy");
  t.is(decodeURIComponent(made?.AssumeRolePolicyDocument ?? ""), TRUST);
  t.false(made?.AssumeRolePolicyDocument?.includes('"'), "documents are percent-encoded");
  const { Role: shown } = await iam.send(new GetRoleCommand({ RoleName: "deploy" }));
  t.deepEqual(membersOf(shown), [...ALWAYS, "Description", "MaxSessionDuration", "RoleLastUsed", "Tags"].toSorted());
  t.like(shown, { Description: "first", MaxSessionDuration: 7_200, RoleLastUsed: {}, Tags });
  const { Roles } = await iam.send(new ListRolesCommand({ PathPrefix: "/ci" }));
  t.deepEqual(Roles?.map(membersOf), [[...ALWAYS, "Description", "MaxSessionDuration"].toSorted()]);
  await iam.send(new UpdateRoleCommand({ RoleName: "deploy", MaxSessionDuration: 3_600 }));
  t.like((await iam.send(new GetRoleCommand({ RoleName: "deploy" }))).Role, {
    Description: "first",
    MaxSessionDuration: 3_600,
  });
  const described = await iam.send(new UpdateRoleDescriptionCommand({ RoleName: "deploy", Description: "then" }));
  t.deepEqual(membersOf(described.Role), [...ALWAYS, "Description"].toSorted());
  t.is(described.Role?.Description, "then");
  const profiles = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: "deploy" }));
  t.deepEqual(profiles.InstanceProfiles, []);
});

test("a role's trust policy is put anew, and a text that is none is refused in AWS's words", async (t) => {
  const iam = await iamOf(t);
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: TRUST }));
  const put = (PolicyDocument: string) =>
    iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "deploy", PolicyDocument }));
  await put(trusting("333333333333"));
  const { Role: shown } = await iam.send(new GetRoleCommand({ RoleName: "deploy" }));
  t.is(decodeURIComponent(shown?.AssumeRolePolicyDocument ?? ""), trusting("333333333333"));
  const statement = { Effect: "Allow", Principal: { AWS: "222222222222" }, Action: "sts:AssumeRole" };
  const refusals = {
    "{": "This policy contains invalid Json",
    [documentOf({ ...statement, Action: "s3:GetObject" })]:
      "AssumeRole policy may only specify STS AssumeRole actions.",
    [documentOf({ ...statement, Resource: "*" })]: "Has prohibited field Resource",
  };
  for (const [document, message] of Object.entries(refusals)) {
    t.deepEqual(await refusal(put(document)), {
      code: "MalformedPolicyDocument",
      message,
      status: 400,
      type: "Sender",
    });
  }
  t.like(await refusal(iam.send(new CreateRoleCommand({ RoleName: "other", AssumeRolePolicyDocument: "{" }))), {
    code: "MalformedPolicyDocument",
  });
  t.like(await refusal(iam.send(new GetRoleCommand({ RoleName: "other" }))), { code: "NoSuchEntity" });
});

test("blanks do not count against the length of a trust policy, everything else does", async (t) => {
  const iam = await iamOf(t);
  const withSid = (chars: number): string => {
    const sid = (text: string) =>
      documentOf({ Sid: text, Effect: "Allow", Principal: { AWS: "222222222222" }, Action: "sts:AssumeRole" });
    return sid("a".repeat(chars - sid("").length));
  };
  const make = (RoleName: string, AssumeRolePolicyDocument: string) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await make("longest", withSid(2_048).replaceAll(",", ", \n"));
  t.like(await refusal(make("longer", withSid(2_049))), {
    code: "LimitExceeded",
    message: "Cannot exceed quota for ACLSizePerRole: 2048",
    status: 409,
  });
});

test("a role that is there already, or is not, is told as AWS tells it", async (t) => {
  const iam = await iamOf(t);
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: TRUST }));
  t.deepEqual(await refusal(iam.send(new CreateRoleCommand({ RoleName: "Deploy", AssumeRolePolicyDocument: TRUST }))), {
    code: "EntityAlreadyExists",
    message: "Role with name Deploy already exists.",
    status: 409,
    type: "Sender",
  });
  const missing = {
    code: "NoSuchEntity",
    message: "The role with name nobody cannot be found.",
    status: 404,
    type: "Sender",
  };
  const RoleName = "nobody";
  for (const sent of [
    iam.send(new GetRoleCommand({ RoleName })),
    iam.send(new DeleteRoleCommand({ RoleName })),
    iam.send(new UpdateRoleCommand({ RoleName })),
    iam.send(new UpdateRoleDescriptionCommand({ RoleName, Description: "" })),
    iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: TRUST })),
    iam.send(new ListInstanceProfilesForRoleCommand({ RoleName })),
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "all", PolicyDocument: ALLOW_ALL })),
  ]) {
    t.deepEqual(await refusal(sent), missing);
  }
});

test("a role goes only without policies", async (t) => {
  const iam = await iamOf(t);
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: TRUST }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "deploy", PolicyName: "all", PolicyDocument: ALLOW_ALL }));
  t.like(await refusal(iam.send(new DeleteRoleCommand({ RoleName: "deploy" }))), {
    code: "DeleteConflict",
    message: "Cannot delete entity, must delete policies first.",
    status: 409,
  });
});

test("a role that is made anew under the same name is another one", async (t) => {
  const iam = await iamOf(t);
  const make = async () =>
    (await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: TRUST }))).Role?.RoleId;
  const first = await make();
  await iam.send(new DeleteRoleCommand({ RoleName: "deploy" }));
  t.not(await make(), first);
});
