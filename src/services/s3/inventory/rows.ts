/** A bucket's inventory, line by line: never more than a page of it is in memory. */
import { findVersion } from "../../../state/objects.ts";
import { listObjects, listVersions } from "../../../state/listing.ts";
import type { Bucket, ListedVersion } from "../../../state/model.ts";
import type { View } from "../../../state/view.ts";
import { csvLine } from "../csv-line.ts";
import { readLifecycleRules } from "../lifecycle/rules.ts";
import type { ReadPage } from "../delivery/pinned-reading.ts";
import { INVENTORY_PAGE_ENTRIES } from "../limits.ts";
import type { Columns } from "./fields.ts";

export type RowOptions = Columns & { readonly versions: "All" | "Current"; readonly prefix: string };

/** The list as CSV, in pages. */
export async function* inventoryRows(read: ReadPage, options: RowOptions): AsyncGenerator<Buffer> {
  let after: ListedVersion | undefined;
  for (;;) {
    const page = await read(async (view, bucket) => {
      const listed = await listPage(view, bucket, { ...options, after });
      const entries = options.needAttributes ? await withAttributes(view, bucket, listed.entries) : listed.entries;
      const lifecycle = options.needLifecycle ? await readLifecycleRules(view, bucket) : undefined;
      const text = entries
        .map((version) => csvLine(options.columns.map(({ valueOf }) => valueOf({ bucket, version, lifecycle }))))
        .join("");
      return { text, last: listed.truncated ? listed.entries.at(-1) : undefined };
    });
    if (page.text !== "") yield Buffer.from(page.text);
    if (page.last === undefined) return;
    after = page.last;
  }
}

type Listed = { readonly entries: readonly ListedVersion[]; readonly truncated: boolean };

const listPage = async (
  view: View,
  bucket: Bucket,
  { versions, prefix, after }: RowOptions & { readonly after: ListedVersion | undefined },
): Promise<Listed> => {
  const limit = INVENTORY_PAGE_ENTRIES;
  if (versions === "Current") {
    const page = await listObjects(view, bucket, {
      prefix,
      limit,
      ...(after === undefined ? {} : { after: after.key }),
    });
    const entries = page.entries.flatMap((entry) => ("object" in entry ? [{ ...entry.object, isLatest: true }] : []));
    return { entries, truncated: page.truncated };
  }
  const marker = after === undefined ? {} : { keyMarker: after.key, versionIdMarker: after.versionId };
  const page = await listVersions(view, bucket, { prefix, limit, ...marker });
  return {
    entries: page.entries.flatMap((entry) => ("version" in entry ? [entry.version] : [])),
    truncated: page.truncated,
  };
};

/** Lists leave out attributes that stand in records of their own. */
export const withAttributes = async (
  view: View,
  bucket: Bucket,
  entries: readonly ListedVersion[],
): Promise<readonly ListedVersion[]> => {
  const whole: ListedVersion[] = [];
  for (const entry of entries) {
    const { key, versionId, isLatest } = entry;
    const bare = entry.kind === "object" && Object.keys(entry.attributes).length === 0;
    const found = bare ? await findVersion(view, bucket, { key, versionId }) : undefined;
    whole.push(found === undefined ? entry : { ...found, isLatest });
  }
  return whole;
};
