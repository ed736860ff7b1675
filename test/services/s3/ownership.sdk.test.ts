/** Ownership controls through the AWS SDK, and what they do to ACLs. */
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketOwnershipControlsCommand,
  GetBucketAclCommand,
  GetBucketOwnershipControlsCommand,
  GetObjectAclCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  type ObjectOwnership,
} from "@aws-sdk/client-s3";
import test from "ava";
import { canonicalOwnerId } from "../../../src/protocol/caller.ts";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const s3 = server.s3();
const other = server.s3({ accountId: "222222222222" });
const [OUR_ID, THEIR_ID] = [canonicalOwnerId("123456789012"), canonicalOwnerId("222222222222")];
const own = (ID: string) => ({ Grantee: { Type: "CanonicalUser", ID }, Permission: "FULL_CONTROL" });

let made = 0;
const create = async (ObjectOwnership: ObjectOwnership): Promise<string> => {
  made += 1;
  const Bucket = `ownership-${process.pid}-${made}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership }));
  return Bucket;
};
const put = (Bucket: string, ...rules: ObjectOwnership[]) =>
  s3.send(
    new PutBucketOwnershipControlsCommand({
      Bucket,
      OwnershipControls: { Rules: rules.map((ObjectOwnership) => ({ ObjectOwnership })) },
    }),
  );
const ruleOf = async (Bucket: string) => {
  const { OwnershipControls } = await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }));
  return OwnershipControls?.Rules;
};

test("fact 4: a new bucket's owner owns all that is in it", async (t) => {
  const Bucket = await makeBucket(s3, "owned");
  t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: "BucketOwnerEnforced" }]);
});

test("the rule is what CreateBucket or PutBucketOwnershipControls said last", async (t) => {
  const Bucket = await create("ObjectWriter");
  t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: "ObjectWriter" }]);
  for (const rule of ["BucketOwnerPreferred", "BucketOwnerEnforced", "ObjectWriter"] as const) {
    t.is((await put(Bucket, rule)).$metadata.httpStatusCode, 200);
    t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: rule }]);
  }
});

test("fact 8: deleted controls are OwnershipControlsNotFoundError, and objects are their writers'", async (t) => {
  const Bucket = await makeBucket(s3, "no-rule");
  for (const _ of ["first", "again"]) {
    const { $metadata } = await s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    const error = await failure(ruleOf(Bucket));
    t.deepEqual(
      [error.name, error["BucketName"], error.message, error.$metadata.httpStatusCode],
      ["OwnershipControlsNotFoundError", Bucket, "The bucket ownership controls were not found", 404],
    );
  }
  await other.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const { Owner } = await s3.send(new GetObjectAclCommand({ Bucket, Key: "k" }));
  t.deepEqual(Owner, { ID: THEIR_ID });
  await put(Bucket, "BucketOwnerPreferred");
  t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: "BucketOwnerPreferred" }]);
});

test("fact 43: controls have one rule, and its word is one of three", async (t) => {
  const Bucket = await create("ObjectWriter");
  for (const rules of [["ObjectWriter", "BucketOwnerPreferred"], [], ["Nobody"]]) {
    const error = await failure(put(Bucket, ...(rules as ObjectOwnership[])));
    t.deepEqual(
      [error.name, error.message],
      ["MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"],
    );
  }
  t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: "ObjectWriter" }]);
});

test("a bucket without ACLs refuses to be given any, and answers its owner's full control", async (t) => {
  const at = { Bucket: await makeBucket(s3, "enforced"), Key: "k" };
  await other.send(new PutObjectCommand({ ...at, Body: "x" }));
  for (const call of [
    s3.send(new PutObjectAclCommand({ ...at, ACL: "public-read" })),
    s3.send(new PutObjectAclCommand({ ...at, ACL: "private" })),
    s3.send(new PutBucketAclCommand({ ...at, ACL: "private" })),
    s3.send(new PutBucketAclCommand({ ...at, GrantRead: `id=${THEIR_ID}` })),
    s3.send(new PutObjectCommand({ ...at, Body: "x", ACL: "public-read" })),
    s3.send(new PutObjectCommand({ ...at, Body: "x", GrantRead: `id=${THEIR_ID}` })),
    s3.send(new CreateMultipartUploadCommand({ ...at, ACL: "bucket-owner-read" })),
  ]) {
    const error = await failure(call);
    t.deepEqual(
      [error.name, error.message, error.$metadata.httpStatusCode],
      ["AccessControlListNotSupported", "The bucket does not allow ACLs", 400],
    );
  }
  for (const said of [
    { ACL: "bucket-owner-full-control" },
    { ACL: "private" },
    { GrantFullControl: `id=${OUR_ID}` },
  ] as const) {
    await other.send(new PutObjectCommand({ ...at, Body: "x", ...said }));
  }
  for (const command of [new GetObjectAclCommand(at), new GetBucketAclCommand(at)]) {
    const answer = await s3.send(command as GetObjectAclCommand);
    t.deepEqual([answer.Owner, answer.Grants], [{ ID: OUR_ID }, [own(OUR_ID)]]);
  }
});

test("ACLs that were put before wait until the bucket's owner does not own all any more", async (t) => {
  const at = { Bucket: await create("ObjectWriter"), Key: "k" };
  await other.send(new PutObjectCommand({ ...at, Body: "x", GrantRead: `id=${OUR_ID}` }));
  const acl = async () => {
    const { Owner, Grants } = await s3.send(new GetObjectAclCommand(at));
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: at.Bucket, FetchOwner: true }));
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: at.Bucket }));
    for (const [listed] of [Contents ?? [], Versions ?? []]) t.deepEqual(listed?.Owner, Owner);
    return [Owner, Grants];
  };
  const theirs = [{ ID: THEIR_ID }, [{ ...own(OUR_ID), Permission: "READ" }]];
  t.deepEqual(await acl(), theirs);
  await put(at.Bucket, "BucketOwnerEnforced");
  t.deepEqual(await acl(), [{ ID: OUR_ID }, [own(OUR_ID)]]);
  await put(at.Bucket, "ObjectWriter");
  t.deepEqual(await acl(), theirs);
});

test("a bucket whose ACL grants more than its owner's control cannot do without ACLs", async (t) => {
  const Bucket = await create("BucketOwnerPreferred");
  await s3.send(new PutBucketAclCommand({ Bucket, GrantRead: `id=${THEIR_ID}`, GrantFullControl: `id=${OUR_ID}` }));
  const error = await failure(put(Bucket, "BucketOwnerEnforced"));
  t.deepEqual(
    [error.name, error.message, error.$metadata.httpStatusCode],
    [
      "InvalidBucketAclWithObjectOwnership",
      "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
      400,
    ],
  );
  t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: "BucketOwnerPreferred" }]);
  await s3.send(new PutBucketAclCommand({ Bucket, GrantFullControl: `id=${OUR_ID}` }));
  await put(Bucket, "BucketOwnerEnforced");
  t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: "BucketOwnerEnforced" }]);
});

test("CreateBucket takes an ACL beyond its owner's control only where ACLs are", async (t) => {
  const Bucket = `ownership-created-${process.pid}`;
  const error = await failure(s3.send(new CreateBucketCommand({ Bucket, GrantRead: `id=${THEIR_ID}` })));
  t.is(error.name, "InvalidBucketAclWithObjectOwnership");
  await s3.send(new CreateBucketCommand({ Bucket, GrantFullControl: `id=${OUR_ID}` }));
  t.deepEqual(await ruleOf(Bucket), [{ ObjectOwnership: "BucketOwnerEnforced" }]);
});

test("CreateBucket gives an unknown ownership back in its message alone, as AWS was recorded to", async (t) => {
  for (const ownership of ["RandomValue", ""]) {
    const error = await failure(create(ownership as ObjectOwnership));
    t.is(error.name, "InvalidArgument");
    t.is(error.$metadata.httpStatusCode, 400);
    t.is(error.message, `Invalid x-amz-object-ownership header: ${ownership}`);
    t.is(error["ArgumentName"], "x-amz-object-ownership");
    t.is(error["ArgumentValue"], undefined);
  }
});
