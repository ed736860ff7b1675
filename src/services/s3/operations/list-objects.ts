import { listObjects as readObjects } from "../../../state/listing.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { assertEncodingType, pageMembers, readPage, readPageSize } from "../listing.ts";

/** Objects by key, the older way. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjects: S3Handler<"ListObjects"> = async (context, input) => {
  const bucket = bucketOf(context);
  const { Delimiter: delimiter, Prefix: prefix = "", Marker: marker = "" } = input;
  assertEncodingType(input.EncodingType);
  const limit = readPageSize(input.MaxKeys, { name: "maxKeys" });
  const page = await readPage(limit, () =>
    context.world.read((view) =>
      readObjects(view, bucket, {
        prefix,
        limit,
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(marker === "" ? {} : { after: marker }),
      }),
    ),
  );
  const delimited = delimiter !== undefined && delimiter !== "";
  return {
    Name: bucket.name,
    Prefix: prefix,
    Marker: marker,
    MaxKeys: limit,
    IsTruncated: page.truncated,
    ...(delimited ? { Delimiter: delimiter } : undefined),
    ...(input.EncodingType === undefined ? undefined : { EncodingType: input.EncodingType }),
    // Without a delimiter the last key is the marker, and AWS does not say it twice.
    ...(delimited && page.truncated && page.next !== undefined ? { NextMarker: page.next } : undefined),
    ...pageMembers(page.entries, { withOwner: true }),
  };
};
