/** Deletes whole ranges of catalog records within a transaction. */
import type { KeyRange } from "../engine/port.ts";
import type { Tx } from "./view.ts";

/** Records read at a time. */
const PAGE_RECORDS = 10_000;

/** Deletes every record of `range`, however many. All of them must be texts. */
export const deleteRange = async ({ tx }: Tx, range: KeyRange): Promise<void> => {
  for (;;) {
    const page = await tx.scan(range, { limit: PAGE_RECORDS });
    for (const [key] of page) tx.delete(key);
    if (page.length < PAGE_RECORDS) return;
  }
};
