import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import test, { type ExecutionContext } from "ava";
import { UsageError } from "../../src/config-values.ts";
import { readSeedDirectory } from "../../src/seed/directory.ts";
import { writeFiles } from "../cli/processes.ts";

const ONE = "111111111111";

const read = async (t: ExecutionContext, files: Readonly<Record<string, string>>) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "standin-seed-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFiles(folder, files);
  return readSeedDirectory(folder, { nowMs: 5 });
};

const refused = async (t: ExecutionContext, files: Readonly<Record<string, string>>, line: RegExp): Promise<void> => {
  const error = await t.throwsAsync<UsageError>(read(t, files), { instanceOf: UsageError });
  t.regex(error?.message ?? "", line);
  t.false(error?.message.includes("\n"), error?.message);
};

test("an empty bucket.yaml makes an empty bucket", async (t) => {
  const [account] = await read(t, { [`${ONE}/empty/bucket.yaml`]: "" });
  t.like(account?.buckets[0]?.line, {
    name: "empty",
    region: "us-east-1",
    partition: "aws",
    createdAtMs: 5,
    versioning: "Unversioned",
    objectOwnership: "BucketOwnerEnforced",
    configurations: {},
  });
  t.deepEqual(account?.buckets[0]?.objects, []);
});

test("objects stand in the order of their keys' bytes, whatever their files are called", async (t) => {
  const [account] = await read(t, {
    [`${ONE}/bucket/\uFF21`]: "",
    [`${ONE}/bucket/\u{1F600}`]: "",
    [`${ONE}/bucket/a%2Fb`]: "",
    [`${ONE}/bucket/a/a`]: "",
    [`${ONE}/bucket/%2E%2E`]: "",
  });
  t.deepEqual(
    account?.buckets[0]?.objects.map(({ key }) => key),
    ["..", "a/a", "a/b", "\uFF21", "\u{1F600}"],
  );
});

test("the region says the partition", async (t) => {
  const [account] = await read(t, { [`${ONE}/chinese/bucket.yaml`]: "region: cn-north-1" });
  t.is(account?.buckets[0]?.line.partition, "aws-cn");
});

test("what a seed cannot be is refused with the file and the reason", async (t) => {
  const settings = (yaml: string) => ({ [`${ONE}/bucket/bucket.yaml`]: yaml });
  const side = (yaml: string) => ({ [`${ONE}/bucket/k`]: "", [`${ONE}/bucket/k.metadata.yaml`]: yaml });
  await refused(t, { "readme.txt": "" }, /readme\.txt: is not the folder of an account$/);
  await refused(t, { "111/bucket/k": "" }, /111: an account's folder is named by its twelve digits$/);
  await refused(t, { [`${ONE}/k`]: "" }, /k: is not the folder of a bucket$/);
  await refused(t, { [`${ONE}/No/k`]: "" }, /No: S3 takes no bucket of this name$/);
  await refused(
    t,
    { [`${ONE}/same/k`]: "", "222222222222/same/k": "" },
    /222222222222\/same: account 111111111111 has a bucket of this name$/,
  );
  await refused(t, { [`${ONE}/bucket/100%`]: "" }, /100%: a percent sign in a name is written %25$/);
  await refused(t, { [`${ONE}/bucket/a%FF`]: "" }, /a%FF: a percent sign/);
  await refused(
    t,
    { [`${ONE}/bucket/k.metadata.yaml`]: "" },
    /is beside no file; a key that ends like this is written with %2E$/,
  );
  await refused(t, { [`${ONE}/bucket/a/b`]: "", [`${ONE}/bucket/a%2Fb`]: "" }, /is of the same key "a\/b"$/);
  await refused(t, settings("lifecycle: {}"), /bucket\.yaml: lifecycle: a seed cannot say this; it can say region, /);
  await refused(t, settings("region: [1"), /bucket\.yaml: /);
  await refused(t, settings("- a"), /bucket\.yaml: is not a mapping/);
  await refused(t, settings("region: mars-1"), /bucket\.yaml: region: there is no region mars-1$/);
  await refused(t, settings("versioning: on"), /versioning: must be Enabled or Suspended$/);
  await refused(t, settings("tags: { a: 1 }"), /tags: a must be a text; put quotes around it$/);
  await refused(t, settings('tags: { "aws:a": b }'), /tags: InvalidTag: System tags/);
  await refused(t, settings("encryption: { Rules: [] }"), /encryption: MalformedXML: /);
  await refused(t, settings("encryption: yes"), /encryption: is not as S3's API writes it$/);
  await refused(t, settings("publicAccessBlock: { Block: true }"), /publicAccessBlock: Block is none of /);
  await refused(t, settings("objectLock: { ObjectLockEnabled: Disabled }"), /objectLock: MalformedXML: /);
  await refused(t, settings("acl: everyone"), /acl: must be a canned ACL$/);
  await refused(
    t,
    side("content-type: a"),
    /k\.metadata\.yaml: content-type: a seed cannot say this; it can say key, contentType/,
  );
  await refused(t, side("storageClass: COLD"), /storageClass: InvalidStorageClass: /);
  await refused(t, side("lastModified: soon"), /lastModified: must be a time like /);
  await refused(t, side("websiteRedirectLocation: nowhere"), /k\.metadata\.yaml: InvalidRedirectLocation: /);
  await refused(t, side(`key: ${"k".repeat(1_025)}`), /key: KeyTooLongError: /);
});
