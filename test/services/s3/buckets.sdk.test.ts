import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type BucketLocationConstraint,
  type BucketVersioningStatus,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

test("fact 5: CreateBucket answers the path in us-east-1, and the bucket's ARN", async (t) => {
  const created = await s3.send(new CreateBucketCommand({ Bucket: "fact5-plain" }));
  t.is(created.Location, "/fact5-plain");
  t.is(created.BucketArn, "arn:aws:s3:::fact5-plain");
});

test("fact 5: with a location constraint CreateBucket answers a URL", async (t) => {
  const CreateBucketConfiguration = { LocationConstraint: "eu-central-1" } as const;
  const created = await s3.send(new CreateBucketCommand({ Bucket: "fact5-located", CreateBucketConfiguration }));
  t.regex(created.Location ?? "", /^http:\/\/fact5-located\.[^/]+\/$/);
  const head = await s3.send(new HeadBucketCommand({ Bucket: "fact5-located" }));
  t.is(head.BucketRegion, "eu-central-1");
  t.is(head.BucketArn, "arn:aws:s3:::fact5-located");
  t.false(head.AccessPointAlias);
});

test("fact 6: ListBuckets shows ARN and region, echoes the prefix and goes on with a token", async (t) => {
  const mine = server.s3({ accountId: "600000000006" });
  for (const Bucket of ["fact6-a", "fact6-b", "fact6-c", "other-fact6"]) {
    await mine.send(new CreateBucketCommand({ Bucket }));
  }
  const first = await mine.send(new ListBucketsCommand({ Prefix: "fact6-", MaxBuckets: 2 }));
  t.deepEqual(
    first.Buckets?.map(({ Name, BucketArn, BucketRegion }) => [Name, BucketArn, BucketRegion]),
    [
      ["fact6-a", "arn:aws:s3:::fact6-a", "us-east-1"],
      ["fact6-b", "arn:aws:s3:::fact6-b", "us-east-1"],
    ],
  );
  t.is(first.Prefix, "fact6-");
  const second = await mine.send(
    new ListBucketsCommand({ Prefix: "fact6-", MaxBuckets: 2, ContinuationToken: first.ContinuationToken }),
  );
  t.deepEqual(
    second.Buckets?.map(({ Name }) => Name),
    ["fact6-c"],
  );
  t.is(second.ContinuationToken, undefined);
});

test("fact 6: ListBuckets filters by region and refuses one that is none", async (t) => {
  const mine = server.s3({ accountId: "600000000007" });
  await mine.send(new CreateBucketCommand({ Bucket: "fact6-here" }));
  const CreateBucketConfiguration = { LocationConstraint: "eu-west-3" } as const;
  await mine.send(new CreateBucketCommand({ Bucket: "fact6-there", CreateBucketConfiguration }));
  const listed = await mine.send(new ListBucketsCommand({ BucketRegion: "eu-west-3" }));
  t.deepEqual(
    listed.Buckets?.map(({ Name }) => Name),
    ["fact6-there"],
  );
  const error = await failure(mine.send(new ListBucketsCommand({ BucketRegion: "eu-east-1" })));
  t.is(error.name, "InvalidArgument");
  t.is(error.message, "Argument value eu-east-1 is not a valid AWS Region");
  t.is(error["ArgumentName"], "bucket-region");
  t.is(error["ArgumentValue"], undefined);
});

test("ListBuckets takes an empty token for none", async (t) => {
  const mine = server.s3({ accountId: "600000000009" });
  await mine.send(new CreateBucketCommand({ Bucket: "empty-token" }));
  const listed = await mine.send(new ListBucketsCommand({ ContinuationToken: "" }));
  t.is(listed.Buckets?.length, 1);
});

test("ListBuckets refuses a page of none and a token that is none", async (t) => {
  t.deepEqual(await outcome(s3.send(new ListBucketsCommand({ MaxBuckets: 0 }))), ["InvalidArgument", 400]);
  t.deepEqual(await outcome(s3.send(new ListBucketsCommand({ MaxBuckets: 10_001 }))), ["InvalidArgument", 400]);
  t.deepEqual(await outcome(s3.send(new ListBucketsCommand({ ContinuationToken: "x" }))), ["InvalidArgument", 400]);
});

test("fact 8: a bucket that is not there answers NoSuchBucket with its name", async (t) => {
  const error = await failure(s3.send(new GetBucketLocationCommand({ Bucket: "fact8-nowhere" })));
  t.is(error.name, "NoSuchBucket");
  t.is(error.message, "The specified bucket does not exist");
  t.is(error["BucketName"], "fact8-nowhere");
  t.is(error.$metadata.httpStatusCode, 404);
});

test("fact 9: creating one's own bucket again succeeds in us-east-1, but not with tags", async (t) => {
  const Bucket = "fact9-again";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await t.notThrowsAsync(s3.send(new CreateBucketCommand({ Bucket })));
  const CreateBucketConfiguration = { Tags: [{ Key: "k", Value: "v" }] };
  const error = await failure(s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration })));
  t.is(error.name, "BucketAlreadyOwnedByYou");
  t.is(error["BucketName"], Bucket);
});

test("fact 9: elsewhere creating one's own bucket again is a conflict", async (t) => {
  const regional = server.s3({ region: "eu-west-2" });
  const command = {
    Bucket: "fact9-elsewhere",
    CreateBucketConfiguration: { LocationConstraint: "eu-west-2" },
  } as const;
  await regional.send(new CreateBucketCommand(command));
  t.deepEqual(await outcome(regional.send(new CreateBucketCommand(command))), ["BucketAlreadyOwnedByYou", 409]);
});

