/** Buckets with policies, and whom they let in, through the API. */
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type ObjectOwnership,
  type S3Client,
} from "@aws-sdk/client-s3";
import { call } from "../control/control-plane.ts";
import type { TestServer } from "../support/server.ts";
import type { Keys } from "../support/signed.ts";

export type StatementText = Readonly<Record<string, unknown>>;

export const policyText = (...statements: readonly StatementText[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

let buckets = 0;

/** A bucket with an object `key`; open to the public where that is not blocked. */
export const makeBucket = async (
  s3: S3Client,
  { ownership, open = false }: { ownership?: ObjectOwnership; open?: boolean } = {},
): Promise<string> => {
  buckets += 1;
  const Bucket = `access-${process.pid}-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (open) await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  if (ownership !== undefined) {
    const OwnershipControls = { Rules: [{ ObjectOwnership: ownership }] };
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  }
  await s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "body" }));
  return Bucket;
};

export const putPolicy = async (s3: S3Client, Bucket: string, ...statements: readonly StatementText[]) => {
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policyText(...statements) }));
};

/** A statement about the objects of a bucket. */
export const onObjects = (bucket: string, beside: StatementText): StatementText => ({
  Effect: "Allow",
  Principal: "*",
  Action: "s3:GetObject",
  Resource: `arn:aws:s3:::${bucket}/*`,
  ...beside,
});

/** A statement about the bucket itself. */
export const onBucket = (bucket: string, beside: StatementText): StatementText => ({
  Effect: "Allow",
  Principal: "*",
  Action: "s3:ListBucket",
  Resource: `arn:aws:s3:::${bucket}`,
  ...beside,
});

/** Keys of an account's root, or of a user of it. */
export const registerKeys = async (
  { running }: TestServer,
  { accountId, userName }: { accountId: string; userName?: string },
): Promise<Keys> => {
  const body = { accountId, ...(userName === undefined ? {} : { userName }) };
  const { json } = await call(running.controlUrl, "AccountService/CreateAccessKey", { body });
  return { accessKeyId: String(json["accessKeyId"]), secretAccessKey: String(json["secretAccessKey"]) };
};

let users = 0;

/** A user of the account of `root`, with an inline policy and a key. */
export const makeUser = async (
  server: TestServer,
  { root, statements }: { readonly root: Keys; readonly statements: readonly StatementText[] },
) => {
  const UserName = `user-${(users += 1)}`;
  const iam = server.iam({ credentials: { ...root } });
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  if (statements.length > 0) {
    const PolicyDocument = policyText(...statements);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "inline", PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const keys: Keys = {
    accessKeyId: AccessKey?.AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  };
  return { UserName, arn: User?.Arn ?? "", keys };
};
