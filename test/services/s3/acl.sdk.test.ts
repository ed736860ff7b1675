/** ACLs of objects and buckets: what is put and what is answered. */
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  GetBucketAclCommand,
  GetObjectAclCommand,
  HeadObjectCommand,
  PutBucketAclCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  UploadPartCommand,
  type BucketCannedACL,
  type Grant,
  type GetObjectAclCommandOutput,
  type ObjectCannedACL,
  type ObjectOwnership,
} from "@aws-sdk/client-s3";
import test from "ava";
import { canonicalOwnerId } from "../../../src/protocol/caller.ts";
import { startTestServer } from "../../support/server.ts";
import { failure } from "./client.ts";

const server = await startTestServer();

const [OURS, THEIRS] = ["123456789012", "222222222222"];
const [OUR_ID, THEIR_ID] = [canonicalOwnerId(OURS), canonicalOwnerId(THEIRS)];
const s3 = server.s3();
const other = server.s3({ accountId: THEIRS });

const GROUPS = {
  all: "http://acs.amazonaws.com/groups/global/AllUsers",
  authenticated: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
  logs: "http://acs.amazonaws.com/groups/s3/LogDelivery",
} as const;
const EC2_ID = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

const toId = (ID: string, Permission: Grant["Permission"]): Grant => ({
  Grantee: { Type: "CanonicalUser", ID },
  Permission,
});
const toGroup = (URI: string, Permission: Grant["Permission"]): Grant => ({
  Grantee: { Type: "Group", URI },
  Permission,
});
const OWN = toId(OUR_ID, "FULL_CONTROL");

