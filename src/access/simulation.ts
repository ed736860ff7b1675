/** Questions without a request: what `strict` would decide. */
import type { World } from "../state/world.ts";
import type { Decision } from "./decision.ts";

/** Who would ask. A session has the policies that it would be made with. */
export type SimulatedCaller = { readonly accountId: string } & (
  | { readonly kind: "root" | "anonymous" }
  | { readonly kind: "user"; readonly name: string }
  | ({ readonly kind: "role"; readonly name: string; readonly sessionName: string } & SimulatedSession)
  | ({
      readonly kind: "federatedUser";
      readonly name: string;
      /** The user whose keys asked for the session; absent: the account's root. */
      readonly madeBy?: string | undefined;
    } & SimulatedSession)
);

type SimulatedSession = { readonly sessionPolicy?: string | undefined; readonly policyArns: readonly string[] };

export type SimulatedQuestion = {
  readonly caller: SimulatedCaller;
  /** `s3:GetObject` */
  readonly action: string;
  /** A bucket and what in it, or an ARN of something else; `*` for nothing. */
  readonly on:
    | { readonly bucket: string; readonly key?: string | undefined; readonly versionId?: string | undefined }
    | { readonly resource: string };
  /** Values of condition keys by their names in lower case; none for one that the request does not have. */
  readonly context: ReadonlyMap<string, readonly string[]>;
  /** World time, in milliseconds since 1970. */
  readonly nowMs: number;
};

/** Decides; nothing happens, and nothing is kept. Undefined where there is no such bucket. */
export type SimulateAccess = (world: World, question: SimulatedQuestion) => Promise<Decision | undefined>;
