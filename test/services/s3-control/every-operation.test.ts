/** Every operation of S3 Control that is built, through the AWS SDK, once each. */
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import * as sdk from "@aws-sdk/client-s3-control";
import test from "ava";
import type { Operations } from "../../../src/protocol/generated/s3-control.ts";
import { runOperation, type OperationRows } from "../../support/operation-rows.ts";
import { startTestServer } from "../../support/server.ts";

const server = await startTestServer();
test.after.always(() => server.close());

/** An account of the operation's own, and a bucket in it. */
type Stage = { readonly AccountId: string; readonly Bucket: string };

const Name = "point";
const FIRST_ACCOUNT = 400_000_000_000;
const BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: false,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: false,
} satisfies sdk.PublicAccessBlockConfiguration;
const TAGS = [{ Key: "a", Value: "b" }];

const ofAccount = ({ AccountId }: Stage) => ({ AccountId });
const ofPoint = ({ AccountId }: Stage) => ({ AccountId, Name });
const pointArn = ({ AccountId }: Stage): string => `arn:aws:s3:us-east-1:${AccountId}:accesspoint/${Name}`;
const ofBucket = ({ AccountId, Bucket }: Stage) => ({ AccountId, ResourceArn: `arn:aws:s3:::${Bucket}` });
const policyOf = (stage: Stage): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${stage.AccountId}:root` },
        Action: "s3:GetObject",
        Resource: `${pointArn(stage)}/object/*`,
      },
    ],
  });

const ROWS: OperationRows<Stage, Operations, typeof sdk> = {
  CreateAccessPoint: {
    input: (stage) => ({ ...ofPoint(stage), Bucket: stage.Bucket }),
    shows: (stage) => ({ AccessPointArn: pointArn(stage) }),
  },
  DeleteAccessPoint: { after: ["CreateAccessPoint"], input: ofPoint, status: 204 },
  DeleteAccessPointPolicy: { after: ["CreateAccessPoint", "PutAccessPointPolicy"], input: ofPoint, status: 204 },
  DeletePublicAccessBlock: { after: ["PutPublicAccessBlock"], input: ofAccount, status: 204 },
  GetAccessPoint: {
    after: ["CreateAccessPoint"],
    input: ofPoint,
    shows: ({ Bucket, AccountId }) => ({ Name, Bucket, BucketAccountId: AccountId, NetworkOrigin: "Internet" }),
  },
  GetAccessPointPolicy: {
    after: ["CreateAccessPoint", "PutAccessPointPolicy"],
    input: ofPoint,
    shows: (stage) => ({ Policy: policyOf(stage) }),
  },
  GetAccessPointPolicyStatus: {
    after: ["CreateAccessPoint", "PutAccessPointPolicy"],
    input: ofPoint,
    shows: { PolicyStatus: { IsPublic: false } },
  },
  GetPublicAccessBlock: {
    after: ["PutPublicAccessBlock"],
    input: ofAccount,
    shows: { PublicAccessBlockConfiguration: BLOCK },
  },
  ListAccessPoints: {
    after: ["CreateAccessPoint"],
    input: ofAccount,
    shows: (stage) => ({ AccessPointList: [{ Name, AccessPointArn: pointArn(stage) }] }),
  },
  ListTagsForResource: { after: ["TagResource"], input: ofBucket, shows: { Tags: TAGS } },
  PutAccessPointPolicy: {
    after: ["CreateAccessPoint"],
    input: (stage) => ({ ...ofPoint(stage), Policy: policyOf(stage) }),
  },
  PutPublicAccessBlock: { input: (stage) => ({ ...ofAccount(stage), PublicAccessBlockConfiguration: BLOCK }) },
  TagResource: { input: (stage) => ({ ...ofBucket(stage), Tags: TAGS }), status: 204 },
  UntagResource: { after: ["TagResource"], input: (stage) => ({ ...ofBucket(stage), TagKeys: ["a"] }), status: 204 },
};

for (const [index, name] of Object.keys(ROWS).entries()) {
  test(`${name} answers the SDK as AWS does`, async (t) => {
    const accountId = String(FIRST_ACCOUNT + index);
    const stage = { AccountId: accountId, Bucket: `pointed-at-${index}` };
    await server.s3({ accountId }).send(new CreateBucketCommand({ Bucket: stage.Bucket }));
    await runOperation(t, name, { client: server.s3Control({ accountId }), sdk, rows: ROWS, stage });
  });
}
