/** What AWS demands of the members of STS requests: https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html */

import { integer, optional, pattern, required, string, type Shape, type StructureShape } from "../query/shapes.ts";

const NAME = pattern(String.raw`[\w+=,.@-]*`);
const POLICY = pattern(String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`);
const ARN = pattern(
  String.raw`[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`,
  // The text that AWS prints is Java's way to write this.
  /^[\t\n\r\u{20}-\u{7E}\u{85}\u{A0}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u,
);

const arn = string({ lengthMin: 20, lengthMax: 2048, pattern: ARN });
const tagKey = string({ lengthMin: 1, lengthMax: 128, pattern: pattern(String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]+`) });
const tagValue = string({ lengthMax: 256, pattern: pattern(String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`) });
const policyDescriptor: StructureShape = { kind: "structure", members: { arn: optional(arn) } };

/** AWS's shapes by what they describe. Durations are seconds, token sizes bytes. */
export const shapes = {
  arn,
  roleSessionName: string({ lengthMin: 2, lengthMax: 64, pattern: NAME }),
  sourceIdentity: string({ lengthMin: 2, lengthMax: 64, pattern: NAME }),
  federatedUserName: string({ lengthMin: 2, lengthMax: 32, pattern: NAME }),
  externalId: string({ lengthMin: 2, lengthMax: 1224, pattern: pattern(String.raw`[\w+=,.@:\/-]*`) }),
  serialNumber: string({ lengthMin: 9, lengthMax: 256, pattern: pattern(String.raw`[\w+=/:,.@-]*`) }),
  tokenCode: string({ lengthMin: 6, lengthMax: 6, pattern: pattern(String.raw`[\d]*`) }),
  accessKeyId: string({ lengthMin: 16, lengthMax: 128, pattern: pattern(String.raw`[\w]*`) }),
  encodedMessage: string({ lengthMin: 1, lengthMax: 10_240 }),
  targetPrincipal: string({ lengthMin: 12, lengthMax: 2048 }),
  samlAssertion: string({ lengthMin: 4, lengthMax: 100_000, sensitive: true }),
  webIdentityToken: string({ lengthMin: 4, lengthMax: 20_000, sensitive: true }),
  url: string({ lengthMin: 4, lengthMax: 2048 }),
  sessionPolicy: string({ lengthMin: 1, lengthMax: 2048, pattern: POLICY }),
  /** AssumeRole's: only the size of the packed token limits it. */
  unrestrictedSessionPolicy: string({ lengthMin: 1, pattern: POLICY }),
  roleDuration: integer(900, 43_200),
  sessionDuration: integer(900, 129_600),
  rootDuration: integer(0, 900),
  scopedDuration: integer(1, 129_600),
  webTokenDuration: integer(60, 3600),
  sessionTokenSizeMin: integer(0, 4096),
  scopedSessionDescription: string({ lengthMax: 256 }),
  tradeInToken: string({ lengthMin: 1, lengthMax: 20_000, sensitive: true }),
  audiences: { kind: "list", lengthMin: 1, lengthMax: 10, member: string({ lengthMin: 1, lengthMax: 1000 }) },
  signingAlgorithm: string({ pattern: pattern("ES384|RS256") }),
  subjectMode: string({ pattern: pattern("AWSIdentity|OriginIdentity") }),
  scope: string({ lengthMin: 1, lengthMax: 2048 }),
  policyDescriptor,
  policyDescriptors: { kind: "list", lengthMax: 10, member: policyDescriptor },
  tags: {
    kind: "list",
    lengthMax: 50,
    member: { kind: "structure", members: { Key: required(tagKey), Value: required(tagValue) } },
  },
  tagKeys: { kind: "list", lengthMax: 50, member: tagKey },
  providedContexts: {
    kind: "list",
    lengthMin: 1,
    lengthMax: 5,
    member: {
      kind: "structure",
      members: { ProviderArn: optional(arn), ContextAssertion: optional(string({ lengthMin: 4, lengthMax: 2048 })) },
    },
  },
} as const satisfies Record<string, Shape>;
