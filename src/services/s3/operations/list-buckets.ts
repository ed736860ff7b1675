import { listBuckets as readBuckets } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import { bucketPage } from "../bucket-page.ts";
import type { S3Handler } from "../context.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { invalidArgument, S3Error } from "../errors.ts";
import { BUCKETS_PAGE_MAX } from "../limits.ts";
import { pageEntriesMax, readToken } from "../listing.ts";
import { ownerOf } from "../owners.ts";
import { isRegion } from "../regions.ts";

/** The caller's account's buckets by name. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export const listBuckets: S3Handler<"ListBuckets"> = async (context, input) => {
  const { world, caller } = context;
  const { partition, accountId } = caller;
  const { Prefix: prefix, BucketRegion: region, ContinuationToken: token } = input;
  const limit = Math.min(readLimit(input.MaxBuckets), pageEntriesMax(world, BUCKETS_PAGE_MAX));
  assertRegion(region);
  const scope = `buckets/${partition}/${accountId}`;
  const after = token === undefined || token === "" ? undefined : readToken(token, { scope });
  const options = {
    accountId,
    partition,
    limit: limit + 1,
    ...(prefix === undefined ? {} : { prefix }),
    accepts: (bucket: Bucket) => !isDirectoryBucketName(bucket.name) && (region ?? bucket.region) === bucket.region,
    ...(after === undefined ? {} : { after }),
  };
  const found = await world.read((view) => readBuckets(view, options));
  return {
    Owner: ownerOf(accountId),
    ...bucketPage(context, { found, limit, scope }),
    ...(prefix === undefined ? {} : { Prefix: prefix }),
  };
};

const readLimit = (requested: number | undefined): number => {
  if (requested === undefined) return BUCKETS_PAGE_MAX;
  if (Number.isInteger(requested) && requested >= 1 && requested <= BUCKETS_PAGE_MAX) return requested;
  throw invalidArgument(`Argument max-buckets must be an integer between 1 and ${BUCKETS_PAGE_MAX}`, {
    name: "max-buckets",
    value: String(requested),
  });
};

const assertRegion = (region: string | undefined): void => {
  if (region === undefined || isRegion(region)) return;
  const message = `Argument value ${region} is not a valid AWS Region`;
  throw new S3Error("InvalidArgument", { ArgumentName: "bucket-region" }, { message });
};
