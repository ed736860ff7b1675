/** Who may use a directory bucket in `strict`: its policy speaks of sessions, and a session does what its mode allows. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { outcome } from "../client.ts";

const OWNER = "123456789012";
const OTHER = "111122223333";
const ZONE = "use1-az4";

const server = await startTestServer({ authMode: "strict" });
test.after.always(() => server.close());
const control = createControlClient({ baseUrl: server.running.controlUrl });

const clientOf = async (of: TestServer, accountId: string): Promise<S3Client> =>
  of.s3({ credentials: await control.accounts.createAccessKey({ accountId }) });

const makeBucket = async (owner: S3Client, base: string): Promise<string> => {
  const Bucket = `${base}--${ZONE}--x-s3`;
  const CreateBucketConfiguration = {
    Location: { Type: "AvailabilityZone", Name: ZONE },
    Bucket: { Type: "Directory", DataRedundancy: "SingleAvailabilityZone" },
  } as const;
  await owner.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  return Bucket;
};

const statement = (Bucket: string, more: object = {}) => ({
  Effect: "Allow",
  Principal: { AWS: OTHER },
  Action: "s3express:CreateSession",
  Resource: `arn:aws:s3express:us-east-1:${OWNER}:bucket/${Bucket}`,
  ...more,
});

const putPolicy = (owner: S3Client, Bucket: string, Statement: object) =>
  owner.send(
    new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement: [Statement] }) }),
  );

test("another account gets in by a policy that lets it begin a session, and reads alone where that says so", async (t) => {
  const owner = await clientOf(server, OWNER);
  const other = await clientOf(server, OTHER);
  const Bucket = await makeBucket(owner, "shared");
  await owner.send(new PutObjectCommand({ Bucket, Key: "a", Body: "hello" }));
  const read = () => other.send(new GetObjectCommand({ Bucket, Key: "a" }));
  t.deepEqual(await outcome(read()), ["AccessDenied", 403]);
  const readOnly = { StringEquals: { "s3express:SessionMode": "ReadOnly" } };
  await putPolicy(owner, Bucket, statement(Bucket, { Condition: readOnly }));
  // The SDK asks for a session that may write.
  t.deepEqual(await outcome(read()), ["AccessDenied", 403]);
  await putPolicy(owner, Bucket, statement(Bucket));
  const fresh = await clientOf(server, OTHER);
  const got = await fresh.send(new GetObjectCommand({ Bucket, Key: "a" }));
  t.is(await got.Body?.transformToString(), "hello");
});

test("a directory bucket's policy names its own actions and itself", async (t) => {
  const owner = await clientOf(server, OWNER);
  const Bucket = await makeBucket(owner, "policies");
  for (const wrong of [
    { Action: "s3:GetObject" },
    { Action: "s3express:Nothing" },
    { Resource: `arn:aws:s3:::${Bucket}` },
    { Resource: `arn:aws:s3express:us-east-1:${OWNER}:bucket/other--${ZONE}--x-s3` },
  ]) {
    const call = putPolicy(owner, Bucket, statement(Bucket, wrong));
    t.deepEqual(await outcome(call), ["MalformedPolicy", 400], JSON.stringify(wrong));
  }
});
