import { listObjects as readObjects } from "../../../state/listing.ts";
import { bucketOf, type S3Handler } from "../context.ts";
import { assertEncodingType, pageMembers, readPage, readPageSize } from "../listing.ts";
import { asksForRestores, withRestores } from "../restore-listing.ts";

/** Objects by key, the older way. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export const listObjects: S3Handler<"ListObjects"> = async (context, input) => {
  const bucket = bucketOf(context);
  const { caller } = context;
  const { Delimiter: delimiter, Prefix: prefix = "", Marker: marker = "" } = input;
  assertEncodingType(input.EncodingType);
  const restoresAtMs = asksForRestores(input.OptionalObjectAttributes) ? context.nowMs : undefined;
  const limit = readPageSize(input.MaxKeys, { name: "maxKeys", world: context.world });
  const page = await readPage(limit, () =>
    context.world.read(async (view) => {
      const listed = await readObjects(view, bucket, {
        prefix,
        limit,
        ...(delimiter === undefined ? {} : { delimiter }),
        ...(marker === "" ? {} : { after: marker }),
      });
      return restoresAtMs === undefined ? listed : await withRestores(view, bucket, listed);
    }),
  );
  const delimited = delimiter !== undefined && delimiter !== "";
  return {
    BucketRegion: bucket.region,
    Name: bucket.name,
    Prefix: prefix,
    Marker: marker,
    MaxKeys: limit,
    IsTruncated: page.truncated,
    ...(delimited ? { Delimiter: delimiter } : undefined),
    ...(input.EncodingType === undefined ? undefined : { EncodingType: input.EncodingType }),
    // Without a delimiter the last key is the marker, and AWS does not say it twice.
    ...(delimited && page.truncated && page.next !== undefined ? { NextMarker: page.next } : undefined),
    ...pageMembers(page.entries, {
      ownersIn: caller.principal.kind === "Anonymous" ? undefined : bucket,
      restoresAtMs,
    }),
  };
};
