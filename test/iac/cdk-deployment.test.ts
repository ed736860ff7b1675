/**
 * What the CDK's BucketDeployment does, by the policies that the CDK gives its function: an archive is read from the staging bucket,
 * its files are synchronized to the destination with their metadata, what is no longer there is pruned, and all of it is deleted in
 * the end. Its function runs the AWS CLI; where there is one, it is run too.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3_deployment-readme.html
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Credentials } from "@aws-sdk/client-sts";
import test from "ava";
import { newFolder, writeOldFile } from "../interop/folders.ts";
import { isThere, run } from "../interop/programs.ts";
import { failure, outcome } from "../services/s3/client.ts";
import { ACCOUNT, documentOf, startStack, trusting, type Actor, type Stack } from "./stack.ts";

const STAGING = `cdk-hnb659fds-assets-${ACCOUNT}-us-east-1`;
const SITE = "site";
const ARCHIVE = `${"0".repeat(64)}.zip`;
const arnsOf = (bucket: string): string[] => [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];

/** What the CDK grants its function: to read the assets, and to read and write the destination. */
const GRANTED = documentOf(
  { Action: ["s3:GetBucket*", "s3:GetObject*", "s3:List*"], Effect: "Allow", Resource: arnsOf(STAGING) },
  {
    Action: [
      "s3:Abort*",
      "s3:DeleteObject*",
      "s3:GetBucket*",
      "s3:GetObject*",
      "s3:List*",
      "s3:PutObject",
      "s3:PutObjectLegalHold",
      "s3:PutObjectRetention",
      "s3:PutObjectTagging",
      "s3:PutObjectVersionTagging",
    ],
    Effect: "Allow",
    Resource: arnsOf(SITE),
  },
);

const OWNED = { Key: "aws-cdk:cr-owned:www:5d3f2a1b", Value: "true" };

