/**
 * Policies that AWS manages, the same in every account: those that test suites attach. Their documents are reduced to what
 * concerns S3, STS and IAM; see docs/fidelity.md#identity-and-access-management.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
import type { ManagedPolicy } from "./model.ts";

/** Stands for the account in the ARNs of AWS's own policies. */
export const AWS_MANAGED = "aws";

type Statement = {
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
};

const allow = (action: string | readonly string[]): Statement => ({ Effect: "Allow", Action: action, Resource: "*" });

type Row = {
  readonly path?: string;
  readonly id: string;
  readonly description: string;
  readonly createdAt: string;
  readonly statements: readonly Statement[];
};

const S3_READ = ["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"];

/**
 * What scopes sessions of AssumeRoot: one that is not here lets them do nothing. AWS does not publish their ids and dates.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html
 */
const ROOT_TASKS: Readonly<Record<string, Row>> = {
  S3UnlockBucketPolicy: {
    path: "/root-task/",
    id: "ANPAROOTTASKS3UNLOCK1",
    description: "Lets a session of the root user read, write and delete a bucket's policy.",
    createdAt: "2024-11-15T00:00:00Z",
    statements: [allow(["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:ListAllMyBuckets", "s3:PutBucketPolicy"])],
  },
  IAMAuditRootUserCredentials: {
    path: "/root-task/",
    id: "ANPAROOTTASKIAMAUDIT1",
    description: "Lets a session of the root user see which credentials it has.",
    createdAt: "2024-11-15T00:00:00Z",
    statements: [
      allow([
        "iam:GetAccessKeyLastUsed",
        "iam:GetLoginProfile",
        "iam:GetUser",
        "iam:ListAccessKeys",
        "iam:ListMFADevices",
        "iam:ListSigningCertificates",
      ]),
    ],
  },
  IAMDeleteRootUserCredentials: {
    path: "/root-task/",
    id: "ANPAROOTTASKIAMDELETE",
    description: "Lets a session of the root user take its credentials away.",
    createdAt: "2024-11-15T00:00:00Z",
    statements: [
      allow([
        "iam:DeactivateMFADevice",
        "iam:DeleteAccessKey",
        "iam:DeleteLoginProfile",
        "iam:DeleteSigningCertificate",
        "iam:GetLoginProfile",
        "iam:GetUser",
        "iam:ListAccessKeys",
        "iam:ListMFADevices",
        "iam:ListSigningCertificates",
      ]),
    ],
  },
};

