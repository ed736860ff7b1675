/** Looking up what a request names, and changing what clients may change. */
import type {
  IdentityHome,
  IdentityKind,
  HeldIdentity,
  IdentityOf,
  IdentityTag,
} from "../../state/identities/model.ts";
import { countIdentities, putIdentity, readIdentity } from "../../state/identities/store.ts";
import type { Tx, View } from "../../state/view.ts";
import type { IamContext } from "./context.ts";
import { IamError, quotaExceeded } from "./errors.ts";
import { TAGS_MAX } from "./limits.ts";

/** What users and roles have in common, as requests name them. */
export type HolderKind = "user" | "role";

/** A user or role by its name. */
export type HolderName = { readonly kind: HolderKind; readonly name: string };

const missing = ({ kind, name }: HolderName): IamError =>
  new IamError("NoSuchEntity", `The ${kind} with name ${name} cannot be found.`);

/** The user or role of that name. Throws NoSuchEntity. */
export const requireHolder = async <K extends HolderKind>(
  view: View,
  { accountId, kind, name }: { readonly accountId: string; readonly kind: K; readonly name: string },
): Promise<HeldIdentity<K>> => {
  const held = await readIdentity(view, { accountId, kind, name });
  if (held === undefined) throw missing({ kind, name });
  return held;
};

/**
 * What is registered on the control plane is not for requests to change. AWS has no such thing; the error is the one that it
 * answers for roles that are its own.
 */
export const requireModifiable = ({ home }: { readonly home: IdentityHome }, named: string): void => {
  if (home === "account") return;
  throw new IamError(
    "UnmodifiableEntity",
    `Cannot perform the operation on ${named}: it was registered on the control plane.`,
  );
};

/** Changes a user or role. Throws NoSuchEntity, UnmodifiableEntity and what `change` throws. */
export const changeHolder = <K extends HolderKind>(
  { world, caller: { accountId } }: IamContext,
  { kind, name }: { readonly kind: K; readonly name: string },
  change: (holder: IdentityOf<K>, tx: Tx) => IdentityOf<K> | Promise<IdentityOf<K>>,
): Promise<void> =>
  world.transact(async (tx) => {
    const held = await requireHolder(tx, { accountId, kind, name });
    requireModifiable(held, `the ${kind} ${name}`);
    await putIdentity(tx, await change(held.identity, tx), "account");
  });

/** Throws LimitExceeded where an account has as many of a kind as it may. */
export const requireRoom = async (
  view: View,
  { accountId, kind, quota, countMax }: { accountId: string; kind: IdentityKind; quota: string; countMax: number },
): Promise<void> => {
  if ((await countIdentities(view, { accountId, kind, countMax })) >= countMax) throw quotaExceeded(quota, countMax);
};

type WireTag = { readonly Key: string; readonly Value: string };

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
const isReserved = (text: string): boolean => text.toLowerCase().startsWith("aws:");

/**
 * Tags as a request names them. Throws InvalidInput for the reserved prefix `aws:`, and where a key comes twice, whatever its case
 * unless `cases` differ.
 */
export const readTags = (
  tags: readonly WireTag[] = [],
  { cases = "same" }: { readonly cases?: "same" | "differ" } = {},
): readonly IdentityTag[] => {
  if (tags.some(({ Key, Value }) => isReserved(Key) || isReserved(Value))) {
    throw new IamError("InvalidInput", "Tag keys and values can't begin with aws:, which is reserved for AWS.");
  }
  const keys = tags.map(({ Key }) => (cases === "same" ? Key.toLowerCase() : Key));
  if (new Set(keys).size < keys.length) {
    const hint = cases === "same" ? " Please note that Tag keys are case insensitive." : "";
    throw new IamError("InvalidInput", `Duplicate tag keys found.${hint}`);
  }
  return tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
};

/** Tags with others put over them. Throws LimitExceeded. */
export const withTags = (
  tags: readonly IdentityTag[],
  added: readonly IdentityTag[],
  { cases = "same" }: { readonly cases?: "same" | "differ" } = {},
): readonly IdentityTag[] => {
  const keyOf = ({ key }: IdentityTag): string => (cases === "same" ? key.toLowerCase() : key);
  const merged = new Map([...tags, ...added].map((tag) => [keyOf(tag), tag]));
  if (merged.size > TAGS_MAX) {
    throw new IamError("LimitExceeded", "The number of tags has reached the maximum limit.");
  }
  return [...merged.values()];
};

export const withoutTags = (
  tags: readonly IdentityTag[],
  keys: readonly string[],
  { cases = "same" }: { readonly cases?: "same" | "differ" } = {},
): readonly IdentityTag[] => {
  const folded = (key: string): string => (cases === "same" ? key.toLowerCase() : key);
  const gone = new Set(keys.map(folded));
  return tags.filter(({ key }) => !gone.has(folded(key)));
};

export const showTags = (tags: readonly IdentityTag[]): readonly WireTag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }));

/** Characters that count against a quota of a document's length. */
export const countedChars = (document: string): number => document.replaceAll(/\s/g, "").length;