test("fact 9: another account's bucket is BucketAlreadyExists", async (t) => {
  const Bucket = "fact9-taken";
  await s3.send(new CreateBucketCommand({ Bucket }));
  const other = server.s3({ accountId: "600000000009" });
  const error = await failure(other.send(new CreateBucketCommand({ Bucket })));
  t.is(error.name, "BucketAlreadyExists");
  t.is(error["BucketName"], Bucket);
});

test("64 accounts that create one bucket at once: one wins", async (t) => {
  const accounts = Array.from({ length: 64 }, (_, index) => String(700_000_000_000 + index));
  const results = await Promise.allSettled(
    accounts.map((accountId) => server.s3({ accountId }).send(new CreateBucketCommand({ Bucket: "everybodys" }))),
  );
  t.is(results.filter(({ status }) => status === "fulfilled").length, 1);
});

test("fact 10: location constraints at the endpoint in us-east-1", async (t) => {
  for (const constraint of ["us-east-1", "eu-east-1"]) {
    const error = await failure(
      s3.send(
        new CreateBucketCommand({
          Bucket: "fact10-here",
          CreateBucketConfiguration: { LocationConstraint: constraint as BucketLocationConstraint },
        }),
      ),
    );
    t.is(error.name, "InvalidLocationConstraint");
    t.is(error.message, "The specified location-constraint is not valid");
    t.is(error["LocationConstraint"], constraint);
  }
});

test("fact 10: location constraints at a regional endpoint", async (t) => {
  const regional = server.s3({ region: "us-west-2" });
  const error = await failure(
    regional.send(
      new CreateBucketCommand({
        Bucket: "fact10-there",
        CreateBucketConfiguration: { LocationConstraint: "us-west-1" },
      }),
    ),
  );
  t.is(error.name, "IllegalLocationConstraintException");
  t.regex(error.message, /^The us-west-1 location constraint is incompatible/);
});

test("fact 10: EU is eu-west-1, and GetBucketLocation gives it back", async (t) => {
  const ireland = server.s3({ region: "eu-west-1" });
  await ireland.send(
    new CreateBucketCommand({ Bucket: "fact10-eu", CreateBucketConfiguration: { LocationConstraint: "EU" } }),
  );
  const { LocationConstraint } = await ireland.send(new GetBucketLocationCommand({ Bucket: "fact10-eu" }));
  t.is(LocationConstraint, "EU");
  const { BucketRegion } = await ireland.send(new HeadBucketCommand({ Bucket: "fact10-eu" }));
  t.is(BucketRegion, "eu-west-1");
});

test("fact 10: GetBucketLocation is empty in us-east-1", async (t) => {
  const Bucket = await makeBucket(s3, "fact10");
  const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }));
  t.falsy(LocationConstraint);
});

test("fact 12: upper case in a name is InvalidBucketName", async (t) => {
  const error = await failure(s3.send(new CreateBucketCommand({ Bucket: "Fact12-Upper" })));
  t.is(error.name, "InvalidBucketName");
  t.is(error.message, "The specified bucket is not valid.");
  t.is(error["BucketName"], "Fact12-Upper");
});

test("deleting a bucket that is not there answers NoSuchBucket", async (t) => {
  t.deepEqual(await outcome(s3.send(new DeleteBucketCommand({ Bucket: "not-there-at-all" }))), ["NoSuchBucket", 404]);
});

test("fact 13: a bucket that holds an object is not deleted", async (t) => {
  const Bucket = await makeBucket(s3, "fact13");
  await s3.send(new PutObjectCommand({ Bucket, Key: "key", Body: "" }));
  const error = await failure(s3.send(new DeleteBucketCommand({ Bucket })));
  t.is(error.name, "BucketNotEmpty");
  t.is(error.message, "The bucket you tried to delete is not empty");
  t.is(error["BucketName"], Bucket);
  t.is(error.$metadata.httpStatusCode, 409);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "key" }));
  await t.notThrowsAsync(s3.send(new DeleteBucketCommand({ Bucket })));
  t.deepEqual(await outcome(s3.send(new HeadBucketCommand({ Bucket }))), ["NotFound", 404]);
});

test("fact 13: delete markers count as contents", async (t) => {
  const Bucket = await makeBucket(s3, "fact13");
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "key" }));
  const error = await failure(s3.send(new DeleteBucketCommand({ Bucket })));
  t.is(error.message, "The bucket you tried to delete is not empty. You must delete all versions in the bucket.");
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "key", VersionId }));
  await t.notThrowsAsync(s3.send(new DeleteBucketCommand({ Bucket })));
});

test("fact 14: versioning takes Enabled and Suspended and nothing else", async (t) => {
  const Bucket = await makeBucket(s3, "fact14");
  t.is((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  const put = (Status?: string) =>
    s3.send(
      new PutBucketVersioningCommand({
        Bucket,
        VersioningConfiguration: Status === undefined ? {} : { Status: Status as BucketVersioningStatus },
      }),
    );
  t.deepEqual(await outcome(put("enabled")), ["MalformedXML", 400]);
  t.deepEqual(await outcome(put("Disabled")), ["MalformedXML", 400]);
  const error = await failure(put());
  t.is(error.name, "IllegalVersioningConfigurationException");
  t.is(error.message, "The Versioning element must be specified");
  await put("Suspended");
  t.is((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, "Suspended");
});

test("fact 14: versioning of an object-lock bucket cannot be suspended", async (t) => {
  const Bucket = "fact14-locked";
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  t.is((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, "Enabled");
  const VersioningConfiguration = { Status: "Suspended" } as const;
  t.deepEqual(await outcome(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))), [
    "InvalidBucketState",
    409,
  ]);
});
