/** Every operation of IAM that is built, through the AWS SDK, once each. */
import * as sdk from "@aws-sdk/client-iam";
import test from "ava";
import type { Operations } from "../../../src/protocol/generated/iam.ts";
import { runOperation, type OperationRows } from "../../support/operation-rows.ts";
import { startTestServer } from "../../support/server.ts";
import { createIdp, metadataOf } from "../sts/saml-idp.ts";
import { ALLOW_ALL, trusting } from "./support.ts";

const server = await startTestServer();
test.after.always(() => server.close());

/** An account of the operation's own. */
type Stage = { readonly accountId: string };

const FIRST_ACCOUNT = 500_000_000_000;
const [UserName, RoleName, PolicyName] = ["alice", "worker", "wide"];
const TAGS = [{ Key: "a", Value: "b" }];
const TagKeys = ["a"];
const PROVIDER = "idp.example/path";
const SAML_METADATA = metadataOf(createIdp());

const arnOf = ({ accountId }: Stage, resource: string): string => `arn:aws:iam::${accountId}:${resource}`;
const policyArn = (stage: Stage): string => arnOf(stage, `policy/${PolicyName}`);
const ofUser = () => ({ UserName });
const ofRole = () => ({ RoleName });
const ofPolicy = (stage: Stage) => ({ PolicyArn: policyArn(stage) });
const ofOidc = (stage: Stage) => ({ OpenIDConnectProviderArn: arnOf(stage, `oidc-provider/${PROVIDER}`) });
const ofSaml = (stage: Stage) => ({ SAMLProviderArn: arnOf(stage, "saml-provider/corp") });
const attachment = (stage: Stage) => [{ PolicyName, PolicyArn: policyArn(stage) }];
const boundary = (stage: Stage) => ({ PermissionsBoundary: policyArn(stage) });
const ofKey = (_: Stage, { CreateAccessKey }: { CreateAccessKey?: Operations["CreateAccessKey"]["output"] }) => ({
  ...ofUser(),
  AccessKeyId: CreateAccessKey?.AccessKey?.AccessKeyId,
});
/** IAM encodes more than JavaScript does. */
const ENCODED = encodeURIComponent(ALLOW_ALL).replaceAll("*", "%2A");
/** Two members that every request for a named inline policy has. */
const inline = { PolicyName: "inline", PolicyDocument: ALLOW_ALL };

