/** What an STS handler gets beside its input. Built by the pipeline for each request. */
import type { KeyObject } from "node:crypto";
import type { SignedEnd } from "../../harness/signing-time.ts";
import type { Caller, Partition, Principal, Session, SessionTag } from "../../protocol/caller.ts";
import type { Operations } from "../../protocol/generated/sts.ts";
import type { Draw } from "../../state/id-stream.ts";
import type { World } from "../../state/world.ts";

/** Any principal that has signed its request: only such a one can have credentials. */
export type SignedPrincipal = Exclude<Principal, { readonly kind: "Anonymous" }>;

/** What temporary credentials shall carry. */
export type IssueOptions = Omit<Session, "issuedAtMs" | "expiresAtMs"> & {
  readonly partition: Partition;
  readonly accountId: string;
  readonly principal: SignedPrincipal;
  readonly durationSeconds: number;
  /** Characters that the session token shall have at least. */
  readonly tokenCharactersMin?: number;
};

export type IssuedCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

/** Somebody else's session, as its token says. */
export type SessionGrant = {
  readonly partition: Partition;
  readonly accountId: string;
  readonly principal: SignedPrincipal;
  readonly session: Session;
};

/** A role as policies decide on it. */
export type TrustingRole = { readonly accountId: string; readonly roleName: string; readonly trustPolicy: string };

/** What a call asks of policies, beside what every request says of itself. */
export type StsQuestion = {
  readonly action: `sts:${string}`;
  /** The ARN that a denial names too; `*` for an action that is on nothing. */
  readonly resource: string;
  /** Tags of the session that the call would make. */
  readonly tags?: readonly SessionTag[] | undefined;
  /** Values of condition keys by their names in lower case; they come before those of the request. */
  readonly values?: Readonly<Record<string, readonly string[] | undefined>>;
  /** The role whose trust policy has to allow it as well. */
  readonly role?: TrustingRole | undefined;
  /** The provider, its ARN or domain, by whose word the call is made, whoever signed it: trust policies name it `Federated`. */
  readonly federatedProvider?: string | undefined;
};

/** Key of a world that signs web identity tokens. */
export type TokenKey = { readonly keyId: string; readonly privateKey: KeyObject };

export type StsContext = {
  readonly world: World;
  readonly caller: Caller;
  /** The world's time. */
  readonly nowMs: number;
  /** The region that the request was sent to. */
  readonly region: string;
  /** Where the keys that verify web identity tokens are published. */
  readonly issuer: string;
  /** When an identity ends that a client was given elsewhere, by the world's clock. */
  readonly endInWorld: (end: SignedEnd) => number;
  readonly draw: Draw;
  /**
   * In `strict`, throws `AccessDenied` where policies do not let the caller do it; other modes ask nothing.
   * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
   */
  readonly authorize: (question: StsQuestion) => Promise<void>;
  /** Throws `MalformedPolicyDocument` for a text that is no session policy. */
  readonly requireSessionPolicy: (text: string) => void;
  /** Makes credentials that need no memory. Throws `PackedPolicyTooLarge` when they would carry too much. */
  readonly issue: (options: IssueOptions) => IssuedCredentials;
  /** What a session token of this server's says; undefined for any other text. */
  readonly openToken: (token: string) => SessionGrant | undefined;
  readonly tokenKey: (algorithm: "RS256" | "ES384") => Promise<TokenKey>;
  /** The text of a sealed authorization message; undefined for one that this server did not seal. */
  readonly openMessage: (message: string) => string | undefined;
  /** The account that a well-formed access key id holds; undefined for any other text. */
  readonly decodeAccessKeyId: (accessKeyId: string) => string | undefined;
  /** The unique id (`AROA` and 17 characters) of a role that nobody registered, the same each time. */
  readonly roleId: (accountId: string, roleName: string) => string;
};

export type StsOperationName = keyof Operations;

export type StsHandler<N extends StsOperationName> = (
  context: StsContext,
  input: Operations[N]["input"],
) => Promise<Operations[N]["output"]>;
