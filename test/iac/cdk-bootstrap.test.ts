/**
 * What `cdk bootstrap` has CloudFormation make, and how the CDK's CLI publishes assets into it, call by call and with every policy
 * decided: the staging bucket with its policy, the roles, and the role that publishes.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
import { createHash } from "node:crypto";
import { Upload } from "@aws-sdk/lib-storage";
import type { LifecycleRule } from "@aws-sdk/client-s3";
import test from "ava";
import { failure, outcome } from "../services/s3/client.ts";
import { ACCOUNT, decoded, documentOf, startStack, trusting, type Actor } from "./stack.ts";

const QUALIFIER = "hnb659fds";
const REGION = "us-east-1";
const STAGING = `cdk-${QUALIFIER}-assets-${ACCOUNT}-${REGION}`;
const STAGING_ARN = `arn:aws:s3:::${STAGING}`;
const roleName = (purpose: string): string => `cdk-${QUALIFIER}-${purpose}-role-${ACCOUNT}-${REGION}`;

const ENCRYPTION = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" as const } }] };
const BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const RULES: LifecycleRule[] = [
  {
    ID: "CleanupOldVersions",
    Status: "Enabled",
    Filter: { Prefix: "" },
    NoncurrentVersionExpiration: { NoncurrentDays: 30 },
  },
  {
    ID: "AbortIncompleteMultipartUploads",
    Status: "Enabled",
    Filter: { Prefix: "" },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  },
];
const TLS_ONLY = JSON.stringify({
  Version: "2012-10-17",
  Id: "AccessControl",
  Statement: [
    {
      Sid: "AllowSSLRequestsOnly",
      Action: "s3:*",
      Effect: "Deny",
      Resource: [STAGING_ARN, `${STAGING_ARN}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
      Principal: "*",
    },
  ],
});
const PUBLISH = documentOf(
  {
    Action: [
      "s3:GetObject*",
      "s3:GetBucket*",
      "s3:GetEncryptionConfiguration",
      "s3:List*",
      "s3:DeleteObject*",
      "s3:PutObject*",
      "s3:Abort*",
    ],
    Resource: [STAGING_ARN, `${STAGING_ARN}/*`],
    Condition: { StringEquals: { "aws:ResourceAccount": [ACCOUNT] } },
    Effect: "Allow",
  },
  { Action: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"], Effect: "Allow", Resource: "*" },
);
const OWN_ACCOUNT = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:root` });

const makeStagingBucket = async (actor: Actor): Promise<void> => {
  await actor.s3.createBucket({ Bucket: STAGING });
  await configureStagingBucket(actor);
};

const configureStagingBucket = async ({ s3 }: Actor): Promise<void> => {
  const Bucket = STAGING;
  await s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: BLOCK });
  await s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: ENCRYPTION });
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
  await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: RULES } });
  await s3.putBucketPolicy({ Bucket, Policy: TLS_ONLY });
};

const makePublishingRole = async ({ iam }: Actor): Promise<void> => {
  const RoleName = roleName("file-publishing");
  const Tags = [{ Key: "aws-cdk:bootstrap-role", Value: "file-publishing" }];
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: OWN_ACCOUNT, Tags });
  await iam.putRolePolicy({ RoleName, PolicyName: "default", PolicyDocument: PUBLISH });
};

/** The session in which the CDK's CLI publishes. */
const publish = async ({ sts }: Actor) => {
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${roleName("file-publishing")}`;
  return (await sts.assumeRole({ RoleArn, RoleSessionName: "aws-cdk-user" })).Credentials;
};

test("bootstrap's staging bucket is made and gives back every configuration as it was put", async (t) => {
  const { root } = await startStack(t);
  await makeStagingBucket(root);
  const { s3 } = root;
  const Bucket = STAGING;
  t.is((await s3.getBucketVersioning({ Bucket })).Status, "Enabled");
  const { ServerSideEncryptionConfiguration } = await s3.getBucketEncryption({ Bucket });
  t.like(ServerSideEncryptionConfiguration, ENCRYPTION);
  t.deepEqual((await s3.getPublicAccessBlock({ Bucket })).PublicAccessBlockConfiguration, BLOCK);
  t.deepEqual((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules, RULES);
  t.deepEqual(JSON.parse((await s3.getBucketPolicy({ Bucket })).Policy ?? ""), JSON.parse(TLS_ONLY));
  t.is((await s3.getBucketPolicyStatus({ Bucket })).PolicyStatus?.IsPublic, false);
  const { OwnershipControls } = await s3.getBucketOwnershipControls({ Bucket });
  t.deepEqual(OwnershipControls?.Rules, [{ ObjectOwnership: "BucketOwnerEnforced" }]);
  // Deployed once more, nothing is different.
  await configureStagingBucket(root);
  t.deepEqual((await s3.getBucketLifecycleConfiguration({ Bucket })).Rules, RULES);
});

test("bootstrap's roles are made with their policies, read back, and gone when the stack is", async (t) => {
  const { root } = await startStack(t);
  const { iam } = root;
  const own = ["file-publishing", "image-publishing", "lookup", "deploy"].map(roleName);
  for (const RoleName of own) {
    await iam.createRole({ RoleName, AssumeRolePolicyDocument: OWN_ACCOUNT });
    const PolicyName = `${RoleName.replace(`-${ACCOUNT}-${REGION}`, "")}-default-policy-${ACCOUNT}-${REGION}`;
    await iam.putRolePolicy({ RoleName, PolicyName, PolicyDocument: PUBLISH });
    const { Role } = await iam.getRole({ RoleName });
    t.is(Role?.Arn, `arn:aws:iam::${ACCOUNT}:role/${RoleName}`);
    t.deepEqual(JSON.parse(decoded(Role?.AssumeRolePolicyDocument)), JSON.parse(OWN_ACCOUNT));
    t.deepEqual((await iam.listRolePolicies({ RoleName })).PolicyNames, [PolicyName]);
    const { PolicyDocument } = await iam.getRolePolicy({ RoleName, PolicyName });
    t.deepEqual(JSON.parse(decoded(PolicyDocument)), JSON.parse(PUBLISH));
    t.deepEqual((await iam.listAttachedRolePolicies({ RoleName })).AttachedPolicies, []);
  }
  const RoleName = roleName("cfn-exec");
  const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  await iam.createRole({ RoleName, AssumeRolePolicyDocument: trusting({ Service: "cloudformation.amazonaws.com" }) });
  await iam.attachRolePolicy({ RoleName, PolicyArn });
  const { AttachedPolicies } = await iam.listAttachedRolePolicies({ RoleName });
  t.deepEqual(AttachedPolicies, [{ PolicyArn, PolicyName: "AdministratorAccess" }]);
  t.is((await failure(iam.deleteRole({ RoleName }))).name, "DeleteConflictException");
  await iam.detachRolePolicy({ RoleName, PolicyArn });
  for (const each of [...own, RoleName]) {
    const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName: each });
    for (const PolicyName of PolicyNames) await iam.deleteRolePolicy({ RoleName: each, PolicyName });
    await iam.deleteRole({ RoleName: each });
    t.deepEqual(await outcome(iam.getRole({ RoleName: each })), ["NoSuchEntityException", 404]);
  }
});

test("the CLI publishes assets by its role: it looks whose the bucket is, whether the asset is there, and uploads it", async (t) => {
  const { root, actor } = await startStack(t);
  await makeStagingBucket(root);
  await makePublishingRole(root);
  const { s3 } = actor(await publish(root));
  const Bucket = STAGING;
  const ExpectedBucketOwner = ACCOUNT;
  t.is((await s3.getBucketLocation({ Bucket, ExpectedBucketOwner })).LocationConstraint, undefined);
  for (const sizeBytes of [22, 6 * 1024 * 1024]) {
    const Body = Buffer.alloc(sizeBytes, "PK");
    const Key = `${createHash("sha256").update(Body).digest("hex")}.zip`;
    const there = () => s3.listObjectsV2({ Bucket, Prefix: Key, MaxKeys: 1, ExpectedBucketOwner });
    t.is((await there()).Contents, undefined);
    const { ServerSideEncryptionConfiguration: found } = await s3.getBucketEncryption({ Bucket });
    const { SSEAlgorithm: ServerSideEncryption, KMSMasterKeyID: SSEKMSKeyId } =
      found?.Rules?.[0]?.ApplyServerSideEncryptionByDefault ?? {};
    const params = {
      Bucket,
      Key,
      Body,
      ContentType: "application/zip",
      ChecksumAlgorithm: "SHA256" as const,
      ServerSideEncryption,
      SSEKMSKeyId,
      ExpectedBucketOwner,
    };
    // In one piece, and in parts.
    await new Upload({ client: s3, params }).done();
    t.deepEqual(
      (await there()).Contents?.map(({ Key: key, Size }) => [key, Size]),
      [[Key, sizeBytes]],
    );
    const head = await s3.headObject({ Bucket, Key });
    t.deepEqual([head.ContentType, head.ServerSideEncryption], ["application/zip", "aws:kms"]);
  }
});

test("the publishing role may publish and nothing else, and nobody may without TLS", async (t) => {
  const { root, actor, insecure } = await startStack(t);
  await makeStagingBucket(root);
  await makePublishingRole(root);
  const issued = await publish(root);
  const { s3 } = actor(issued);
  const Bucket = STAGING;
  await s3.putObject({ Bucket, Key: "k", Body: "asset" });
  t.deepEqual(await outcome(s3.deleteBucket({ Bucket })), ["AccessDenied", 403]);
  t.deepEqual(await outcome(s3.deleteBucketPolicy({ Bucket })), ["AccessDenied", 403]);
  await root.s3.createBucket({ Bucket: "another" });
  t.deepEqual(await outcome(s3.listObjectsV2({ Bucket: "another" })), ["AccessDenied", 403]);
  // By which the CLI tells that an account was not bootstrapped, and that a bucket is somebody else's.
  t.deepEqual(await outcome(s3.getBucketLocation({ Bucket: `${STAGING}-none` })), ["NoSuchBucket", 404]);
  const stranger = { Bucket, ExpectedBucketOwner: "222222222222" };
  t.deepEqual(await outcome(s3.getBucketLocation(stranger)), ["AccessDenied", 403]);
  const plain = insecure(issued).s3;
  t.deepEqual(await outcome(plain.getObject({ Bucket, Key: "k" })), ["AccessDenied", 403]);
  t.is((await s3.getObject({ Bucket, Key: "k" })).ContentLength, "asset".length);
});
