import { listBuckets } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import { bucketPage } from "../bucket-page.ts";
import type { S3Handler } from "../context.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { invalidArgument } from "../errors.ts";
import { DIRECTORY_BUCKETS_PAGE_MAX } from "../limits.ts";
import { pageEntriesMax, readToken } from "../listing.ts";

/**
 * The caller's account's directory buckets in the endpoint's region, by name.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListDirectoryBuckets.html
 */
export const listDirectoryBuckets: S3Handler<"ListDirectoryBuckets"> = async (context, input) => {
  const { world, caller, endpoint } = context;
  const { partition, accountId } = caller;
  const limit = Math.min(readLimit(input.MaxDirectoryBuckets), pageEntriesMax(world, DIRECTORY_BUCKETS_PAGE_MAX));
  const scope = `directory-buckets/${partition}/${accountId}/${endpoint.region}`;
  const { ContinuationToken: token } = input;
  const after = token === undefined || token === "" ? undefined : readToken(token, { scope });
  const accepts = ({ name, region }: Bucket): boolean => isDirectoryBucketName(name) && region === endpoint.region;
  const found = await world.read((view) =>
    listBuckets(view, { accountId, partition, accepts, limit: limit + 1, ...(after === undefined ? {} : { after }) }),
  );
  return bucketPage(context, { found, limit, scope });
};

const readLimit = (requested: number | undefined): number => {
  if (requested === undefined) return DIRECTORY_BUCKETS_PAGE_MAX;
  if (Number.isInteger(requested) && requested >= 0 && requested <= DIRECTORY_BUCKETS_PAGE_MAX) return requested;
  throw invalidArgument(
    `Argument max-directory-buckets must be an integer between 0 and ${DIRECTORY_BUCKETS_PAGE_MAX}`,
    {
      name: "max-directory-buckets",
      value: String(requested),
    },
  );
};
