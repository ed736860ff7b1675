/** How identities are written and under which keys, the same in both of their homes. */
import { RECORD_FORMAT } from "../records.ts";
import type { Identity, IdentityKind } from "./model.ts";

/** What an identity's key begins with. */
const LETTERS: Readonly<Record<IdentityKind, string>> = {
  user: "u",
  role: "r",
  policy: "p",
  oidcProvider: "o",
  samlProvider: "s",
  accessKey: "k",
};

const KINDS = Object.fromEntries(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind])) as Readonly<
  Record<string, IdentityKind>
>;

export const IDENTITY_KINDS = Object.keys(LETTERS) as readonly IdentityKind[];

export const isIdentityKind = (text: string): text is IdentityKind => Object.hasOwn(LETTERS, text);

/** Names that differ by the case of their letters alone are the same, as in IAM; access key ids have but one case. */
export const identityKey = (kind: IdentityKind, name: string): string =>
  LETTERS[kind] + (kind === "accessKey" ? name : name.toLowerCase());

/** What all keys of a kind begin with. */
export const identityPrefix = (kind: IdentityKind): string => LETTERS[kind];

type Fields = readonly [format: number, identity: Omit<Identity, "kind" | "accountId">];

export const encodeIdentity = ({ kind: _kind, accountId: _accountId, ...rest }: Identity): string =>
  JSON.stringify([RECORD_FORMAT, rest]);

/** Reads the record that stands under `key`. Throws where it cannot be read. */
export const decodeIdentity = (key: string, options: { text: string; accountId: string }): Identity => {
  const kind = KINDS[key.charAt(0)];
  const [format, rest] = JSON.parse(options.text) as Fields;
  if (kind === undefined || format !== RECORD_FORMAT) throw new Error(`record of unknown format ${String(format)}`);
  return { kind, accountId: options.accountId, ...rest } as Identity;
};
