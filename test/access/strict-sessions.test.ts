/** Auth mode `strict` and sessions: those of federated users whose maker a bucket names, and those of AssumeRoot. */
import { ListUsersCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListBucketsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { AssumeRootCommand, GetFederationTokenCommand } from "@aws-sdk/client-sts";
import test from "ava";
import { outcome } from "../services/s3/client.ts";
import { ALICE, BOB, keysFrom } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import type { Keys } from "../support/signed.ts";
import {
  makeBucket,
  makeUser,
  onBucket,
  onObjects,
  policyText,
  putPolicy,
  registerKeys,
  type StatementText,
} from "./fixtures.ts";

const server = await startTestServer({ authMode: "strict" });
const [aliceRoot, bobRoot] = [
  await registerKeys(server, { accountId: ALICE }),
  await registerKeys(server, { accountId: BOB }),
];
test.after.always(() => server.close());

const clientOf = (credentials: Keys): S3Client => server.s3({ credentials });
const alice = clientOf(aliceRoot);
const DENIED = ["AccessDenied", 403];
const read = (Bucket: string) => new GetObjectCommand({ Bucket, Key: "key" });
const allow = (Action: string): StatementText => ({ Effect: "Allow", Action, Resource: "*" });

const userWith = (...statements: readonly StatementText[]) => makeUser(server, { root: aliceRoot, statements });

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
test("a bucket's policy that names a user is for its federated users too, within their session policies", async (t) => {
  const bucket = await makeBucket(alice);
  const { arn, keys } = await userWith(allow("sts:GetFederationToken"));
  const federated = async (...session: readonly StatementText[]) => {
    const Policy = session.length === 0 ? undefined : policyText(...session);
    const { Credentials } = await server
      .sts({ credentials: keys })
      .send(new GetFederationTokenCommand({ Name: "fred", ...(Policy !== undefined && { Policy }) }));
    return clientOf(keysFrom(Credentials));
  };
  const [able, unable, bare] = [
    await federated(allow("s3:*")),
    await federated(allow("s3:PutObject")),
    await federated(),
  ];
  t.deepEqual(await outcome(able.send(read(bucket))), DENIED);
  await putPolicy(alice, bucket, onObjects(bucket, { Principal: { AWS: arn } }));
  await t.notThrowsAsync(able.send(read(bucket)));
  t.deepEqual(await outcome(unable.send(read(bucket))), DENIED);
  t.deepEqual(await outcome(bare.send(read(bucket))), DENIED);
  const everyone = onObjects(bucket, { Principal: { AWS: `arn:aws:sts::${ALICE}:federated-user/fred` } });
  await putPolicy(alice, bucket, everyone, onObjects(bucket, { Effect: "Deny", Principal: { AWS: arn } }));
  t.deepEqual(await outcome(able.send(read(bucket))), DENIED);
});

const ROOT_TASK = "arn:aws:iam::aws:policy/root-task";

const rootSession = async (task: string, as: Keys = bobRoot): Promise<Keys> => {
  const TaskPolicyArn = { arn: `${ROOT_TASK}/${task}` };
  const asked = new AssumeRootCommand({ TargetPrincipal: ALICE, TaskPolicyArn });
  return keysFrom((await server.sts({ credentials: as }).send(asked)).Credentials);
};

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
test("a session of AssumeRoot unlocks a bucket whose policy denies everyone, and does nothing else", async (t) => {
  const bucket = await makeBucket(alice);
  const Action = "s3:*";
  await putPolicy(
    alice,
    bucket,
    onBucket(bucket, { Effect: "Deny", Action }),
    onObjects(bucket, { Effect: "Deny", Action }),
  );
  const unlocking = clientOf(await rootSession("S3UnlockBucketPolicy"));
  const unlock = new DeleteBucketPolicyCommand({ Bucket: bucket });
  t.deepEqual(await outcome(clientOf(await rootSession("IAMAuditRootUserCredentials")).send(unlock)), DENIED);
  t.deepEqual(await outcome(unlocking.send(read(bucket))), DENIED);
  await t.notThrowsAsync(unlocking.send(new GetBucketPolicyCommand({ Bucket: bucket })));
  await t.notThrowsAsync(unlocking.send(unlock));
  t.deepEqual(await outcome(unlocking.send(read(bucket))), DENIED);
  await t.notThrowsAsync(unlocking.send(new ListBucketsCommand({})));
  await t.notThrowsAsync(alice.send(read(bucket)));
  const elsewhere = server.iam({ credentials: await rootSession("S3UnlockBucketPolicy") });
  t.is((await outcome(elsewhere.send(new ListUsersCommand({}))))[1], 403);
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
test("a bucket is made with tags by those who may tag", async (t) => {
  const tags = { CreateBucketConfiguration: { Tags: [{ Key: "team", Value: "a" }] } };
  const names = [`tagged-${process.pid}-1`, `tagged-${process.pid}-2`] as const;
  const unable = clientOf((await userWith(allow("s3:CreateBucket"))).keys);
  const able = clientOf((await userWith(allow("s3:CreateBucket"), allow("s3:TagResource"))).keys);
  t.deepEqual(await outcome(unable.send(new CreateBucketCommand({ Bucket: names[0], ...tags }))), DENIED);
  await t.notThrowsAsync(unable.send(new CreateBucketCommand({ Bucket: names[0] })));
  await t.notThrowsAsync(able.send(new CreateBucketCommand({ Bucket: names[1], ...tags })));
});
