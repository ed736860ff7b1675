/** What each operation demands of its input, by AWS's member names. */
import type { Operations } from "../../protocol/generated/sts.ts";
import type { StsOperationName } from "./context.ts";
import { optional, required, type Member } from "../query/shapes.ts";
import { shapes } from "./shapes.ts";

type InputConstraints<N extends StsOperationName> = { readonly [M in keyof Required<Operations[N]["input"]>]: Member };

/** Total over the members of every operation. */
export const CONSTRAINTS: { readonly [N in StsOperationName]: InputConstraints<N> } = {
  AssumeRole: {
    RoleArn: required(shapes.arn),
    RoleSessionName: required(shapes.roleSessionName),
    PolicyArns: optional(shapes.policyDescriptors),
    Policy: optional(shapes.unrestrictedSessionPolicy),
    DurationSeconds: optional(shapes.roleDuration),
    Tags: optional(shapes.tags),
    TransitiveTagKeys: optional(shapes.tagKeys),
    ExternalId: optional(shapes.externalId),
    SerialNumber: optional(shapes.serialNumber),
    TokenCode: optional(shapes.tokenCode),
    SourceIdentity: optional(shapes.sourceIdentity),
    ProvidedContexts: optional(shapes.providedContexts),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
  AssumeRoleWithSAML: {
    RoleArn: required(shapes.arn),
    PrincipalArn: required(shapes.arn),
    SAMLAssertion: required(shapes.samlAssertion),
    PolicyArns: optional(shapes.policyDescriptors),
    Policy: optional(shapes.sessionPolicy),
    DurationSeconds: optional(shapes.roleDuration),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
  AssumeRoleWithWebIdentity: {
    RoleArn: required(shapes.arn),
    RoleSessionName: required(shapes.roleSessionName),
    WebIdentityToken: required(shapes.webIdentityToken),
    ProviderId: optional(shapes.url),
    PolicyArns: optional(shapes.policyDescriptors),
    Policy: optional(shapes.sessionPolicy),
    DurationSeconds: optional(shapes.roleDuration),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
  AssumeRoot: {
    TargetPrincipal: required(shapes.targetPrincipal),
    TaskPolicyArn: required(shapes.policyDescriptor),
    DurationSeconds: optional(shapes.rootDuration),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
  DecodeAuthorizationMessage: { EncodedMessage: required(shapes.encodedMessage) },
  GetAccessKeyInfo: { AccessKeyId: required(shapes.accessKeyId) },
  GetCallerIdentity: {},
  GetDelegatedAccessToken: { TradeInToken: required(shapes.tradeInToken) },
  GetFederationToken: {
    Name: required(shapes.federatedUserName),
    Policy: optional(shapes.sessionPolicy),
    PolicyArns: optional(shapes.policyDescriptors),
    DurationSeconds: optional(shapes.sessionDuration),
    Tags: optional(shapes.tags),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
  GetScopedCredentials: {
    Policy: optional(shapes.sessionPolicy),
    DurationSeconds: optional(shapes.scopedDuration),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
    ScopedSessionDescription: optional(shapes.scopedSessionDescription),
  },
  GetSessionToken: {
    DurationSeconds: optional(shapes.sessionDuration),
    SerialNumber: optional(shapes.serialNumber),
    TokenCode: optional(shapes.tokenCode),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
  GetWebIdentityToken: {
    Audience: required(shapes.audiences),
    DurationSeconds: optional(shapes.webTokenDuration),
    SigningAlgorithm: required(shapes.signingAlgorithm),
    Scope: optional(shapes.scope),
    SubjectMode: optional(shapes.subjectMode),
    Tags: optional(shapes.tags),
  },
};
