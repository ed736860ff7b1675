/** A bucket read page by page for a report, as it was at one moment. */
import { findBucket } from "../../../state/buckets.ts";
import { AccountChangedError } from "../../../state/errors.ts";
import type { Bucket } from "../../../state/model.ts";
import { pinSnapshot } from "../../../state/pinned-snapshot.ts";
import type { View } from "../../../state/view.ts";
import type { World } from "../../../state/world.ts";

/** Reads a page of a bucket as it was pinned. */
export type ReadPage = <Page>(page: (view: View, bucket: Bucket) => Promise<Page>) => Promise<Page>;

/** Reads a bucket as it is now, page by page and for as long as it takes. */
export const readingPinned = async <T>(
  world: World,
  { partition, name, accountId }: Bucket,
  use: (read: ReadPage) => Promise<T>,
): Promise<T> => {
  const pinned = await pinSnapshot(world, { accountIds: [accountId] });
  try {
    const bucket = await pinned.read((view) => findBucket(view, { partition, name, ownerAccountId: accountId }));
    if (bucket === undefined) throw new AccountChangedError(accountId);
    return await use((page) => pinned.read((view) => page(view, bucket)));
  } finally {
    await pinned.release();
  }
};
