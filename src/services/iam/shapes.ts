/** What AWS demands of the members of IAM requests: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html */
import { integer, pattern, required, string, type ListShape, type Shape } from "../query/shapes.ts";
import type { IamInput, IamOperationName } from "./context.ts";
import { TAGS_MAX } from "./limits.ts";

const NAME_RULE = pattern(
  "It must contain only alphanumeric characters and/or the following: +=,.@_-",
  /^[\w+=,.@-]+$/,
);
const PATH_RULE = pattern(
  "It must begin and end with / and contain only alphanumeric characters and/or / characters.",
  /^\/(?:[!-~]+\/)?$/,
);
const POLICY = pattern(String.raw`[\u0009\u000A\u000D\u0020-\u00FF]+`);
const TAG_KEY = pattern(String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]+`);
const TAG_VALUE = pattern(String.raw`[\p{L}\p{Z}\p{N}_.:/=+\-@]*`);
const PATH_PREFIX = pattern(String.raw`\u002F[\u0021-\u007F]*`);
const MARKER = pattern(String.raw`[\u0020-\u00FF]+`);
const DESCRIPTION = pattern(String.raw`[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`);
const VERSION_ID = pattern(String.raw`v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`);
const ACCESS_KEY_ID = pattern(String.raw`[\w]+`);

const name = (lengthMax: number): Shape => string({ lengthMin: 1, lengthMax, rule: NAME_RULE });
const document = string({ lengthMin: 1, lengthMax: 131_072, pattern: POLICY });
const arn = string({ lengthMin: 20, lengthMax: 2_048 });
const versionId = string({ pattern: VERSION_ID });
const path = string({ lengthMin: 1, lengthMax: 512, rule: PATH_RULE });
const userName = name(128);
const roleName = name(64);
const tagKey = string({ lengthMin: 1, lengthMax: 128, pattern: TAG_KEY });
const tagValue = string({ lengthMax: 256, pattern: TAG_VALUE });

const tags: ListShape = {
  kind: "list",
  lengthMax: TAGS_MAX,
  member: { kind: "structure", members: { Key: required(tagKey), Value: required(tagValue) } },
};

/** Every member that an input has; those of operations without any are left out. */
type MemberOf<Input> = string extends keyof Input ? never : keyof Input;
type MemberName = { [N in IamOperationName]: MemberOf<IamInput<N>> }[IamOperationName];

/** A member means the same wherever it stands. Total; undefined where AWS demands nothing of it. Durations are seconds. */
export const MEMBER_SHAPES: { readonly [M in MemberName]: Shape | undefined } = {
  AccessKeyId: string({ lengthMin: 16, lengthMax: 128, pattern: ACCESS_KEY_ID }),
  AddPrivateKey: undefined,
  AllUsers: undefined,
  AssertionEncryptionMode: string({ words: ["Required", "Allowed"] }),
  AssignmentStatus: undefined,
  AssumeRolePolicyDocument: document,
  ClientID: string({ lengthMin: 1, lengthMax: 255 }),
  ClientIDList: { kind: "list", member: string({ lengthMin: 1, lengthMax: 255 }) },
  Description: string({ lengthMax: 1_000, pattern: DESCRIPTION }),
  EntityFilter: string({ words: ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"] }),
  Marker: string({ lengthMin: 1, pattern: MARKER }),
  MaxItems: integer(1, 1_000),
  MaxSessionDuration: integer(3_600, 43_200),
  Name: string({ lengthMin: 1, lengthMax: 128, pattern: pattern(String.raw`[\w._-]+`) }),
  NewPath: path,
  NewUserName: name(64),
  OnlyAttached: undefined,
  OpenIDConnectProviderArn: arn,
  Path: path,
  PathPrefix: string({ lengthMin: 1, lengthMax: 512, pattern: PATH_PREFIX }),
  PermissionsBoundary: arn,
  PolicyArn: arn,
  PolicyDocument: document,
  PolicyName: name(128),
  PolicyUsageFilter: string({ words: ["PermissionsPolicy", "PermissionsBoundary"] }),
  RemovePrivateKey: undefined,
  RoleName: roleName,
  SAMLMetadataDocument: string({ lengthMin: 1_000, lengthMax: 10_000_000 }),
  SAMLProviderArn: arn,
  Scope: string({ words: ["All", "AWS", "Local"] }),
  ServiceName: undefined,
  SetAsDefault: undefined,
  Status: string({ words: ["Active", "Inactive", "Expired"] }),
  TagKeys: { kind: "list", lengthMax: TAGS_MAX, member: tagKey, membersNotNull: true },
  Tags: tags,
  ThumbprintList: { kind: "list", member: string({ lengthMin: 40, lengthMax: 40 }) },
  Url: string({ lengthMin: 1, lengthMax: 255 }),
  UserName: userName,
  VersionId: versionId,
};

/** Where one operation is stricter. */
export const STRICTER_SHAPES: { readonly [N in IamOperationName]?: { readonly [M in MemberName]?: Shape } } = {
  CreateUser: { UserName: name(64) },
};
