/** Access points: their life through the AWS SDK, and what they refuse. */
import { CreateBucketCommand, DeleteBucketCommand } from "@aws-sdk/client-s3";
import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DeleteAccessPointPolicyCommand,
  GetAccessPointCommand,
  GetAccessPointPolicyCommand,
  GetAccessPointPolicyStatusCommand,
  ListAccessPointsCommand,
  PutAccessPointPolicyCommand,
  type CreateAccessPointCommandInput,
} from "@aws-sdk/client-s3-control";
import test from "ava";
import { startTestServer } from "../../support/server.ts";

const ACCOUNT = "123456789012";
const OTHER = "210987654321";
const server = await startTestServer();
test.after.always(() => server.close());
const control = server.s3Control();
const s3 = server.s3();

const newBucket = async (name: string, accountId = ACCOUNT): Promise<string> => {
  await server.s3({ accountId }).send(new CreateBucketCommand({ Bucket: name }));
  return name;
};

const create = (Name: string, rest: Omit<CreateAccessPointCommandInput, "Name">) =>
  control.send(new CreateAccessPointCommand({ AccountId: ACCOUNT, Name, ...rest }));

const get = (Name: string) => control.send(new GetAccessPointCommand({ AccountId: ACCOUNT, Name }));

const policyFor = (name: string, statement: object = {}): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:us-east-1:${ACCOUNT}:accesspoint/${name}/object/*`,
        ...statement,
      },
    ],
  });

test("an access point is made, shown, listed and deleted as AWS does it", async (t) => {
  const bucket = await newBucket("life");
  const made = await create("life-point", { Bucket: bucket });
  t.is(made.AccessPointArn, `arn:aws:s3:us-east-1:${ACCOUNT}:accesspoint/life-point`);
  t.regex(made.Alias ?? "", /^life-point-[a-z0-9]{34}-s3alias$/);
  const { $metadata: _, CreationDate, ...shown } = await get("life-point");
  t.true(CreationDate instanceof Date);
  t.deepEqual(shown, {
    Name: "life-point",
    Bucket: bucket,
    BucketAccountId: ACCOUNT,
    NetworkOrigin: "Internet",
    Alias: made.Alias,
    AccessPointArn: made.AccessPointArn,
    Endpoints: {
      ipv4: "s3-accesspoint.us-east-1.amazonaws.com",
      fips: "s3-accesspoint-fips.us-east-1.amazonaws.com",
      fips_dualstack: "s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com",
      dualstack: "s3-accesspoint.dualstack.us-east-1.amazonaws.com",
    },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  });
  const { AccessPointList } = await control.send(new ListAccessPointsCommand({ AccountId: ACCOUNT, Bucket: bucket }));
  t.deepEqual(AccessPointList, [
    {
      Name: "life-point",
      NetworkOrigin: "Internet",
      Bucket: bucket,
      AccessPointArn: made.AccessPointArn,
      Alias: made.Alias,
      BucketAccountId: ACCOUNT,
    },
  ]);
  const attached = await t.throwsAsync(s3.send(new DeleteBucketCommand({ Bucket: bucket })));
  t.like(attached, { name: "BucketHasAccessPointsAttached", $metadata: { httpStatusCode: 400 } });
  const deleted = await control.send(new DeleteAccessPointCommand({ AccountId: ACCOUNT, Name: "life-point" }));
  t.is(deleted.$metadata.httpStatusCode, 204);
  t.like(await t.throwsAsync(get("life-point")), {
    name: "NoSuchAccessPoint",
    message: "The specified accesspoint does not exist",
    AccessPointName: "life-point",
    $metadata: { httpStatusCode: 404 },
  });
  await t.throwsAsync(control.send(new DeleteAccessPointCommand({ AccountId: ACCOUNT, Name: "life-point" })), {
    name: "NoSuchAccessPoint",
  });
  await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
});

test("an access point keeps its VPC, the blocks that it names, and no others", async (t) => {
  const bucket = await newBucket("kept");
  await create("kept-vpc", { Bucket: bucket, VpcConfiguration: { VpcId: "vpc-0123456789abcdef0" } });
  t.like(await get("kept-vpc"), { NetworkOrigin: "VPC", VpcConfiguration: { VpcId: "vpc-0123456789abcdef0" } });
  await create("kept-block", { Bucket: bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } });
  t.deepEqual((await get("kept-block")).PublicAccessBlockConfiguration, {
    BlockPublicAcls: true,
    IgnorePublicAcls: false,
    BlockPublicPolicy: false,
    RestrictPublicBuckets: false,
  });
  await create("kept-open", { Bucket: bucket, PublicAccessBlockConfiguration: {} });
  t.is((await get("kept-open")).PublicAccessBlockConfiguration?.BlockPublicPolicy, false);
});

test("CreateAccessPoint refuses what AWS refuses, and changes nothing", async (t) => {
  const bucket = await newBucket("refused");
  const foreign = await newBucket("refused-foreign", OTHER);
  await create("refused-taken", { Bucket: bucket });
  const cases: readonly (readonly [string, Omit<CreateAccessPointCommandInput, "Name">, string, string])[] = [
    ["xn-_test", { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    ["sa", { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    ["a".repeat(51), { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    ["-begins", { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    ["ends-", { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    ["Upper", { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    ["dotted.name", { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    ["x-s3alias", { Bucket: bucket }, "InvalidURI", "Couldn't parse the specified URI."],
    [
      "new",
      { Bucket: "nowhere-to-be" },
      "InvalidRequest",
      "Amazon S3 AccessPoint can only be created for existing bucket",
    ],
    ["new", { Bucket: foreign }, "AccessDenied", "Access Denied"],
    [
      "new",
      { Bucket: foreign, BucketAccountId: ACCOUNT },
      "InvalidRequest",
      "BucketAccountId parameter should be same as the AWS Account Id of bucket owner",
    ],
    ["new", { Bucket: bucket, VpcConfiguration: { VpcId: "my-vpc" } }, "InvalidRequest", "VPC ID is not valid"],
    [
      "new",
      { Bucket: bucket, Tags: [{ Key: "aws:x", Value: "" }] },
      "InvalidTag",
      'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.',
    ],
    [
      "refused-taken",
      { Bucket: bucket },
      "AccessPointAlreadyOwnedByYou",
      "Your previous request to create the named accesspoint succeeded and you already own it.",
    ],
  ];
  for (const [name, input, code, message] of cases) {
    await t.throwsAsync(create(name, input), { name: code, message }, `${name} ${code}`);
  }
  const { AccessPointList } = await control.send(new ListAccessPointsCommand({ AccountId: ACCOUNT, Bucket: bucket }));
  t.deepEqual(
    AccessPointList?.map(({ Name }) => Name),
    ["refused-taken"],
  );
});

test("a list of access points goes by name, by bucket and by pages", async (t) => {
  const accountId = "333333333333";
  const own = server.s3Control({ accountId });
  for (const bucket of ["pages-one", "pages-two"]) await newBucket(bucket, accountId);
  for (const [name, bucket] of [
    ["p-b", "pages-one"],
    ["p-a", "pages-one"],
    ["p-c", "pages-two"],
    ["p-d", "pages-one"],
  ] as const) {
    await own.send(new CreateAccessPointCommand({ AccountId: accountId, Name: name, Bucket: bucket }));
  }
  const pageOf = async (input: object) => {
    const { AccessPointList = [], NextToken } = await own.send(
      new ListAccessPointsCommand({ AccountId: accountId, ...input }),
    );
    return { names: AccessPointList.map(({ Name }) => Name), NextToken };
  };
  t.deepEqual(await pageOf({}), { names: ["p-a", "p-b", "p-c", "p-d"], NextToken: undefined });
  const first = await pageOf({ Bucket: "pages-one", MaxResults: 2 });
  t.deepEqual(first.names, ["p-a", "p-b"]);
  const second = await pageOf({ Bucket: "pages-one", MaxResults: 2, NextToken: first.NextToken });
  t.deepEqual(second, { names: ["p-d"], NextToken: undefined });
  t.deepEqual(await pageOf({ MaxResults: 0 }), { names: [], NextToken: undefined });
  await t.throwsAsync(pageOf({ NextToken: "never-given" }), { name: "InvalidArgument" });
  await t.throwsAsync(pageOf({ MaxResults: -1 }), { name: "InvalidArgument" });
  // Of another region, and of another account.
  const elsewhere = server.s3Control({ accountId, region: "eu-west-1" });
  t.deepEqual((await elsewhere.send(new ListAccessPointsCommand({ AccountId: accountId }))).AccessPointList, []);
  await t.throwsAsync(control.send(new ListAccessPointsCommand({ AccountId: accountId })), { name: "AccessDenied" });
});

test("a policy of an access point is put as it is, shown, judged and taken away", async (t) => {
  await create("policied", { Bucket: await newBucket("policied"), PublicAccessBlockConfiguration: {} });
  const named = { AccountId: ACCOUNT, Name: "policied" };
  const getPolicy = () => control.send(new GetAccessPointPolicyCommand(named));
  t.like(await t.throwsAsync(getPolicy()), {
    name: "NoSuchAccessPointPolicy",
    message: "The specified accesspoint policy does not exist",
    AccessPointName: "policied",
    $metadata: { httpStatusCode: 404 },
  });
  const isPublic = async () => {
    const { PolicyStatus } = await control.send(new GetAccessPointPolicyStatusCommand(named));
    return PolicyStatus?.IsPublic;
  };
  await t.throwsAsync(isPublic(), { name: "NoSuchAccessPointPolicy" });
  const policy = `${policyFor("policied")}\n`;
  await control.send(new PutAccessPointPolicyCommand({ ...named, Policy: policy }));
  t.is((await getPolicy()).Policy, policy);
  t.is(await isPublic(), false);
  const open = policyFor("policied", { Principal: "*" });
  await control.send(new PutAccessPointPolicyCommand({ ...named, Policy: open }));
  t.is(await isPublic(), true);
  const deleted = await control.send(new DeleteAccessPointPolicyCommand(named));
  t.is(deleted.$metadata.httpStatusCode, 204);
  await control.send(new DeleteAccessPointPolicyCommand(named));
  await t.throwsAsync(getPolicy(), { name: "NoSuchAccessPointPolicy" });
});

test("PutAccessPointPolicy refuses 10 documents that are no policy of the access point, and keeps what was there", async (t) => {
  await create("unfit", { Bucket: await newBucket("unfit") });
  const named = { AccountId: ACCOUNT, Name: "unfit" };
  const good = policyFor("unfit");
  await control.send(new PutAccessPointPolicyCommand({ ...named, Policy: good }));
  const bad = [
    "no json",
    "{}",
    '{"Version":"2012-10-17","Statement":[]}',
    policyFor("unfit", { Effect: "Maybe" }),
    policyFor("unfit", { Principal: undefined }),
    policyFor("unfit", { Action: "s3:Fly" }),
    policyFor("unfit", { Resource: "arn:aws:s3:::unfit/*" }),
    policyFor("another"),
    policyFor("unfit", { Resource: `arn:aws:s3:us-east-1:${ACCOUNT}:accesspoint/unfit` }),
    policyFor("unfit", { Condition: { StringEquals: { "s3:nothing": "x" } } }),
    policyFor("unfit", { Sid: "x".repeat(25_000) }),
  ];
  for (const Policy of bad) {
    const error = await t.throwsAsync(control.send(new PutAccessPointPolicyCommand({ ...named, Policy })));
    t.like(error, { name: "MalformedPolicy", $metadata: { httpStatusCode: 400 } }, Policy.slice(0, 200));
  }
  t.is((await control.send(new GetAccessPointPolicyCommand(named))).Policy, good);
});

test("a public policy is refused by the access point's block, but not where it is for a VPC", async (t) => {
  const bucket = await newBucket("blocked");
  await create("blocked", { Bucket: bucket });
  await create("blocked-vpc", { Bucket: bucket, VpcConfiguration: { VpcId: "vpc-01234567" } });
  const put = (Name: string) =>
    control.send(
      new PutAccessPointPolicyCommand({ AccountId: ACCOUNT, Name, Policy: policyFor(Name, { Principal: "*" }) }),
    );
  t.like(await t.throwsAsync(put("blocked")), {
    name: "AccessDenied",
    message: `User: arn:aws:iam::${ACCOUNT}:root is not authorized to perform: s3:PutAccessPointPolicy on resource: "arn:aws:s3:us-east-1:${ACCOUNT}:accesspoint/blocked" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
  });
  await put("blocked-vpc");
  t.pass();
});

test("an access point for another account's bucket is made by naming that account", async (t) => {
  const foreign = await newBucket("far-away", OTHER);
  await create("far", { Bucket: foreign, BucketAccountId: OTHER });
  t.like(await get("far"), { Bucket: foreign, BucketAccountId: OTHER });
  // It does not hold the bucket's owner up.
  await server.s3({ accountId: OTHER }).send(new DeleteBucketCommand({ Bucket: foreign }));
  t.like(await get("far"), { Bucket: foreign });
});
