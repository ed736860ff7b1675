/** Accounts, and what their clients do most in tests. */
import { AssumeRoleCommand, GetCallerIdentityCommand, type Credentials, type STSClient } from "@aws-sdk/client-sts";
import { ListBucketsCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Keys } from "./signed.ts";

export const DEFAULT = "123456789012";
export const ALICE = "111111111111";
export const BOB = "222222222222";

/** What STS answered, as a client takes it. */
export const keysFrom = (credentials: Credentials | undefined): Required<Keys> => ({
  accessKeyId: credentials?.AccessKeyId ?? "",
  secretAccessKey: credentials?.SecretAccessKey ?? "",
  sessionToken: credentials?.SessionToken ?? "",
});

/** Credentials of the role `deploy`, which nobody made, of an account. */
export const assume = async (sts: STSClient, accountId: string): Promise<Required<Keys>> => {
  const RoleArn = `arn:aws:iam::${accountId}:role/deploy`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ci" }));
  return keysFrom(Credentials);
};

/** The ARN that GetCallerIdentity answers. */
export const whoAmI = async (sts: STSClient): Promise<string | undefined> =>
  (await sts.send(new GetCallerIdentityCommand({}))).Arn;

export const bucketNames = async (s3: S3Client): Promise<(string | undefined)[]> => {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
};
