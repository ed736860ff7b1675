/** Auth mode `strict` with directory buckets: policies decide about sessions, and within one about nothing more. */
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListDirectoryBucketsCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { failure, outcome } from "../services/s3/client.ts";
import { ALICE, BOB } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { policyText, registerKeys } from "./fixtures.ts";

const server = await startTestServer({ authMode: "strict" });
const [aliceRoot, bobRoot] = [
  await registerKeys(server, { accountId: ALICE }),
  await registerKeys(server, { accountId: BOB }),
];
test.after.always(() => server.close());

const alice = server.s3({ credentials: aliceRoot });
const DENIED = ["AccessDenied", 403];

const makeDirectoryBucket = async (base: string): Promise<string> => {
  const Bucket = `${base}--use1-az4--x-s3`;
  const CreateBucketConfiguration = {
    Location: { Type: "AvailabilityZone", Name: "use1-az4" },
    Bucket: { Type: "Directory", DataRedundancy: "SingleAvailabilityZone" },
  } as const;
  await alice.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  return Bucket;
};

/** A client of a user that may do that much with a bucket. */
const userOf = async (UserName: string, bucket: string, ...Action: readonly string[]): Promise<S3Client> => {
  const iam = server.iam({ credentials: aliceRoot });
  await iam.send(new CreateUserCommand({ UserName }));
  if (Action.length > 0) {
    const Resource = `arn:aws:s3express:us-east-1:${ALICE}:bucket/${bucket}`;
    const PolicyDocument = policyText({ Effect: "Allow", Action, Resource });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "inline", PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
  return server.s3({ credentials });
};

const put = (Bucket: string) => new PutObjectCommand({ Bucket, Key: "key", Body: "body" });

test("who may begin a session with a directory bucket may use its objects, and nobody else", async (t) => {
  const Bucket = await makeDirectoryBucket("sessions");
  const able = await userOf("able", Bucket, "s3express:CreateSession");
  await t.notThrowsAsync(able.send(put(Bucket)));
  await t.notThrowsAsync(able.send(new GetObjectCommand({ Bucket, Key: "key" })));
  await t.notThrowsAsync(able.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/key` })));
  const Delete = { Objects: [{ Key: "key" }, { Key: "copy" }] };
  t.is((await able.send(new DeleteObjectsCommand({ Bucket, Delete }))).Errors, undefined);
  const unable = await userOf("unable", Bucket);
  t.like(await failure(unable.send(put(Bucket))), { name: "AccessDenied" });
  t.deepEqual(await outcome(server.s3({ credentials: bobRoot }).send(put(Bucket))), DENIED);
});

test("a bucket itself is asked for by its own actions", async (t) => {
  const Bucket = await makeDirectoryBucket("regional");
  const sessions = await userOf("sessions", Bucket, "s3express:CreateSession");
  t.deepEqual(await outcome(sessions.send(new DeleteBucketCommand({ Bucket }))), DENIED);
  t.deepEqual(await outcome(sessions.send(new ListDirectoryBucketsCommand({}))), DENIED);
  const deleter = await userOf("deleter", Bucket, "s3express:CreateSession", "s3express:DeleteBucket");
  await t.notThrowsAsync(deleter.send(new DeleteBucketCommand({ Bucket })));
});