let made = 0;
/** A bucket that takes every ACL, public ones too. */
const openBucket = async (ObjectOwnership: ObjectOwnership = "ObjectWriter"): Promise<string> => {
  made += 1;
  const Bucket = `acls-${process.pid}-${made}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership }));
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  return Bucket;
};

const bucket = await openBucket();
test.after.always(() => server.close());

const shown = ({ Owner, Grants }: Pick<GetObjectAclCommandOutput, "Owner" | "Grants">) => [Owner, Grants];
const aclOf = async (Key: string, Bucket = bucket) => shown(await s3.send(new GetObjectAclCommand({ Bucket, Key })));
const bucketAclOf = async (Bucket: string) => shown(await s3.send(new GetBucketAclCommand({ Bucket })));

const CANNED: readonly (readonly [ObjectCannedACL, readonly Grant[]])[] = [
  ["private", []],
  ["public-read", [toGroup(GROUPS.all, "READ")]],
  ["public-read-write", [toGroup(GROUPS.all, "READ"), toGroup(GROUPS.all, "WRITE")]],
  ["authenticated-read", [toGroup(GROUPS.authenticated, "READ")]],
  ["aws-exec-read", [toId(EC2_ID, "READ")]],
  ["bucket-owner-read", []],
  ["bucket-owner-full-control", []],
];

for (const [ACL, beside] of CANNED) {
  test(`the canned ACL ${ACL} comes to its grants, given with an object and afterwards`, async (t) => {
    const given = { Bucket: bucket, Key: `given-${ACL}`, ACL };
    await s3.send(new PutObjectCommand({ ...given, Body: "x" }));
    t.deepEqual(await aclOf(given.Key), [{ ID: OUR_ID }, [OWN, ...beside]]);
    const put = { Bucket: bucket, Key: `put-${ACL}`, ACL };
    await s3.send(new PutObjectCommand({ ...put, ACL: "authenticated-read", Body: "x" }));
    await s3.send(new PutObjectAclCommand(put));
    t.deepEqual(await aclOf(put.Key), [{ ID: OUR_ID }, [OWN, ...beside]]);
  });
}

test("another account's object is its own, and canned ACLs name both owners", async (t) => {
  const theirs = toId(THEIR_ID, "FULL_CONTROL");
  for (const [ACL, beside] of [
    [undefined, []],
    ["private", []],
    ["bucket-owner-read", [toId(OUR_ID, "READ")]],
    ["bucket-owner-full-control", [OWN]],
  ] as const) {
    const Key = `theirs-${ACL}`;
    await other.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x", ...(ACL === undefined ? {} : { ACL }) }));
    t.deepEqual(await aclOf(Key), [{ ID: THEIR_ID }, [theirs, ...beside]]);
  }
});

test("an object that leaves its control to a bucket which prefers its owner is the bucket owner's", async (t) => {
  const Bucket = await openBucket("BucketOwnerPreferred");
  const ACL = "bucket-owner-full-control";
  await other.send(new PutObjectCommand({ Bucket, Key: "left", Body: "x", ACL }));
  t.deepEqual(await aclOf("left", Bucket), [{ ID: OUR_ID }, [OWN]]);
  await other.send(new PutObjectCommand({ Bucket, Key: "kept", Body: "x" }));
  t.deepEqual(await aclOf("kept", Bucket), [{ ID: THEIR_ID }, [toId(THEIR_ID, "FULL_CONTROL")]]);
});

test("grants in headers are all that there is, in every permission and for every kind of grantee", async (t) => {
  const at = { Bucket: bucket, Key: "headers" };
  await s3.send(
    new PutObjectCommand({
      ...at,
      Body: "x",
      GrantRead: `id="${THEIR_ID}", uri=${GROUPS.all}`,
      GrantReadACP: `uri="${GROUPS.authenticated}"`,
      GrantWriteACP: `emailAddress="${THEIRS}@example.com"`,
      GrantFullControl: `id=${OUR_ID}`,
    }),
  );
  t.deepEqual(await aclOf("headers"), [
    { ID: OUR_ID },
    [
      toId(THEIR_ID, "READ"),
      toGroup(GROUPS.all, "READ"),
      toGroup(GROUPS.authenticated, "READ_ACP"),
      toId(THEIR_ID, "WRITE_ACP"),
      OWN,
    ],
  ]);
  await s3.send(new PutObjectAclCommand({ ...at, GrantWrite: `id=${THEIR_ID}` }));
  t.deepEqual(await aclOf("headers"), [{ ID: OUR_ID }, [toId(THEIR_ID, "WRITE")]]);
});

test("a document is kept as it stands, addresses by the id that they lead to", async (t) => {
  const at = { Bucket: bucket, Key: "document" };
  await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
  const byAddress: Grant = {
    Grantee: { Type: "AmazonCustomerByEmail", EmailAddress: `${THEIRS}@example.com` },
    Permission: "READ",
  };
  const others = [toGroup(GROUPS.logs, "WRITE"), toId(THEIR_ID, "WRITE_ACP")];
  const Owner = { ID: OUR_ID };
  await s3.send(new PutObjectAclCommand({ ...at, AccessControlPolicy: { Owner, Grants: [byAddress, ...others] } }));
  t.deepEqual(await aclOf("document"), [Owner, [toId(THEIR_ID, "READ"), ...others]]);
  await s3.send(new PutObjectAclCommand({ ...at, AccessControlPolicy: { Owner, Grants: [] } }));
  t.deepEqual(await aclOf("document"), [Owner, []]);
});

test("an answered ACL can be put back", async (t) => {
  const at = { Bucket: bucket, Key: "put-back" };
  await s3.send(new PutObjectCommand({ ...at, Body: "x", ACL: "public-read" }));
  const { Owner, Grants } = await s3.send(new GetObjectAclCommand(at));
  await s3.send(new PutObjectAclCommand({ ...at, ACL: "private" }));
  await s3.send(new PutObjectAclCommand({ ...at, AccessControlPolicy: { Owner, Grants } }));
  t.deepEqual(await aclOf("put-back"), [{ ID: OUR_ID }, [OWN, toGroup(GROUPS.all, "READ")]]);
});

test("an ACL does not change the object, and a copy does not inherit it", async (t) => {
  const at = { Bucket: bucket, Key: "unchanged" };
  await s3.send(new PutObjectCommand({ ...at, Body: "x", Tagging: "a=1", Metadata: { m: "1" } }));
  const before = await s3.send(new HeadObjectCommand(at));
  await s3.send(new PutObjectAclCommand({ ...at, ACL: "public-read" }));
  const after = await s3.send(new HeadObjectCommand(at));
  t.deepEqual(
    [after.ETag, after.LastModified, after.Metadata, after.TagCount],
    [before.ETag, before.LastModified, before.Metadata, before.TagCount],
  );
  const CopySource = `${bucket}/unchanged`;
  await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: "copied", CopySource }));
  t.deepEqual(await aclOf("copied"), [{ ID: OUR_ID }, [OWN]]);
  await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: "copied", CopySource, ACL: "authenticated-read" }));
  t.deepEqual(await aclOf("copied"), [{ ID: OUR_ID }, [OWN, toGroup(GROUPS.authenticated, "READ")]]);
});

test("the ACL of an upload becomes its object's", async (t) => {
  const at = { Bucket: bucket, Key: "in-parts" };
  const { UploadId } = await other.send(new CreateMultipartUploadCommand({ ...at, ACL: "bucket-owner-read" }));
  const part = { ...at, UploadId, PartNumber: 1 };
  const { ETag } = await other.send(new UploadPartCommand({ ...part, Body: "x" }));
  await other.send(
    new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }),
  );
  t.deepEqual(await aclOf("in-parts"), [{ ID: THEIR_ID }, [toId(THEIR_ID, "FULL_CONTROL"), toId(OUR_ID, "READ")]]);
});

test("each version has its own ACL, and answers say which it is", async (t) => {
  const at = { Bucket: await openBucket(), Key: "versions" };
  await s3.send(new PutBucketVersioningCommand({ Bucket: at.Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const { VersionId } = await s3.send(new PutObjectCommand({ ...at, Body: "1" }));
  const { VersionId: latest } = await s3.send(new PutObjectCommand({ ...at, Body: "2" }));
  const put = await server.request("PUT", `/${at.Bucket}/versions?acl&versionId=${VersionId}`, {
    headers: { "x-amz-acl": "public-read" },
  });
  t.is(put.status, 200, String(put.body));
  t.is(put.headers["x-amz-version-id"], VersionId);
  t.deepEqual(await aclOf("versions", at.Bucket), [{ ID: OUR_ID }, [OWN]]);
  const old = await s3.send(new GetObjectAclCommand({ ...at, VersionId }));
  t.deepEqual(old.Grants, [OWN, toGroup(GROUPS.all, "READ")]);
  const got = await server.request("GET", `/${at.Bucket}/versions?acl`, {
    headers: { authorization: `AWS ${OURS}:signature` },
  });
  t.is(got.headers["x-amz-version-id"], latest);
});

test("fact 23: the ACL of a delete marker is refused, and a key whose latest it is has none", async (t) => {
  const at = { Bucket: await openBucket(), Key: "marker" };
  await s3.send(new PutBucketVersioningCommand({ Bucket: at.Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const { VersionId } = await s3.send(new DeleteObjectCommand(at));
  const gone = await failure(s3.send(new GetObjectAclCommand(at)));
  t.deepEqual([gone.name, gone["Key"], gone.$metadata.httpStatusCode], ["NoSuchKey", "marker", 404]);
  t.is(gone.$response?.headers["x-amz-delete-marker"], "true");
  t.is(gone.$response?.headers["x-amz-version-id"], VersionId);
  for (const [method, call] of [
    ["GET", s3.send(new GetObjectAclCommand({ ...at, VersionId }))],
    ["PUT", s3.send(new PutObjectAclCommand({ ...at, VersionId, ACL: "private" }))],
    ["PUT", s3.send(new PutObjectAclCommand({ ...at, ACL: "private" }))],
  ] as const) {
    const error = await failure(call);
    t.is(error.$metadata.httpStatusCode, 405);
    t.deepEqual([error.name, error["Method"], error["ResourceType"]], ["MethodNotAllowed", method, "DeleteMarker"]);
    t.is(error.$response?.headers["allow"], "DELETE");
  }
});

test("the ACL of a missing key is NoSuchKey, to get and to put", async (t) => {
  const at = { Bucket: bucket, Key: "missing" };
  for (const call of [
    s3.send(new GetObjectAclCommand(at)),
    s3.send(new PutObjectAclCommand({ ...at, ACL: "private" })),
  ]) {
    const error = await failure(call);
    t.deepEqual([error.name, error["Key"]], ["NoSuchKey", "missing"]);
  }
});

const BUCKET_CANNED: readonly (readonly [
  BucketCannedACL | ObjectCannedACL | "log-delivery-write",
  readonly Grant[],
])[] = [
  ["authenticated-read", [toGroup(GROUPS.authenticated, "READ")]],
  ["public-read", [toGroup(GROUPS.all, "READ")]],
  ["public-read-write", [toGroup(GROUPS.all, "READ"), toGroup(GROUPS.all, "WRITE")]],
  ["log-delivery-write", [toGroup(GROUPS.logs, "WRITE"), toGroup(GROUPS.logs, "READ_ACP")]],
  ["aws-exec-read", [toId(EC2_ID, "READ")]],
  ["bucket-owner-full-control", []],
  ["private", []],
];

test("fact 1: a new bucket's ACL gives its owner, by id alone, full control", async (t) => {
  const Bucket = await openBucket();
  t.deepEqual(await bucketAclOf(Bucket), [{ ID: OUR_ID }, [OWN]]);
  const answer = await server.request("GET", `/${Bucket}?acl`);
  t.is(
    String(answer.body),
    `<?xml version="1.0" encoding="UTF-8"?>\n<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>${OUR_ID}</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>${OUR_ID}</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>`,
  );
});

test("a bucket's ACL is put as a canned one, in headers and as a document", async (t) => {
  const Bucket = await openBucket();
  for (const [ACL, beside] of BUCKET_CANNED) {
    await s3.send(new PutBucketAclCommand({ Bucket, ACL: ACL as BucketCannedACL }));
    t.deepEqual(await bucketAclOf(Bucket), [{ ID: OUR_ID }, [OWN, ...beside]], ACL);
  }
  await s3.send(new PutBucketAclCommand({ Bucket, GrantWrite: `uri=${GROUPS.logs}`, GrantReadACP: `id=${THEIR_ID}` }));
  t.deepEqual(await bucketAclOf(Bucket), [{ ID: OUR_ID }, [toGroup(GROUPS.logs, "WRITE"), toId(THEIR_ID, "READ_ACP")]]);
  const Grants = [OWN, toId(THEIR_ID, "READ")];
  await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: { Owner: { ID: OUR_ID }, Grants } }));
  t.deepEqual(await bucketAclOf(Bucket), [{ ID: OUR_ID }, Grants]);
});

test("the ACL that CreateBucket was given is the bucket's", async (t) => {
  const Bucket = `acls-created-${process.pid}`;
  const GrantRead = `id=${THEIR_ID}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: "ObjectWriter", GrantRead }));
  t.deepEqual(await bucketAclOf(Bucket), [{ ID: OUR_ID }, [toId(THEIR_ID, "READ")]]);
});

test("a bucket's ACL names the bucket's owner, whoever puts it", async (t) => {
  const Bucket = await openBucket();
  await other.send(new PutBucketAclCommand({ Bucket, ACL: "authenticated-read" }));
  t.deepEqual(await bucketAclOf(Bucket), [{ ID: OUR_ID }, [OWN, toGroup(GROUPS.authenticated, "READ")]]);
});
