/** Nothing of an account shows in another through IAM or S3 Control, and nothing of a world in another on the control plane. */
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteOpenIDConnectProviderCommand,
  DeletePolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserCommand,
  ListEntitiesForPolicyCommand,
  ListOpenIDConnectProvidersCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutUserPermissionsBoundaryCommand,
  TagPolicyCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  GetAccessPointCommand,
  GetAccessPointPolicyCommand,
  GetPublicAccessBlockCommand,
  ListAccessPointsCommand,
  ListTagsForResourceCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3-control";
import test, { type ExecutionContext } from "ava";
import { Code, ConnectError, createControlClient } from "../../src/control/client.ts";
import { configure, tellQueue } from "../services/s3/events/fixtures.ts";
import { ALICE, BOB } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { makeBucket, policyText, registerKeys } from "./fixtures.ts";
import { READS, refusedId, registerUser } from "./registered-users.ts";

const ALLOWS = policyText({ Effect: "Allow", Action: "*", Resource: "*" });

const start = async (t: ExecutionContext) => {
  const server = await startTestServer({ authMode: "strict" });
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  const of = async (accountId: string) => {
    const credentials = await registerKeys(server, { accountId });
    const options = { credentials };
    return { s3: server.s3(options), iam: server.iam(options), s3Control: server.s3Control(options) };
  };
  return { server, control, alice: await of(ALICE), bob: await of(BOB) };
};

/** What is refused, by the code of its error; what is not, by `answered`. */
const codesOf = async (works: readonly Promise<unknown>[]): Promise<readonly string[]> =>
  Promise.all(
    works.map((work) =>
      work.then(
        () => "answered",
        (error: Error) => error.name,
      ),
    ),
  );

