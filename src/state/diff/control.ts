/** What S3 Control keeps of an account in two states: its public access block, and access points with their policies and tags. */
import { isDeepStrictEqual } from "node:util";
import { decodeAccessPoint, type AccessPoint } from "../access-points.ts";
import { layered } from "../keys.ts";
import { changeOf, type Difference, type Sides } from "./difference.ts";
import { configurationFields } from "./fields.ts";
import { touchedRecords, type AccountPair } from "./touched.ts";

/** As configurations of no bucket: `publicAccessBlock`, `accessPoint/us-east-1/name`, `accessPoint/us-east-1/name/policy`. */
export async function* diffControl(pair: AccountPair): AsyncGenerator<Difference> {
  const prefix = layered.control.start;
  const { accountId } = pair;
  for await (const { path, from, to } of touchedRecords(pair, { prefixes: { from: prefix, to: prefix } })) {
    const subkey = prefix + path;
    const name = nameOf(subkey);
    if (name === undefined) continue;
    const change = isAccessPoint(subkey)
      ? changeOf(
          { from: read(subkey, { text: from, accountId }), to: read(subkey, { text: to, accountId }) },
          accessPointFields,
        )
      : changeOf({ from, to }, configurationFields);
    if (change !== undefined) yield { kind: "configuration", ...change, accountId, name };
  }
}

const isAccessPoint = (subkey: string): boolean => subkey.startsWith(layered.allAccessPoints.start);

/** Undefined for aliases, which follow from the rest. */
const nameOf = (subkey: string): string | undefined => {
  if (subkey === layered.accountBlock) return "publicAccessBlock";
  if (subkey.startsWith(layered.accessPointAlias(""))) return undefined;
  const { region, name, document } = layered.accessPointPlace(subkey);
  return ["accessPoint", region, name, ...(document === undefined ? [] : [document])].join("/");
};

const read = (
  subkey: string,
  { text, accountId }: { readonly text: string | undefined; readonly accountId: string },
): AccessPoint | undefined => (text === undefined ? undefined : decodeAccessPoint(subkey, { text, accountId }));

/** Members that differ; times without their unit, as elsewhere. */
const accessPointFields = ({ from, to }: Sides<AccessPoint>): readonly string[] => {
  const before: Readonly<Record<string, unknown>> = { ...from };
  const after: Readonly<Record<string, unknown>> = { ...to };
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((member) => !isDeepStrictEqual(before[member], after[member]))
    .map((member) => member.replace(/Ms$/, ""))
    .toSorted();
};
