/** What clients made through IAM in two states: users, roles, policies, providers and keys, known by their kinds and names. */
import { isDeepStrictEqual } from "node:util";
import { nameOf, type Identity } from "../identities/model.ts";
import { decodeIdentity } from "../identities/records.ts";
import { layered } from "../keys.ts";
import { changeOf, type Difference, type Sides } from "./difference.ts";
import { touchedRecords, type AccountPair } from "./touched.ts";

/** Identities by kind and name. */
export async function* diffIdentities(pair: AccountPair): AsyncGenerator<Difference> {
  const prefix = layered.identities("").start;
  const { accountId } = pair;
  for await (const { path: key, from, to } of touchedRecords(pair, { prefixes: { from: prefix, to: prefix } })) {
    const decode = (text: string | undefined) =>
      text === undefined ? undefined : decodeIdentity(key, { text, accountId });
    const sides = { from: decode(from), to: decode(to) };
    const shown = sides.to ?? sides.from;
    const change = changeOf<Identity>(sides, identityFields);
    if (change === undefined || shown === undefined) continue;
    yield { kind: "identity", ...change, accountId, name: `${shown.kind}/${nameOf(shown)}` };
  }
}

/** Members that differ; times without their unit, as elsewhere. */
const identityFields = ({ from, to }: Sides<Identity>): readonly string[] => {
  const before: Readonly<Record<string, unknown>> = { ...from };
  const after: Readonly<Record<string, unknown>> = { ...to };
  const members = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...members]
    .filter((member) => !isDeepStrictEqual(before[member], after[member]))
    .map((member) => member.replace(/Ms$/, ""))
    .toSorted();
};
