import { listObjects as readObjects } from "../../../state/listing.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { assertDirectoryListing, inNoOrder } from "../directory-buckets/listing.ts";
import { writeContinuationToken } from "../continuation-token.ts";
import { assertEncodingType, pageMembers, readPage, readPageSize, readToken } from "../listing.ts";
import { asksForRestores, withRestores } from "../restore-listing.ts";

/** Objects by key. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export const listObjectsV2: S3Handler<"ListObjectsV2"> = async (context, input) => {
  const bucket = bucketOf(context);
  const { Delimiter: delimiter, Prefix: prefix = "", ContinuationToken: token, StartAfter: startAfter } = input;
  assertEncodingType(input.EncodingType);
  const directory = isDirectoryBucketName(bucket.name);
  if (directory) assertDirectoryListing(input);
  const restoresAtMs = asksForRestores(input.OptionalObjectAttributes) ? context.nowMs : undefined;
  const limit = readPageSize(input.MaxKeys, { name: "maxKeys", world: context.world });
  const scope = `objects/${bucket.name}`;
  // A token says where to go on, whatever the request starts after.
  const after = token === undefined ? startAfter : readToken(token, { scope });
  const page = await readPage(limit, () =>
    context.world.read(async (view) => {
      const listed = await readObjects(view, bucket, {
        prefix,
        limit,
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(after === undefined ? {} : { after }),
      });
      return restoresAtMs === undefined ? listed : await withRestores(view, bucket, listed);
    }),
  );
  return {
    BucketRegion: bucket.region,
    Name: bucket.name,
    Prefix: prefix,
    MaxKeys: limit,
    KeyCount: page.entries.length,
    IsTruncated: page.truncated,
    ...(delimiter === undefined || delimiter === "" ? undefined : { Delimiter: delimiter }),
    ...(input.EncodingType === undefined ? undefined : { EncodingType: input.EncodingType }),
    ...(token === undefined ? undefined : { ContinuationToken: token }),
    ...(token !== undefined || startAfter === undefined ? undefined : { StartAfter: startAfter }),
    ...(page.truncated && page.next !== undefined
      ? { NextContinuationToken: writeContinuationToken(page.next, { scope }) }
      : undefined),
    ...pageMembers(directory ? inNoOrder(page.entries) : page.entries, {
      ownersIn: input.FetchOwner === true ? bucket : undefined,
      restoresAtMs,
    }),
  };
};