const ROWS: OperationRows<Stage, Operations, typeof sdk> = {
  AddClientIDToOpenIDConnectProvider: {
    after: ["CreateOpenIDConnectProvider"],
    input: (stage) => ({ ...ofOidc(stage), ClientID: "client" }),
  },
  AttachRolePolicy: {
    after: ["CreateRole", "CreatePolicy"],
    input: (stage) => ({ ...ofRole(), ...ofPolicy(stage) }),
  },
  AttachUserPolicy: {
    after: ["CreateUser", "CreatePolicy"],
    input: (stage) => ({ ...ofUser(), ...ofPolicy(stage) }),
  },
  CreateAccessKey: { after: ["CreateUser"], input: ofUser, shows: { AccessKey: { UserName, Status: "Active" } } },
  CreateOpenIDConnectProvider: { input: () => ({ Url: `https://${PROVIDER}` }), shows: ofOidc },
  CreatePolicy: {
    input: () => ({ PolicyName, PolicyDocument: ALLOW_ALL }),
    shows: (stage) => ({ Policy: { PolicyName, Arn: policyArn(stage), DefaultVersionId: "v1" } }),
  },
  CreatePolicyVersion: {
    after: ["CreatePolicy"],
    input: (stage) => ({ ...ofPolicy(stage), PolicyDocument: ALLOW_ALL }),
    shows: { PolicyVersion: { VersionId: "v2", IsDefaultVersion: false } },
  },
  CreateRole: {
    input: ({ accountId }) => ({ RoleName, AssumeRolePolicyDocument: trusting(accountId) }),
    shows: (stage) => ({ Role: { RoleName, Arn: arnOf(stage, `role/${RoleName}`) } }),
  },
  CreateSAMLProvider: { input: () => ({ Name: "corp", SAMLMetadataDocument: SAML_METADATA }), shows: ofSaml },
  CreateUser: { input: ofUser, shows: (stage) => ({ User: { UserName, Arn: arnOf(stage, `user/${UserName}`) } }) },
  DeleteAccessKey: { after: ["CreateUser", "CreateAccessKey"], input: ofKey },
  // Users here have no passwords.
  DeleteLoginProfile: { after: ["CreateUser"], input: ofUser, refused: "NoSuchEntityException", status: 404 },
  DeleteOpenIDConnectProvider: { after: ["CreateOpenIDConnectProvider"], input: ofOidc },
  DeletePolicy: { after: ["CreatePolicy"], input: ofPolicy },
  DeletePolicyVersion: {
    after: ["CreatePolicy", "CreatePolicyVersion"],
    input: (stage) => ({ ...ofPolicy(stage), VersionId: "v2" }),
  },
  DeleteRole: { after: ["CreateRole"], input: ofRole },
  DeleteRolePermissionsBoundary: {
    after: ["CreateRole", "CreatePolicy", "PutRolePermissionsBoundary"],
    input: ofRole,
  },
  DeleteRolePolicy: {
    after: ["CreateRole", "PutRolePolicy"],
    input: () => ({ ...ofRole(), PolicyName: inline.PolicyName }),
  },
  DeleteSAMLProvider: { after: ["CreateSAMLProvider"], input: ofSaml },
  DeleteUser: { after: ["CreateUser"], input: ofUser },
  DeleteUserPermissionsBoundary: {
    after: ["CreateUser", "CreatePolicy", "PutUserPermissionsBoundary"],
    input: ofUser,
  },
  DeleteUserPolicy: {
    after: ["CreateUser", "PutUserPolicy"],
    input: () => ({ ...ofUser(), PolicyName: inline.PolicyName }),
  },
  DetachRolePolicy: {
    after: ["CreateRole", "CreatePolicy", "AttachRolePolicy"],
    input: (stage) => ({ ...ofRole(), ...ofPolicy(stage) }),
  },
  DetachUserPolicy: {
    after: ["CreateUser", "CreatePolicy", "AttachUserPolicy"],
    input: (stage) => ({ ...ofUser(), ...ofPolicy(stage) }),
  },
  GetAccessKeyLastUsed: {
    after: ["CreateUser", "CreateAccessKey"],
    input: (stage, answers) => ({ AccessKeyId: ofKey(stage, answers).AccessKeyId }),
    shows: { UserName, AccessKeyLastUsed: { Region: "N/A", ServiceName: "N/A" } },
  },
  GetLoginProfile: { after: ["CreateUser"], input: ofUser, refused: "NoSuchEntityException", status: 404 },
  GetOpenIDConnectProvider: { after: ["CreateOpenIDConnectProvider"], input: ofOidc, shows: { Url: PROVIDER } },
  GetPolicy: {
    after: ["CreatePolicy"],
    input: ofPolicy,
    shows: (stage) => ({ Policy: { Arn: policyArn(stage), AttachmentCount: 0, IsAttachable: true } }),
  },
  GetPolicyVersion: {
    after: ["CreatePolicy"],
    input: (stage) => ({ ...ofPolicy(stage), VersionId: "v1" }),
    shows: { PolicyVersion: { Document: ENCODED, IsDefaultVersion: true } },
  },
  GetRole: { after: ["CreateRole"], input: ofRole, shows: { Role: { RoleName, MaxSessionDuration: 3600 } } },
  GetRolePolicy: {
    after: ["CreateRole", "PutRolePolicy"],
    input: () => ({ ...ofRole(), PolicyName: inline.PolicyName }),
    shows: { PolicyDocument: ENCODED },
  },
  GetSAMLProvider: {
    after: ["CreateSAMLProvider"],
    input: ofSaml,
    shows: { SAMLMetadataDocument: SAML_METADATA },
  },
  GetUser: { after: ["CreateUser"], input: ofUser, shows: { User: { UserName, Path: "/" } } },
  GetUserPolicy: {
    after: ["CreateUser", "PutUserPolicy"],
    input: () => ({ ...ofUser(), PolicyName: inline.PolicyName }),
    shows: { PolicyDocument: ENCODED },
  },
  ListAccessKeys: {
    after: ["CreateUser", "CreateAccessKey"],
    input: ofUser,
    shows: { AccessKeyMetadata: [{ UserName, Status: "Active" }], IsTruncated: false },
  },
  ListAccountAliases: { input: () => ({}), shows: { AccountAliases: [], IsTruncated: false } },
  ListAttachedRolePolicies: {
    after: ["CreateRole", "CreatePolicy", "AttachRolePolicy"],
    input: ofRole,
    shows: (stage) => ({ AttachedPolicies: attachment(stage) }),
  },
  ListAttachedUserPolicies: {
    after: ["CreateUser", "CreatePolicy", "AttachUserPolicy"],
    input: ofUser,
    shows: (stage) => ({ AttachedPolicies: attachment(stage) }),
  },
  ListEntitiesForPolicy: {
    after: ["CreateRole", "CreatePolicy", "AttachRolePolicy"],
    input: ofPolicy,
    shows: { PolicyRoles: [{ RoleName }], PolicyUsers: [] },
  },
  ListGroupsForUser: { after: ["CreateUser"], input: ofUser, shows: { Groups: [], IsTruncated: false } },
  ListInstanceProfilesForRole: { after: ["CreateRole"], input: ofRole, shows: { InstanceProfiles: [] } },
  ListMFADevices: { after: ["CreateUser"], input: ofUser, shows: { MFADevices: [], IsTruncated: false } },
  ListOpenIDConnectProviderTags: {
    after: ["CreateOpenIDConnectProvider", "TagOpenIDConnectProvider"],
    input: ofOidc,
    shows: { Tags: TAGS },
  },
  ListOpenIDConnectProviders: {
    after: ["CreateOpenIDConnectProvider"],
    input: () => ({}),
    shows: (stage) => ({ OpenIDConnectProviderList: [{ Arn: ofOidc(stage).OpenIDConnectProviderArn }] }),
  },
  ListPolicies: {
    after: ["CreatePolicy"],
    input: () => ({ Scope: "Local" }),
    shows: { Policies: [{ PolicyName }], IsTruncated: false },
  },
  ListPolicyTags: { after: ["CreatePolicy", "TagPolicy"], input: ofPolicy, shows: { Tags: TAGS } },
  ListPolicyVersions: {
    after: ["CreatePolicy", "CreatePolicyVersion"],
    input: ofPolicy,
    shows: { Versions: [{ VersionId: "v2" }, { VersionId: "v1" }] },
  },
  ListRolePolicies: {
    after: ["CreateRole", "PutRolePolicy"],
    input: ofRole,
    shows: { PolicyNames: [inline.PolicyName] },
  },
  ListRoleTags: { after: ["CreateRole", "TagRole"], input: ofRole, shows: { Tags: TAGS } },
  ListRoles: { after: ["CreateRole"], input: () => ({}), shows: { Roles: [{ RoleName }], IsTruncated: false } },
  ListSAMLProviderTags: { after: ["CreateSAMLProvider", "TagSAMLProvider"], input: ofSaml, shows: { Tags: TAGS } },
  ListSAMLProviders: {
    after: ["CreateSAMLProvider"],
    input: () => ({}),
    shows: (stage) => ({ SAMLProviderList: [{ Arn: ofSaml(stage).SAMLProviderArn }] }),
  },
  ListSSHPublicKeys: { after: ["CreateUser"], input: ofUser, shows: { SSHPublicKeys: [], IsTruncated: false } },
  ListServiceSpecificCredentials: {
    after: ["CreateUser"],
    input: ofUser,
    shows: { ServiceSpecificCredentials: [] },
  },
  ListSigningCertificates: { after: ["CreateUser"], input: ofUser, shows: { Certificates: [], IsTruncated: false } },
  ListUserPolicies: {
    after: ["CreateUser", "PutUserPolicy"],
    input: ofUser,
    shows: { PolicyNames: [inline.PolicyName] },
  },
  ListUserTags: { after: ["CreateUser", "TagUser"], input: ofUser, shows: { Tags: TAGS } },
  ListUsers: { after: ["CreateUser"], input: () => ({}), shows: { Users: [{ UserName }], IsTruncated: false } },
  ListVirtualMFADevices: { input: () => ({}), shows: { VirtualMFADevices: [], IsTruncated: false } },
  PutRolePermissionsBoundary: {
    after: ["CreateRole", "CreatePolicy"],
    input: (stage) => ({ ...ofRole(), ...boundary(stage) }),
  },
  PutRolePolicy: { after: ["CreateRole"], input: () => ({ ...ofRole(), ...inline }) },
  PutUserPermissionsBoundary: {
    after: ["CreateUser", "CreatePolicy"],
    input: (stage) => ({ ...ofUser(), ...boundary(stage) }),
  },
  PutUserPolicy: { after: ["CreateUser"], input: () => ({ ...ofUser(), ...inline }) },
  RemoveClientIDFromOpenIDConnectProvider: {
    after: ["CreateOpenIDConnectProvider", "AddClientIDToOpenIDConnectProvider"],
    input: (stage) => ({ ...ofOidc(stage), ClientID: "client" }),
  },
  SetDefaultPolicyVersion: {
    after: ["CreatePolicy", "CreatePolicyVersion"],
    input: (stage) => ({ ...ofPolicy(stage), VersionId: "v2" }),
  },
  TagOpenIDConnectProvider: {
    after: ["CreateOpenIDConnectProvider"],
    input: (stage) => ({ ...ofOidc(stage), Tags: TAGS }),
  },
  TagPolicy: { after: ["CreatePolicy"], input: (stage) => ({ ...ofPolicy(stage), Tags: TAGS }) },
  TagRole: { after: ["CreateRole"], input: () => ({ ...ofRole(), Tags: TAGS }) },
  TagSAMLProvider: { after: ["CreateSAMLProvider"], input: (stage) => ({ ...ofSaml(stage), Tags: TAGS }) },
  TagUser: { after: ["CreateUser"], input: () => ({ ...ofUser(), Tags: TAGS }) },
  UntagOpenIDConnectProvider: {
    after: ["CreateOpenIDConnectProvider", "TagOpenIDConnectProvider"],
    input: (stage) => ({ ...ofOidc(stage), TagKeys }),
  },
  UntagPolicy: { after: ["CreatePolicy", "TagPolicy"], input: (stage) => ({ ...ofPolicy(stage), TagKeys }) },
  UntagRole: { after: ["CreateRole", "TagRole"], input: () => ({ ...ofRole(), TagKeys }) },
  UntagSAMLProvider: {
    after: ["CreateSAMLProvider", "TagSAMLProvider"],
    input: (stage) => ({ ...ofSaml(stage), TagKeys }),
  },
  UntagUser: { after: ["CreateUser", "TagUser"], input: () => ({ ...ofUser(), TagKeys }) },
  UpdateAccessKey: {
    after: ["CreateUser", "CreateAccessKey"],
    input: (stage, answers) => ({ ...ofKey(stage, answers), Status: "Inactive" }),
  },
  UpdateAssumeRolePolicy: {
    after: ["CreateRole"],
    input: ({ accountId }) => ({ ...ofRole(), PolicyDocument: trusting(accountId) }),
  },
  UpdateOpenIDConnectProviderThumbprint: {
    after: ["CreateOpenIDConnectProvider"],
    input: (stage) => ({ ...ofOidc(stage), ThumbprintList: ["a".repeat(40)] }),
  },
  UpdateRole: { after: ["CreateRole"], input: () => ({ ...ofRole(), MaxSessionDuration: 7200 }) },
  UpdateRoleDescription: {
    after: ["CreateRole"],
    input: () => ({ ...ofRole(), Description: "works" }),
    shows: { Role: { Description: "works" } },
  },
  UpdateSAMLProvider: {
    after: ["CreateSAMLProvider"],
    input: (stage) => ({ ...ofSaml(stage), SAMLMetadataDocument: SAML_METADATA }),
    shows: ofSaml,
  },
  UpdateUser: { after: ["CreateUser"], input: () => ({ ...ofUser(), NewUserName: "alicia" }) },
};

for (const [index, name] of Object.keys(ROWS).entries()) {
  test(`${name} answers the SDK as AWS does`, async (t) => {
    const accountId = String(FIRST_ACCOUNT + index);
    await runOperation(t, name, { client: server.iam({ accountId }), sdk, rows: ROWS, stage: { accountId } });
  });
}
