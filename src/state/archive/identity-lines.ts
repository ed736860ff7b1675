/** Identities as lines of an archive, and back: held to their types, since an archive may be anybody's. */
import { nameOf, type Identity, type IdentityKind } from "../identities/model.ts";
import { isIdentityKind } from "../identities/records.ts";
import { damaged, type IdentityLine } from "./format.ts";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string" && value.isWellFormed() && !value.includes("\0");
const count: Check = (value) => Number.isSafeInteger(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/** An object that has these members and no others. */
const having =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.keys(value).length === Object.keys(members).length &&
    Object.entries(members).every(([name, check]) => check((value as Readonly<Record<string, unknown>>)[name]));

const tags = listOf(having({ key: text, value: text }));
const named = { name: text, path: text, id: text, createdAtMs: count, tags };
const holder = {
  ...named,
  inlinePolicies: listOf(having({ name: text, document: text })),
  attachedPolicyArns: listOf(text),
};

type Members = { readonly must: Readonly<Record<string, Check>>; readonly may: Readonly<Record<string, Check>> };

const MEMBERS: Readonly<Record<IdentityKind, Members>> = {
  user: { must: holder, may: { permissionsBoundary: text } },
  role: {
    must: { ...holder, trustPolicy: text, maxSessionDurationSeconds: count },
    may: { permissionsBoundary: text, description: text },
  },
  policy: {
    must: {
      ...named,
      updatedAtMs: count,
      defaultVersionId: text,
      lastVersion: count,
      versions: listOf(having({ versionId: text, document: text, createdAtMs: count })),
    },
    may: { description: text },
  },
  oidcProvider: {
    must: { url: text, clientIds: listOf(text), thumbprints: listOf(text), createdAtMs: count, tags },
    may: { keySet: text },
  },
  samlProvider: { must: { name: text, metadata: text, createdAtMs: count, validUntilMs: count, tags }, may: {} },
  accessKey: {
    must: {
      accessKeyId: text,
      secretAccessKey: text,
      status: (value) => value === "Active" || value === "Inactive",
      createdAtMs: count,
    },
    may: { userName: text },
  },
};

const ACCOUNT_ID = /^\d{12}$/;

export const identityLine = ({ kind, accountId, ...identity }: Identity): IdentityLine => ({
  type: "identity",
  kind,
  accountId,
  identity,
});

/** The identity of a line. Throws `ArchiveError` for one that is none. */
export const readIdentityLine = ({ kind, accountId, identity }: IdentityLine): Identity => {
  if (!isIdentityKind(kind)) throw damaged(`there are no identities of the kind ${JSON.stringify(kind)}`);
  if (!ACCOUNT_ID.test(accountId)) throw damaged(`a ${kind} is of no account`);
  const { must, may } = MEMBERS[kind];
  for (const [name, check] of Object.entries(must))
    if (!check(identity[name])) throw damaged(`a record of a ${kind} has no good member ${name}`);
  for (const [name, value] of Object.entries(identity)) {
    if (Object.hasOwn(must, name)) continue;
    const check = may[name];
    if (check === undefined) throw damaged(`a record of a ${kind} has a member ${JSON.stringify(name)}`);
    if (!check(value)) throw damaged(`a record of a ${kind} has no good member ${name}`);
  }
  const read = { kind, accountId, ...identity } as Identity;
  if (nameOf(read) === "") throw damaged(`a ${kind} has no name`);
  return read;
};