const ROWS: Readonly<Record<string, Row>> = {
  AdministratorAccess: {
    id: "ANPAIWMBCKSKIEE64ZLYK",
    description: "Provides full access to AWS services and resources.",
    createdAt: "2015-02-06T18:39:46Z",
    statements: [allow("*")],
  },
  PowerUserAccess: {
    id: "ANPAJYRXTHIB4FOVS3ZXS",
    description:
      "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
    createdAt: "2015-02-06T18:39:47Z",
    statements: [
      { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
      allow(["iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"]),
    ],
  },
  ReadOnlyAccess: {
    id: "ANPAILL3HVNFSB6DCOWYQ",
    description: "Provides read-only access to AWS services and resources.",
    createdAt: "2015-02-06T18:39:48Z",
    statements: [
      allow([
        "iam:Generate*",
        "iam:Get*",
        "iam:List*",
        "iam:Simulate*",
        "s3:DescribeJob",
        "s3:Get*",
        "s3:List*",
        "sts:GetAccessKeyInfo",
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
      ]),
    ],
  },
  ViewOnlyAccess: {
    path: "/job-function/",
    id: "ANPAID22R6XPJATWOFDK6",
    description: "This policy grants permissions to view resources and basic metadata across all AWS services.",
    createdAt: "2016-11-10T17:20:15Z",
    statements: [
      allow([
        "iam:GetAccountSummary",
        "iam:GetLoginProfile",
        "iam:List*",
        "s3:ListAllMyBuckets",
        "s3:ListBucket",
        "s3:GetBucketLocation",
      ]),
    ],
  },
  SecurityAudit: {
    id: "ANPAIX2T3QCXHR2OGGCTO",
    description: "The security audit template grants access to read security configuration metadata.",
    createdAt: "2015-02-06T18:41:01Z",
    statements: [
      allow([
        "iam:GenerateCredentialReport",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy",
        "s3:GetAccelerateConfiguration",
        "s3:GetAccessPoint*",
        "s3:GetAccountPublicAccessBlock",
        "s3:GetAnalyticsConfiguration",
        "s3:GetBucket*",
        "s3:GetEncryptionConfiguration",
        "s3:GetInventoryConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetMetricsConfiguration",
        "s3:GetObjectAcl",
        "s3:GetObjectVersionAcl",
        "s3:GetReplicationConfiguration",
        "s3:ListAccessPoints",
        "s3:ListAllMyBuckets",
      ]),
    ],
  },
  IAMFullAccess: {
    id: "ANPAI7XKCFMBPM3QQRRVQ",
    description: "Provides full access to IAM via the AWS Management Console.",
    createdAt: "2015-02-06T18:40:38Z",
    statements: [allow(["iam:*"])],
  },
  IAMReadOnlyAccess: {
    id: "ANPAJKSO7NDY4T57MWDSQ",
    description: "Provides read only access to IAM via the AWS Management Console.",
    createdAt: "2015-02-06T18:40:39Z",
    statements: [
      allow([
        "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy",
      ]),
    ],
  },
  IAMUserChangePassword: {
    id: "ANPAJ4L4MM2A7QIEB56MS",
    description: "Provides the ability for an IAM user to change their own password.",
    createdAt: "2016-11-15T00:25:16Z",
    statements: [
      { Effect: "Allow", Action: ["iam:ChangePassword"], Resource: ["arn:aws:iam::*:user/${aws:username}"] },
      allow(["iam:GetAccountPasswordPolicy"]),
    ],
  },
  AmazonS3FullAccess: {
    id: "ANPAIFIR6V6BVTRAHWINE",
    description: "Provides full access to all buckets via the AWS Management Console.",
    createdAt: "2015-02-06T18:40:58Z",
    statements: [allow(["s3:*", "s3-object-lambda:*"])],
  },
  AmazonS3ReadOnlyAccess: {
    id: "ANPAIZTJ4DXE7G6AGAE6M",
    description: "Provides read only access to all buckets via the AWS Management Console.",
    createdAt: "2015-02-06T18:40:59Z",
    statements: [allow(S3_READ)],
  },
  ...ROOT_TASKS,
};

const managedPolicyOf = (name: string, { path = "/", id, description, createdAt, statements }: Row): ManagedPolicy => {
  const createdAtMs = Date.parse(createdAt);
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return {
    kind: "policy",
    accountId: AWS_MANAGED,
    name,
    path,
    id,
    description,
    createdAtMs,
    updatedAtMs: createdAtMs,
    tags: [],
    defaultVersionId: "v1",
    lastVersion: 1,
    versions: [{ versionId: "v1", document, createdAtMs }],
  };
};

/** All of them, by name. */
export const AWS_MANAGED_POLICIES: readonly ManagedPolicy[] = Object.entries(ROWS)
  .map(([name, row]) => managedPolicyOf(name, row))
  .toSorted((one, other) => (one.name < other.name ? -1 : 1));

const byName = new Map(AWS_MANAGED_POLICIES.map((policy) => [policy.name, policy]));

/** The policy of AWS's own at that place; undefined for one that is not kept here. */
export const findAwsManagedPolicy = ({ path, name }: { path: string; name: string }): ManagedPolicy | undefined => {
  const policy = byName.get(name);
  return policy?.path === path ? policy : undefined;
};