test("an account neither sees nor changes what another has in IAM", async (t) => {
  const { alice, bob } = await start(t);
  const UserName = "bobs";
  await bob.iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await bob.iam.send(new CreateAccessKeyCommand({ UserName }));
  const AccessKeyId = AccessKey?.AccessKeyId ?? "";
  const AssumeRolePolicyDocument = policyText({ Effect: "Allow", Principal: { AWS: BOB }, Action: "sts:AssumeRole" });
  await bob.iam.send(new CreateRoleCommand({ RoleName: "bobs", AssumeRolePolicyDocument }));
  const { Policy } = await bob.iam.send(new CreatePolicyCommand({ PolicyName: "bobs", PolicyDocument: ALLOWS }));
  const PolicyArn = Policy?.Arn ?? "";
  const made = await bob.iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://idp.example" }));
  const { OpenIDConnectProviderArn } = made;
  const { iam } = alice;
  await iam.send(new CreateUserCommand({ UserName: "alices" }));
  const Status = "Inactive";
  const attached = { UserName: "alices", PolicyArn };
  const bounded = { UserName: "alices", PermissionsBoundary: PolicyArn };
  const codes = await codesOf([
    iam.send(new GetUserCommand({ UserName })),
    iam.send(new GetRoleCommand({ RoleName: "bobs" })),
    iam.send(new GetPolicyCommand({ PolicyArn })),
    iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v1" })),
    iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: ALLOWS })),
    iam.send(new ListEntitiesForPolicyCommand({ PolicyArn })),
    iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: "a", Value: "b" }] })),
    iam.send(new AttachUserPolicyCommand(attached)),
    iam.send(new PutUserPermissionsBoundaryCommand(bounded)),
    iam.send(new DeletePolicyCommand({ PolicyArn })),
    iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
    iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
    iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status })),
    iam.send(new UpdateAccessKeyCommand({ UserName: "alices", AccessKeyId, Status })),
    iam.send(new UpdateAccessKeyCommand({ AccessKeyId, Status })),
    iam.send(new DeleteAccessKeyCommand({ AccessKeyId })),
  ]);
  t.deepEqual([...new Set(codes)], ["NoSuchEntityException"], codes.join());
  t.deepEqual(await codesOf([iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }))]), ["AccessDenied"]);
  const { Users = [] } = await iam.send(new ListUsersCommand({}));
  t.deepEqual(
    Users.map((user) => user.UserName),
    ["alices"],
  );
  t.deepEqual((await iam.send(new ListRolesCommand({}))).Roles, []);
  t.deepEqual((await iam.send(new ListPoliciesCommand({ Scope: "Local" }))).Policies, []);
  t.deepEqual((await iam.send(new ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList, []);
  t.is((await bob.iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount, 0);
});

test("an account neither sees nor changes another's access points and block", async (t) => {
  const { alice, bob } = await start(t);
  const Bucket = await makeBucket(bob.s3);
  const ofBob = { AccountId: BOB, Name: "bobs-point" };
  const ofAlice = { ...ofBob, AccountId: ALICE };
  const { AccessPointArn: ResourceArn } = await bob.s3Control.send(new CreateAccessPointCommand({ ...ofBob, Bucket }));
  const { s3Control } = alice;
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
  const denied = await codesOf([
    s3Control.send(new ListAccessPointsCommand({ AccountId: BOB })),
    s3Control.send(new GetAccessPointCommand(ofBob)),
    s3Control.send(new GetAccessPointPolicyCommand(ofBob)),
    s3Control.send(new DeleteAccessPointCommand(ofBob)),
    s3Control.send(new GetPublicAccessBlockCommand({ AccountId: BOB })),
    s3Control.send(new PutPublicAccessBlockCommand({ AccountId: BOB, PublicAccessBlockConfiguration })),
    s3Control.send(new ListTagsForResourceCommand({ AccountId: BOB, ResourceArn })),
    s3Control.send(new ListTagsForResourceCommand({ AccountId: ALICE, ResourceArn })),
  ]);
  t.deepEqual([...new Set(denied)], ["AccessDenied"], denied.join());
  const missing = await codesOf([
    s3Control.send(new GetAccessPointCommand(ofAlice)),
    s3Control.send(new DeleteAccessPointCommand(ofAlice)),
  ]);
  t.deepEqual(missing, ["NoSuchAccessPoint", "NoSuchAccessPoint"]);
  for (const named of [{}, { Bucket }]) {
    const listed = await s3Control.send(new ListAccessPointsCommand({ AccountId: ALICE, ...named }));
    t.deepEqual(listed.AccessPointList, []);
  }
  t.is((await bob.s3Control.send(new GetAccessPointCommand(ofBob))).Bucket, Bucket);
});

test("events are listed for the accounts and the world that are asked about", async (t) => {
  const { control, alice, bob } = await start(t);
  for (const { s3 } of [alice, bob]) {
    const Bucket = await makeBucket(s3);
    await configure(s3, Bucket, tellQueue(["s3:ObjectCreated:*"]));
    await s3.send(new PutObjectCommand({ Bucket, Key: "told", Body: "body" }));
  }
  await control.clock.advanceClock({ by: { seconds: 60n } });
  const ofWorld = async (world: string, accountId = ""): Promise<readonly string[]> => {
    const { events } = await control.events.listEvents({ world, filter: { accountId } });
    return events.map((event) => event.accountId).toSorted();
  };
  await control.worlds.createWorld({ name: "other" });
  t.deepEqual(await ofWorld("default"), [ALICE, BOB].toSorted());
  t.deepEqual(await ofWorld("default", ALICE), [ALICE]);
  t.deepEqual(await ofWorld("other"), []);
});

test("decisions and coverage are those of the world in which they were made, a fork's its own", async (t) => {
  const { server, control } = await start(t);
  const user = await registerUser(server, control, { accountId: ALICE, statements: [READS] });
  await control.worlds.createWorld({ name: "before", fromWorld: "default" });
  const requestId = await refusedId(t, user.s3.send(new ListBucketsCommand({})));
  t.is((await control.access.explainRequest({ requestId })).errorCode, "AccessDenied");
  t.not((await control.access.getPolicyCoverage({})).policies.length, 0);
  await control.worlds.createWorld({ name: "after", fromWorld: "default" });
  for (const world of ["before", "after"]) {
    const explained = control.access.explainRequest({ world, requestId });
    const error = await t.throwsAsync<ConnectError>(explained, { instanceOf: ConnectError });
    t.is(error.code, Code.NotFound, world);
    t.deepEqual((await control.access.getPolicyCoverage({ world })).policies, [], world);
  }
});
