/** Restores in lists: shown to clients that ask with `x-amz-optional-object-attributes`. */
import type { Bucket, ListedVersion, ObjectVersion } from "../../state/model.ts";
import { findVersion } from "../../state/objects.ts";
import type { View } from "../../state/view.ts";
import { invalidArgument } from "./errors.ts";
import { isArchived } from "./storage-class.ts";

const HEADER = "x-amz-optional-object-attributes";

/** Whether a list shall show restores. Errors: InvalidArgument for what lists cannot show. */
export const asksForRestores = (attributes: readonly string[] | undefined): boolean => {
  if (attributes === undefined || attributes.length === 0) return false;
  const unknown = attributes.find((name) => name !== "RestoreStatus");
  if (unknown === undefined) return true;
  throw invalidArgument("Invalid attribute name specified.", { name: HEADER, value: unknown });
};

type Entry =
  | { readonly object: ObjectVersion }
  | { readonly version: ListedVersion }
  | { readonly commonPrefix: string };

/**
 * Lists do not read attributes that are kept apart, since they show none; `page` with those of its archived objects, which
 * say what was restored.
 */
export const withRestores = async <Page extends { readonly entries: readonly Entry[] }>(
  view: View,
  bucket: Bucket,
  page: Page,
): Promise<Page> => {
  const entries: Entry[] = [];
  for (const entry of page.entries) entries.push(await completed(view, bucket, entry));
  return { ...page, entries };
};

const completed = async (view: View, bucket: Bucket, entry: Entry): Promise<Entry> => {
  if ("commonPrefix" in entry) return entry;
  const listed = "object" in entry ? entry.object : entry.version;
  if (listed.kind === "deleteMarker" || !isArchived(listed.storageClass)) return entry;
  const { key, versionId } = listed;
  const found = await findVersion(view, bucket, { key, versionId });
  if (found?.kind !== "object") return entry;
  const { attributes } = found;
  return "object" in entry
    ? { object: { ...entry.object, attributes } }
    : { version: { ...entry.version, ...listed, attributes } };
};
