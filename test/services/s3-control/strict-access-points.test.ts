/** Auth mode `strict`: what comes through an access point must be let through by that and by the bucket. */
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketOwnershipControlsCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { CreateUserCommand, CreateAccessKeyCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  GetAccessPointCommand,
  GetPublicAccessBlockCommand,
  ListAccessPointsCommand,
  ListTagsForResourceCommand,
  PutAccessPointPolicyCommand,
  PutPublicAccessBlockCommand,
  TagResourceCommand,
  type CreateAccessPointCommandInput,
} from "@aws-sdk/client-s3-control";
import test from "ava";
import { onBucket, onObjects, policyText, putPolicy, registerKeys, type StatementText } from "../../access/fixtures.ts";
import { ALICE, BOB } from "../../support/accounts.ts";
import { LOOPBACK, startTestServer } from "../../support/server.ts";
import type { Keys } from "../../support/signed.ts";
import { outcome as failed } from "../s3/client.ts";

const server = await startTestServer({ authMode: "strict" });
const aliceRoot = await registerKeys(server, { accountId: ALICE });
const bobRoot = await registerKeys(server, { accountId: BOB });
test.after.always(() => server.close());

const clientOf = (credentials: Keys): S3Client =>
  server.s3({
    credentials,
    endpoint: server.endpoint.replace("127.0.0.1", "localhost"),
    forcePathStyle: false,
    requestHandler: { httpAgent: LOOPBACK },
  });
const alice = clientOf(aliceRoot);
const bob = clientOf(bobRoot);
const control = server.s3Control({ credentials: aliceRoot });
const iam = server.iam({ credentials: aliceRoot });

/** What comes of a request: `ok`, or the error's code and status. */
const outcome = async (sending: Promise<unknown>): Promise<unknown> => {
  const settled = await Promise.allSettled([sending]);
  return settled[0].status === "fulfilled" ? "ok" : failed(sending);
};

const DENIED = ["AccessDenied", 403];
let made = 0;

/** A bucket of Alice's with `key`, and an access point of hers. */
const makePoint = async (beside: Partial<CreateAccessPointCommandInput> = {}) => {
  made += 1;
  const [bucket, name] = [`strict-points-${made}`, `point-${made}`];
  await alice.send(new CreateBucketCommand({ Bucket: bucket }));
  await alice.send(new PutObjectCommand({ Bucket: bucket, Key: "key", Body: "body" }));
  await control.send(new CreateAccessPointCommand({ AccountId: ALICE, Name: name, Bucket: bucket, ...beside }));
  return { bucket, name, arn: `arn:aws:s3:us-east-1:${ALICE}:accesspoint/${name}` };
};

/** A user of Alice's with one policy, or none. */
const makeUser = async (
  ...statements: readonly StatementText[]
): Promise<{ name: string; client: S3Client; keys: Keys }> => {
  made += 1;
  const UserName = `user-${made}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  if (statements.length > 0) {
    const PolicyDocument = policyText(...statements);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument }));
  }
  const keys = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  return { name: UserName, client: clientOf(keys), keys };
};

const putPointPolicy = (name: string, ...statements: readonly StatementText[]) =>
  control.send(new PutAccessPointPolicyCommand({ AccountId: ALICE, Name: name, Policy: policyText(...statements) }));

const onPoint = (arn: string, beside: StatementText): StatementText => ({
  Effect: "Allow",
  Action: "s3:GetObject",
  Resource: `${arn}/object/*`,
  ...beside,
});

/** A bucket's policy that leaves all to the access points of an account. */
const delegate = (bucket: string, accountId: string): StatementText[] => {
  const beside = { Action: "*", Condition: { StringEquals: { "s3:DataAccessPointAccount": accountId } } };
  return [onObjects(bucket, beside), onBucket(bucket, beside)];
};

const read = (client: S3Client, Bucket: string, Key = "key") =>
  outcome(client.send(new GetObjectCommand({ Bucket, Key })));
const list = (client: S3Client, Bucket: string) => outcome(client.send(new ListObjectsV2Command({ Bucket })));
const USER = (name: string) => ({ AWS: `arn:aws:iam::${ALICE}:user/${name}` });

test("the account's root comes through its own access point, others do not", async (t) => {
  const { arn, bucket } = await makePoint();
  t.is(await read(alice, arn), "ok");
  t.deepEqual(await read(bob, arn), DENIED);
  t.deepEqual(await read(bob, bucket), DENIED);
});

test("a user that the access point's policy lets in needs the bucket's leave too: by delegation or by name", async (t) => {
  const { name, arn, bucket } = await makePoint();
  const jane = await makeUser();
  t.deepEqual(await read(jane.client, arn), DENIED);
  await putPointPolicy(name, onPoint(arn, { Principal: USER(jane.name) }));
  t.deepEqual(await read(jane.client, arn), DENIED);
  await putPolicy(alice, bucket, ...delegate(bucket, ALICE));
  t.is(await read(jane.client, arn), "ok");
  // The bucket itself stays closed, and so does what the access point does not name.
  t.deepEqual(await read(jane.client, bucket), DENIED);
  t.deepEqual(await list(jane.client, arn), DENIED);
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: USER(jane.name) }));
  t.is(await read(jane.client, arn), "ok");
});

