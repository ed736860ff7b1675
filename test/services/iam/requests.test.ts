/** Requests to IAM as they are on the wire, and what AWS demands of their members. */
import { CreateGroupCommand, CreateUserCommand, GetUserCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import test, { type ExecutionContext } from "ava";
import { description, otherOperations } from "../../../src/protocol/generated/iam.ts";
import { startTestServer } from "../../support/server.ts";
import { refusal } from "./support.ts";

const VERSION = "2010-05-08";

const start = async (t: ExecutionContext) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  return server;
};

test("an unsigned request with IAM's version is IAM's, in the query or in a form", async (t) => {
  const server = await start(t);
  const created = await server.request("POST", "/", {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: `Action=CreateUser&Version=${VERSION}&UserName=alice&Tags.member.1.Key=a&Tags.member.1.Value=b`,
  });
  t.is(created.status, 200, created.body.toString());
  t.regex(
    created.body.toString(),
    /^<CreateUserResponse xmlns="https:\/\/iam\.amazonaws\.com\/doc\/2010-05-08\/"><CreateUserResult><User><Path>\/<\/Path><UserName>alice<\/UserName><UserId>AIDA[A-Z2-7]{17}<\/UserId><Arn>arn:aws:iam::123456789012:user\/alice<\/Arn><CreateDate>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ<\/CreateDate><Tags><member><Key>a<\/Key><Value>b<\/Value><\/member><\/Tags><\/User><\/CreateUserResult><ResponseMetadata><RequestId>\w{16}<\/RequestId><\/ResponseMetadata><\/CreateUserResponse>$/,
  );
  const listed = await server.request("GET", `/?Action=ListUsers&Version=${VERSION}`);
  t.regex(listed.body.toString(), /<IsTruncated>false<\/IsTruncated>/);
  const deleted = await server.request("GET", `/?Action=DeleteUser&Version=${VERSION}&UserName=alice`);
  t.regex(deleted.body.toString(), /^<DeleteUserResponse xmlns="[^"]+"><ResponseMetadata>/);
});

test("an error is a document of IAM's", async (t) => {
  const server = await start(t);
  const { status, headers, body } = await server.request("GET", `/?Action=GetUser&Version=${VERSION}&UserName=x`);
  t.is(status, 404);
  t.is(headers["content-type"], "text/xml");
  t.regex(
    body.toString(),
    /^<ErrorResponse xmlns="https:\/\/iam\.amazonaws\.com\/doc\/2010-05-08\/"><Error><Type>Sender<\/Type><Code>NoSuchEntity<\/Code><Message>The user with name x cannot be found\.<\/Message><\/Error><RequestId>\w{16}<\/RequestId><\/ErrorResponse>$/,
  );
});

test("an operation of IAM's that is not built says so by its name, and one that IAM does not have is no action", async (t) => {
  const server = await start(t);
  t.deepEqual(await refusal(server.iam().send(new CreateGroupCommand({ GroupName: "g" }))), {
    code: "NotImplemented",
    message: "The action CreateGroup is not implemented.",
    status: 501,
    type: "Receiver",
  });
  t.true(otherOperations.has("CreateGroup"));
  t.false(Object.keys(description.operations).some((name) => otherOperations.has(name)));
  const { status, body } = await server.request("GET", `/?Action=MakeCoffee&Version=${VERSION}`);
  t.is(status, 400);
  t.regex(body.toString(), /<Code>InvalidAction<\/Code>/);
});

const CASES: readonly (readonly [what: string, query: string, message: string])[] = [
  [
    "no name",
    "Action=CreateUser",
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must not be null",
  ],
  [
    "an empty name",
    "Action=GetUser&UserName=",
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [
    "a new user's name of 65",
    `Action=CreateUser&UserName=${"a".repeat(65)}`,
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64",
  ],
  [
    "a user's name of 129",
    `Action=GetUser&UserName=${"a".repeat(129)}`,
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128",
  ],
  [
    "a name of other letters",
    "Action=CreateUser&UserName=a/b",
    "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
  ],
  [
    "a path without slashes",
    "Action=CreateUser&UserName=a&Path=team",
    "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  ],
  [
    "a page of none",
    "Action=ListUsers&MaxItems=0",
    "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    "a page of 1,001",
    "Action=ListUsers&MaxItems=1001",
    "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
  ],
  [
    "a word that is none",
    "Action=ListPolicies&Scope=Mine",
    "1 validation error detected: Value at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]",
  ],
  [
    "a version that is none",
    "Action=GetPolicyVersion&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess&VersionId=1",
    String.raw`1 validation error detected: Value at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`,
  ],
  [
    "sessions of half an hour",
    "Action=UpdateRole&RoleName=r&MaxSessionDuration=1800",
    "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
  ],
  [
    "several things",
    `Action=UpdateUser&UserName=${"a".repeat(129)}&NewPath=${"/".repeat(513)}`,
    "2 validation errors detected: Value at 'newPath' failed to satisfy constraint: Member must have length less than or equal to 512; Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 128",
  ],
];

for (const [what, query, message] of CASES) {
  test(`${what} is a ValidationError in AWS's words`, async (t) => {
    const server = await start(t);
    const { status, body } = await server.request("GET", `/?${query}&Version=${VERSION}`);
    t.is(status, 400);
    t.is(/<Code>(.*?)<\/Code>/.exec(body.toString())?.[1], "ValidationError");
    const shown = /<Message>(.*?)<\/Message>/s.exec(body.toString())?.[1];
    t.is(shown?.replaceAll("&apos;", "'").replaceAll("&#39;", "'"), message);
  });
}

test("limits are AWS's on both sides", async (t) => {
  const server = await start(t);
  const iam = server.iam();
  await iam.send(new CreateUserCommand({ UserName: "a".repeat(64), Path: `/${"p".repeat(510)}/` }));
  t.is((await iam.send(new GetUserCommand({ UserName: "a".repeat(64) }))).User?.Path?.length, 512);
  t.is((await iam.send(new ListUsersCommand({ MaxItems: 1_000 }))).Users?.length, 1);
});

test("users of a partition have its ARNs", async (t) => {
  const server = await start(t);
  const { User } = await server.iam({ region: "cn-north-1" }).send(new CreateUserCommand({ UserName: "alice" }));
  t.is(User?.Arn, "arn:aws-cn:iam::123456789012:user/alice");
});
