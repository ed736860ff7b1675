/** What an STS handler gets beside its input. Built by the pipeline for each request. */
import type { SignedEnd } from "../../harness/signing-time.ts";
import type { Caller, Partition, Principal, SessionTag } from "../../protocol/caller.ts";
import type { Operations } from "../../protocol/generated/sts.ts";
import type { Draw } from "../../state/id-stream.ts";
import type { World } from "../../state/world.ts";

/** Any principal that has signed its request: only such a one can have credentials. */
export type SignedPrincipal = Exclude<Principal, { readonly kind: "Anonymous" }>;

/** What temporary credentials shall carry. */
export type IssueOptions = {
  readonly partition: Partition;
  readonly accountId: string;
  readonly principal: SignedPrincipal;
  readonly durationSeconds: number;
  /** JSON text of the inline session policy. */
  readonly sessionPolicy?: string;
  readonly policyArns?: readonly string[];
  readonly tags?: readonly SessionTag[];
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  readonly mfa?: boolean;
};

export type IssuedCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

export type StsContext = {
  readonly world: World;
  readonly caller: Caller;
  /** The world's time. */
  readonly nowMs: number;
  /** When an identity ends that a client was given elsewhere, by the world's clock. */
  readonly endInWorld: (end: SignedEnd) => number;
  readonly draw: Draw;
  /** Makes credentials that need no memory. Throws `PackedPolicyTooLarge` when they would carry too much. */
  readonly issue: (options: IssueOptions) => IssuedCredentials;
  /** The account that a well-formed access key id holds; undefined for any other text. */
  readonly decodeAccessKeyId: (accessKeyId: string) => string | undefined;
  /** The unique id (`AROA` and 17 characters) of a role, the same each time. */
  readonly roleId: (accountId: string, roleName: string) => string;
};

export type StsOperationName = keyof Operations;

export type StsHandler<N extends StsOperationName> = (
  context: StsContext,
  input: Operations[N]["input"],
) => Promise<Operations[N]["output"]>;