/** The stack of a site: its bucket, the archive among the assets, and the function's role. It answers a session of the function. */
const deployStack = async ({ root }: Stack): Promise<Credentials | undefined> => {
  const { s3, iam, sts } = root;
  for (const Bucket of [STAGING, SITE]) await s3.createBucket({ Bucket });
  await s3.putBucketTagging({ Bucket: SITE, Tagging: { TagSet: [OWNED] } });
  await s3.putObject({ Bucket: STAGING, Key: ARCHIVE, Body: "PK", ContentType: "application/zip" });
  const RoleName = "deployment-function";
  const AssumeRolePolicyDocument = trusting({
    Service: "lambda.amazonaws.com",
    AWS: `arn:aws:iam::${ACCOUNT}:root`,
  });
  await iam.createRole({ RoleName, AssumeRolePolicyDocument });
  await iam.putRolePolicy({ RoleName, PolicyName: "default", PolicyDocument: GRANTED });
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${RoleName}`;
  return (await sts.assumeRole({ RoleArn, RoleSessionName: "function" })).Credentials;
};

type File = { readonly text: string; readonly ContentType: string };
type Files = Readonly<Record<string, File>>;

const METADATA = { CacheControl: "max-age=60", Metadata: { build: "7" } };

/** What `aws s3 sync --delete` calls for a folder of these files, which are all newer than what is there. */
const sync = async ({ s3 }: Actor, files: Files, prefix: string): Promise<string[]> => {
  const list = { Bucket: SITE, Prefix: prefix, EncodingType: "url" as const };
  const { Contents = [] } = await s3.listObjectsV2(list);
  const there = new Map(Contents.map(({ Key = "", Size }) => [decodeURIComponent(Key.replaceAll("+", " ")), Size]));
  const calls: string[] = [];
  for (const [name, { text, ContentType }] of Object.entries(files)) {
    const Key = `${prefix}${name}`;
    if (there.get(Key) === text.length) continue;
    await s3.putObject({ Bucket: SITE, Key, Body: text, ContentType, ...METADATA });
    calls.push(`put ${Key}`);
  }
  for (const Key of there.keys()) {
    if (files[Key.slice(prefix.length)] !== undefined) continue;
    await s3.deleteObject({ Bucket: SITE, Key });
    calls.push(`delete ${Key}`);
  }
  return calls;
};

const HTML = "text/html";
const FIRST: Files = {
  "index.html": { text: "<h1>one</h1>", ContentType: HTML },
  "a b+c.css": { text: "p {}", ContentType: "text/css" },
  "old/gone.js": { text: "0;", ContentType: "application/javascript" },
};
const SECOND: Files = {
  "index.html": { text: "<h1>second</h1>", ContentType: HTML },
  "a b+c.css": { text: "p {}", ContentType: "text/css" },
};

test("a deployment reads its archive, puts what changed, prunes what is gone, and does nothing the second time", async (t) => {
  const stack = await startStack(t);
  const session = stack.actor(await deployStack(stack));
  const { s3 } = session;
  t.is((await s3.headObject({ Bucket: STAGING, Key: ARCHIVE })).ContentLength, 2);
  t.is(await (await s3.getObject({ Bucket: STAGING, Key: ARCHIVE })).Body?.transformToString(), "PK");
  t.deepEqual(await sync(session, FIRST, "www/"), ["put www/index.html", "put www/a b+c.css", "put www/old/gone.js"]);
  t.deepEqual(await sync(session, FIRST, "www/"), []);
  t.deepEqual(await sync(session, SECOND, "www/"), ["put www/index.html", "delete www/old/gone.js"]);
  const page = await s3.getObject({ Bucket: SITE, Key: "www/index.html" });
  t.is(await page.Body?.transformToString(), "<h1>second</h1>");
  t.like(page, { ContentType: HTML, ...METADATA });
  const { Contents } = await s3.listObjectsV2({ Bucket: SITE });
  t.deepEqual(
    Contents?.map(({ Key }) => Key),
    ["www/a b+c.css", "www/index.html"],
  );
});

test("metadata of what is there is replaced by a copy onto itself, which must say so", async (t) => {
  const stack = await startStack(t);
  const session = stack.actor(await deployStack(stack));
  const { s3 } = session;
  await sync(session, FIRST, "");
  const Key = "a b+c.css";
  const onto = { Bucket: SITE, Key, CopySource: `${SITE}/${encodeURIComponent(Key)}` };
  t.is((await failure(s3.copyObject(onto))).name, "InvalidRequest");
  const replaced = { CacheControl: "no-store", ContentType: "text/css", Metadata: { build: "8" } };
  await s3.copyObject({ ...onto, MetadataDirective: "REPLACE", ...replaced });
  const head = await s3.headObject({ Bucket: SITE, Key });
  t.like(head, replaced);
  t.is(head.ContentLength, 4);
  t.deepEqual(await outcome(s3.putObjectAcl({ Bucket: SITE, Key, ACL: "private" })), ["AccessDenied", 403]);
});

test("a deployment that is deleted looks by its tags whether another one has the files, and removes them", async (t) => {
  const stack = await startStack(t);
  const session = stack.actor(await deployStack(stack));
  const { s3 } = session;
  await sync(session, FIRST, "");
  t.deepEqual((await s3.getBucketTagging({ Bucket: SITE })).TagSet, [OWNED]);
  await stack.root.s3.deleteBucketTagging({ Bucket: SITE });
  t.deepEqual(await outcome(s3.getBucketTagging({ Bucket: SITE })), ["NoSuchTagSet", 404]);
  t.deepEqual(await outcome(stack.root.s3.deleteBucket({ Bucket: SITE })), ["BucketNotEmpty", 409]);
  const Objects = Object.keys(FIRST).map((Key) => ({ Key }));
  const { Deleted, Errors } = await s3.deleteObjects({ Bucket: SITE, Delete: { Objects } });
  t.deepEqual([Deleted, Errors], [Objects, undefined]);
  await stack.root.s3.deleteBucket({ Bucket: SITE });
  t.deepEqual(await outcome(s3.listObjectsV2({ Bucket: SITE })), ["NoSuchBucket", 404]);
});

test("the CLI does by the function's role what the function has it do", async (t) => {
  if (!(await isThere(t, "aws", "--version"))) return;
  const stack = await startStack(t);
  const issued = await deployStack(stack);
  const env = stack.environment(issued);
  const cwd = await newFolder(t);
  const aws = async (...words: string[]): Promise<string[]> => {
    const { code, output } = await run("aws", words, { cwd, env });
    t.is(code, 0, `aws ${words.join(" ")}: ${output}`);
    return output
      .split("\n")
      .filter((line) => line !== "")
      .toSorted();
  };
  const contents = join(cwd, "contents");
  await mkdir(join(contents, "old"), { recursive: true });
  for (const [name, { text }] of Object.entries(FIRST)) await writeOldFile(join(contents, name), text);
  await aws("s3", "cp", `s3://${STAGING}/${ARCHIVE}`, join(cwd, "archive"), "--no-progress");
  const metadata = ["--cache-control", "max-age=60", "--metadata", '{"build":"7"}', "--metadata-directive", "REPLACE"];
  const syncOnce = () => aws("s3", "sync", "--delete", contents, `s3://${SITE}/www`, "--no-progress", ...metadata);
  t.is((await syncOnce()).length, 3);
  t.deepEqual(await syncOnce(), []);
  await rm(join(contents, "old"), { recursive: true });
  t.deepEqual(await syncOnce(), [`delete: s3://${SITE}/www/old/gone.js`]);
  const head = await stack.root.s3.headObject({ Bucket: SITE, Key: "www/index.html" });
  t.like(head, { ContentType: HTML, ...METADATA });
  t.deepEqual(await aws("s3", "rm", `s3://${SITE}/www`, "--recursive"), [
    `delete: s3://${SITE}/www/a b+c.css`,
    `delete: s3://${SITE}/www/index.html`,
  ]);
});
