/** Configuration documents of buckets in two states, known by their kinds. */
import { layered } from "../keys.ts";
import { changeOf, type Difference } from "./difference.ts";
import { configurationFields } from "./fields.ts";
import { touchedRecords } from "./touched.ts";
import { prefixesOf, type Walk } from "./versions.ts";

/** Documents by kind. Tokens of renames, which are kept among them, are no state that anybody sees. */
export async function* diffConfigurations({ pair, bucket }: Omit<Walk, "prefix">): AsyncGenerator<Difference> {
  const prefixes = prefixesOf(bucket, (bucketId) => layered.configurations(bucketId).start);
  for await (const { path: name, from, to } of touchedRecords(pair, { prefixes })) {
    if (name.startsWith(RENAMES)) continue;
    const change = changeOf({ from, to }, configurationFields);
    if (change === undefined) continue;
    const place = { accountId: pair.accountId, partition: bucket.partition, bucket: bucket.name };
    yield { kind: "configuration", ...change, ...place, name };
  }
}

const RENAMES = layered.configurationKind(layered.renameTokens("0".repeat(16), 0)).replace(/0$/, "");
