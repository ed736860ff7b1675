/** What each operation demands of its input, by AWS's member names. */
import type { Operations } from "../../protocol/generated/sts.ts";
import type { StsOperationName } from "./context.ts";
import { optional, required, shapes } from "./shapes.ts";
import type { Member } from "./shapes.ts";

/** Operations that have no handler yet; they answer 501 `NotImplemented`. */
export const STS_NOT_BUILT = ["GetDelegatedAccessToken", "GetScopedCredentials", "GetWebIdentityToken"] as const;

export type BuiltOperationName = Exclude<StsOperationName, (typeof STS_NOT_BUILT)[number]>;

type InputConstraints<N extends StsOperationName> = { readonly [M in keyof Required<Operations[N]["input"]>]: Member };

/** Total over the members of every operation that has a handler. */
export const CONSTRAINTS: { readonly [N in BuiltOperationName]: InputConstraints<N> } = {
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
  GetFederationToken: {
    Name: required(shapes.federatedUserName),
    Policy: optional(shapes.sessionPolicy),
    PolicyArns: optional(shapes.policyDescriptors),
    DurationSeconds: optional(shapes.sessionDuration),
    Tags: optional(shapes.tags),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
  GetSessionToken: {
    DurationSeconds: optional(shapes.sessionDuration),
    SerialNumber: optional(shapes.serialNumber),
    TokenCode: optional(shapes.tokenCode),
    MinimumSessionTokenSize: optional(shapes.sessionTokenSizeMin),
  },
};
