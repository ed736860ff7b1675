/** What an IAM handler gets beside its input. Built by the pipeline for each request. */
import type { KeyUse } from "../../harness/key-uses.ts";
import type { Caller } from "../../protocol/caller.ts";
import type { Operations } from "../../protocol/generated/iam.ts";
import type { World } from "../../state/world.ts";

/** What a policy document is for; it decides what may stand in it. */
export type DocumentKind = "identity" | "trust";

export type IamContext = {
  readonly world: World;
  readonly caller: Caller;
  /** The world's time. */
  readonly nowMs: number;
  /** A unique id of the caller's account; another one at each call. */
  readonly newId: (prefix: "AIDA" | "AROA" | "ANPA") => string;
  /** A long-lived key of the caller's account; another one at each call. */
  readonly newAccessKey: () => { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Throws MalformedPolicyDocument for a text that is no policy of its kind. */
  readonly checkDocument: (document: string, kind: DocumentKind) => void;
  /** When and for what a key was last used; undefined where it was not since the server started. */
  readonly lastUse: (accessKeyId: string) => KeyUse | undefined;
};

export type IamOperationName = keyof Operations;

export type IamInput<N extends IamOperationName> = Operations[N]["input"];
export type IamOutput<N extends IamOperationName> = Operations[N]["output"];

export type IamHandler<N extends IamOperationName> = (context: IamContext, input: IamInput<N>) => Promise<IamOutput<N>>;