test("a user's own policy names the access point and the bucket", async (t) => {
  const { arn, bucket } = await makePoint();
  const both = await makeUser(onPoint(arn, {}), {
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: `arn:aws:s3:::${bucket}/*`,
  });
  const pointAlone = await makeUser(onPoint(arn, {}));
  const bucketAlone = await makeUser({ Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/*` });
  t.is(await read(both.client, arn), "ok");
  t.deepEqual(await read(pointAlone.client, arn), DENIED);
  t.deepEqual(await read(bucketAlone.client, arn), DENIED);
  await putPolicy(alice, bucket, ...delegate(bucket, ALICE));
  t.is(await read(pointAlone.client, arn), "ok");
});

test("the refusal names the access point where that refuses, in AWS's words", async (t) => {
  const { arn } = await makePoint();
  const jane = await makeUser();
  const error = await t.throwsAsync(jane.client.send(new GetObjectCommand({ Bucket: arn, Key: "key" })));
  t.is(
    error?.message,
    `User: arn:aws:iam::${ALICE}:user/${jane.name} is not authorized to perform: s3:GetObject on resource: "${arn}/object/key" because no identity-based policy allows the s3:GetObject action`,
  );
});

test("another account comes through where the access point lets it in and the bucket delegates", async (t) => {
  const { name, arn, bucket } = await makePoint();
  await putPolicy(alice, bucket, ...delegate(bucket, ALICE));
  t.deepEqual(await read(bob, arn), DENIED);
  const principal = { Principal: { AWS: `arn:aws:iam::${BOB}:root` } };
  await putPointPolicy(name, onPoint(arn, principal), {
    ...onPoint(arn, principal),
    Action: "s3:ListBucket",
    Resource: arn,
  });
  t.is(await read(bob, arn), "ok");
  t.is(await list(bob, arn), "ok");
  t.deepEqual(await read(bob, bucket), DENIED);
});

test("an explicit Deny of the access point, or of the bucket for access points, wins", async (t) => {
  const { name, arn, bucket } = await makePoint();
  await putPointPolicy(name, onPoint(arn, { Effect: "Deny", Principal: "*", Resource: `${arn}/object/secret/*` }));
  await alice.send(new PutObjectCommand({ Bucket: bucket, Key: "secret/k", Body: "x" }));
  t.is(await read(alice, arn), "ok");
  t.deepEqual(await read(alice, arn, "secret/k"), DENIED);
  t.is(await read(alice, bucket, "secret/k"), "ok");
  const only = { Effect: "Deny", Condition: { StringNotEquals: { "s3:AccessPointNetworkOrigin": "VPC" } } };
  await putPolicy(alice, bucket, onObjects(bucket, only));
  t.deepEqual(await read(alice, arn), DENIED);
  t.deepEqual(await read(alice, bucket), DENIED);
  const vpc = { VpcConfiguration: { VpcId: "vpc-01234567" } };
  const inside = { AccountId: ALICE, Name: `${name}-vpc`, Bucket: bucket, ...vpc };
  await control.send(new CreateAccessPointCommand(inside));
  t.is(await read(alice, `${arn}-vpc`), "ok");
});

test("conditions see the access point's ARN and account, and the object's tags", async (t) => {
  const { name, arn, bucket } = await makePoint();
  const jane = await makeUser();
  await putPolicy(
    alice,
    bucket,
    onObjects(bucket, { Principal: USER(jane.name), Condition: { ArnEquals: { "s3:DataAccessPointArn": arn } } }),
  );
  await putPointPolicy(
    name,
    onPoint(arn, { Principal: USER(jane.name), Condition: { StringEquals: { "s3:ExistingObjectTag/data": "open" } } }),
  );
  t.deepEqual(await read(jane.client, arn), DENIED);
  const Tagging = { TagSet: [{ Key: "data", Value: "open" }] };
  await alice.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: "key", Tagging }));
  t.is(await read(jane.client, arn), "ok");
  t.deepEqual(await read(jane.client, bucket), DENIED);
});

test("policies may go by the access point's tags", async (t) => {
  const { name, arn, bucket } = await makePoint({ Tags: [{ Key: "Team", Value: "red" }] });
  const jane = await makeUser({
    Effect: "Allow",
    Action: ["s3:GetAccessPoint", "s3:TagResource"],
    Resource: arn,
    Condition: { StringEquals: { "aws:ResourceTag/Team": "red" } },
  });
  const ofTag = (key: string) => ({ Principal: USER(jane.name), Condition: { StringEquals: { [key]: "red" } } });
  await putPointPolicy(name, onPoint(arn, ofTag("s3:AccessPointTag/Team")));
  await putPolicy(alice, bucket, onObjects(bucket, ofTag("s3:AccessPointTag/Team")));
  t.is(await read(jane.client, arn), "ok");
  t.deepEqual(await read(jane.client, bucket), DENIED);
  await putPointPolicy(name, onPoint(arn, ofTag("aws:ResourceTag/Team")));
  t.is(await read(jane.client, arn), "ok");
  const own = server.s3Control({ credentials: jane.keys });
  const get = () => outcome(own.send(new GetAccessPointCommand({ AccountId: ALICE, Name: name })));
  t.is(await get(), "ok");
  const tags = { AccountId: ALICE, ResourceArn: arn, Tags: [{ Key: "Team", Value: "blue" }] };
  t.is(await outcome(own.send(new TagResourceCommand(tags))), "ok");
  t.deepEqual(await get(), DENIED);
  t.deepEqual(await read(jane.client, arn), DENIED);
});

test("an access point's block hides a public ACL, refuses one, and shuts a public policy", async (t) => {
  const { bucket, arn } = await makePoint();
  const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
  await alice.send(new PutBucketOwnershipControlsCommand({ Bucket: bucket, OwnershipControls }));
  await alice.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
  const acl = { Key: "key", ACL: "public-read" } as const;
  t.deepEqual(await outcome(alice.send(new PutObjectAclCommand({ Bucket: arn, ...acl }))), DENIED);
  t.is(await outcome(alice.send(new PutObjectAclCommand({ Bucket: bucket, ...acl }))), "ok");
  t.is(await read(bob, bucket), "ok");
  t.deepEqual(await read(bob, arn), DENIED);
  const open = { PublicAccessBlockConfiguration: { RestrictPublicBuckets: false } };
  const shut = { PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } };
  const names = [`open-${made}`, `shut-${made}`] as const;
  for (const [Name, beside] of [
    [names[0], open],
    [names[1], shut],
  ] as const) {
    await control.send(new CreateAccessPointCommand({ AccountId: ALICE, Name, Bucket: bucket, ...beside }));
    const own = `arn:aws:s3:us-east-1:${ALICE}:accesspoint/${Name}`;
    await putPointPolicy(Name, onPoint(own, { Principal: "*" }));
  }
  const [opened, closed] = names.map((Name) => `arn:aws:s3:us-east-1:${ALICE}:accesspoint/${Name}`);
  t.is(await read(bob, opened ?? ""), "ok");
  t.deepEqual(await read(bob, closed ?? ""), DENIED);
  t.is(await read(alice, closed ?? ""), "ok");
});

test("the account's block holds for every bucket of the account", async (t) => {
  const accountId = "444444444444";
  const root = await registerKeys(server, { accountId });
  const owner = clientOf(root);
  const [Bucket, Key] = ["account-block", "key"];
  await owner.send(new CreateBucketCommand({ Bucket, ObjectOwnership: "ObjectWriter" }));
  await owner.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await owner.send(new PutObjectCommand({ Bucket, Key, Body: "x", ACL: "public-read" }));
  t.is(await read(bob, Bucket), "ok");
  const PublicAccessBlockConfiguration = { IgnorePublicAcls: true };
  const ownControl = server.s3Control({ credentials: root });
  await ownControl.send(new PutPublicAccessBlockCommand({ AccountId: accountId, PublicAccessBlockConfiguration }));
  t.deepEqual(await read(bob, Bucket), DENIED);
});

test("S3 Control asks the policies of its caller", async (t) => {
  const { name, arn, bucket } = await makePoint();
  const nobody = await makeUser();
  const named = { AccountId: ALICE, Name: name };
  const clerk = await makeUser(
    { Effect: "Allow", Action: ["s3:GetAccessPoint", "s3:DeleteAccessPoint"], Resource: arn },
    { Effect: "Allow", Action: ["s3:ListAccessPoints", "s3:GetAccountPublicAccessBlock"], Resource: "*" },
    {
      Effect: "Allow",
      Action: "s3:TagResource",
      Resource: `arn:aws:s3:::${bucket}`,
      Condition: { StringEquals: { "aws:RequestTag/team": "red" } },
    },
    {
      Effect: "Allow",
      Action: "s3:CreateAccessPoint",
      Resource: "*",
      Condition: { StringEquals: { "s3:AccessPointNetworkOrigin": "VPC" } },
    },
  );
  const [denied, allowed] = [nobody, clerk].map(({ keys }) => server.s3Control({ credentials: keys }));
  if (denied === undefined || allowed === undefined) return t.fail();
  const error = await t.throwsAsync(denied.send(new GetAccessPointCommand(named)));
  t.is(
    error?.message,
    `User: arn:aws:iam::${ALICE}:user/${nobody.name} is not authorized to perform: s3:GetAccessPoint on resource: "${arn}" because no identity-based policy allows the s3:GetAccessPoint action`,
  );
  t.is(await outcome(allowed.send(new GetAccessPointCommand(named))), "ok");
  t.is(await outcome(allowed.send(new ListAccessPointsCommand({ AccountId: ALICE }))), "ok");
  t.deepEqual(await outcome(denied.send(new ListAccessPointsCommand({ AccountId: ALICE }))), DENIED);
  const ofAccount = new GetPublicAccessBlockCommand({ AccountId: ALICE });
  t.deepEqual(await outcome(allowed.send(ofAccount)), ["NoSuchPublicAccessBlockConfiguration", 404]);
  const tag = (Value: string) => {
    const tags = { AccountId: ALICE, ResourceArn: `arn:aws:s3:::${bucket}`, Tags: [{ Key: "team", Value }] };
    return outcome(allowed.send(new TagResourceCommand(tags)));
  };
  t.deepEqual(await tag("blue"), DENIED);
  t.is(await tag("red"), "ok");
  const listTags = new ListTagsForResourceCommand({ AccountId: ALICE, ResourceArn: `arn:aws:s3:::${bucket}` });
  t.deepEqual(await outcome(allowed.send(listTags)), DENIED);
  const create = (beside: object) =>
    outcome(
      allowed.send(new CreateAccessPointCommand({ AccountId: ALICE, Name: `${name}-new`, Bucket: bucket, ...beside })),
    );
  t.deepEqual(await create({}), DENIED);
  t.is(await create({ VpcConfiguration: { VpcId: "vpc-01234567" } }), "ok");
  t.deepEqual(await outcome(denied.send(new DeleteAccessPointCommand(named))), DENIED);
  t.is(await outcome(allowed.send(new DeleteAccessPointCommand(named))), "ok");
  t.deepEqual(await outcome(server.s3Control({ credentials: bobRoot }).send(new GetAccessPointCommand(named))), DENIED);
});
