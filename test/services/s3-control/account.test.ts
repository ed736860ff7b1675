/** The public access block of an account, tags of what an ARN names, and what S3 Control answers to requests that are none. */
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand as DeleteBucketBlockCommand,
  GetBucketTaggingCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import {
  CreateAccessPointCommand,
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  ListTagsForResourceCommand,
  PutAccessPointPolicyCommand,
  PutPublicAccessBlockCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type PublicAccessBlockConfiguration,
  type Tag,
} from "@aws-sdk/client-s3-control";
import test from "ava";
import { startTestServer, type RawRequest, type RawResponse } from "../../support/server.ts";

const ACCOUNT = "123456789012";
const OTHER = "210987654321";
const server = await startTestServer();
test.after.always(() => server.close());
const control = server.s3Control();

const blockOf = async (accountId: string) => {
  const own = server.s3Control({ accountId });
  return (await own.send(new GetPublicAccessBlockCommand({ AccountId: accountId }))).PublicAccessBlockConfiguration;
};
const putBlock = (accountId: string, block: PublicAccessBlockConfiguration) =>
  server
    .s3Control({ accountId })
    .send(new PutPublicAccessBlockCommand({ AccountId: accountId, PublicAccessBlockConfiguration: block }));

test("an account has no block until one is put, and none again once it is deleted", async (t) => {
  const accountId = "555555555555";
  const missing = {
    name: "NoSuchPublicAccessBlockConfiguration",
    message: "The public access block configuration was not found",
    AccountId: accountId,
    $metadata: { httpStatusCode: 404 },
  };
  t.like(await t.throwsAsync(blockOf(accountId)), missing);
  await putBlock(accountId, { BlockPublicAcls: true });
  t.deepEqual(await blockOf(accountId), {
    BlockPublicAcls: true,
    IgnorePublicAcls: false,
    BlockPublicPolicy: false,
    RestrictPublicBuckets: false,
  });
  t.like(await t.throwsAsync(putBlock(accountId, {})), {
    name: "InvalidRequest",
    message: "Must specify at least one configuration.",
  });
  const own = server.s3Control({ accountId });
  for (let times = 0; times < 2; times += 1) {
    const deleted = await own.send(new DeletePublicAccessBlockCommand({ AccountId: accountId }));
    t.is(deleted.$metadata.httpStatusCode, 204);
  }
  t.like(await t.throwsAsync(blockOf(accountId)), missing);
});

test("the account of a request must be its caller's", async (t) => {
  const denied = { name: "AccessDenied", message: "Access Denied" };
  await t.throwsAsync(control.send(new GetPublicAccessBlockCommand({ AccountId: OTHER })), denied);
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
  const put = new PutPublicAccessBlockCommand({ AccountId: OTHER, PublicAccessBlockConfiguration });
  await t.throwsAsync(control.send(put), denied);
  await t.throwsAsync(blockOf(OTHER), { name: "NoSuchPublicAccessBlockConfiguration" });
});

test("the account's block refuses public ACLs and policies that the bucket's would let through", async (t) => {
  const accountId = "666666666666";
  const s3 = server.s3({ accountId });
  const Bucket = "of-a-blocked-account";
  await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: "ObjectWriter" }));
  await s3.send(new DeleteBucketBlockCommand({ Bucket }));
  const Statement = { Effect: "Allow", Principal: "*", Action: "s3:GetObject" };
  const policyOn = (Resource: string): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ ...Statement, Resource }] });
  const putAcl = () => s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", ACL: "public-read" }));
  const putPolicy = () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policyOn(`arn:aws:s3:::${Bucket}/*`) }));
  await putAcl();
  await putBlock(accountId, { BlockPublicAcls: true, BlockPublicPolicy: true });
  await t.throwsAsync(putAcl(), { name: "AccessDenied", message: /prevented by the BlockPublicAcls setting/ });
  await t.throwsAsync(putPolicy(), { name: "AccessDenied", message: /prevented by the BlockPublicPolicy setting/ });
  const own = server.s3Control({ accountId });
  const point = { AccountId: accountId, Name: "of-blocked" };
  await own.send(new CreateAccessPointCommand({ ...point, Bucket, PublicAccessBlockConfiguration: {} }));
  const Policy = policyOn(`arn:aws:s3:us-east-1:${accountId}:accesspoint/of-blocked/object/*`);
  const putPointPolicy = () => own.send(new PutAccessPointPolicyCommand({ ...point, Policy }));
  await t.throwsAsync(putPointPolicy(), {
    name: "AccessDenied",
    message: /prevented by the BlockPublicPolicy setting/,
  });
  await own.send(new DeletePublicAccessBlockCommand({ AccountId: accountId }));
  await putAcl();
  await putPolicy();
  await putPointPolicy();
  t.pass();
});

const tagsOf = async (ResourceArn: string) =>
  (await control.send(new ListTagsForResourceCommand({ AccountId: ACCOUNT, ResourceArn }))).Tags;
const tag = (ResourceArn: string, Tags: Tag[]) =>
  control.send(new TagResourceCommand({ AccountId: ACCOUNT, ResourceArn, Tags }));
const untag = (ResourceArn: string, TagKeys: string[]) =>
  control.send(new UntagResourceCommand({ AccountId: ACCOUNT, ResourceArn, TagKeys }));

test("a bucket's tags are added to and taken from one by one, and are those of GetBucketTagging", async (t) => {
  const s3 = server.s3();
  const [Bucket, arn] = ["tagged", "arn:aws:s3:::tagged"];
  await s3.send(new CreateBucketCommand({ Bucket }));
  t.deepEqual(await tagsOf(arn), []);
  const added = await tag(arn, [
    { Key: "key1", Value: "value1" },
    { Key: "key2", Value: "old" },
  ]);
  t.is(added.$metadata.httpStatusCode, 204);
  await tag(arn, [{ Key: "key2", Value: "value2" }]);
  await tag(arn, [{ Key: "key/3 +-=._:@", Value: "" }]);
  const all = [
    { Key: "key1", Value: "value1" },
    { Key: "key2", Value: "value2" },
    { Key: "key/3 +-=._:@", Value: "" },
  ];
  t.deepEqual(await tagsOf(arn), all);
  t.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, all);
  for (let times = 0; times < 2; times += 1) {
    t.is((await untag(arn, ["key/3 +-=._:@", "key1"])).$metadata.httpStatusCode, 204);
    t.deepEqual(await tagsOf(arn), [{ Key: "key2", Value: "value2" }]);
  }
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: "only", Value: "one" }] } }));
  t.deepEqual(await tagsOf(arn), [{ Key: "only", Value: "one" }]);
  await untag(arn, ["only"]);
  await t.throwsAsync(s3.send(new GetBucketTaggingCommand({ Bucket })), { name: "NoSuchTagSet" });
});

test("an access point has tags from its creation on, and loses them with it", async (t) => {
  await server.s3().send(new CreateBucketCommand({ Bucket: "tagged-behind" }));
  const point = { AccountId: ACCOUNT, Name: "tagged-point", Bucket: "tagged-behind" };
  const { AccessPointArn: arn = "" } = await control.send(
    new CreateAccessPointCommand({ ...point, Tags: [{ Key: "a", Value: "1" }] }),
  );
  t.deepEqual(await tagsOf(arn), [{ Key: "a", Value: "1" }]);
  await tag(arn, [{ Key: "b", Value: "2" }]);
  await untag(arn, ["a"]);
  t.deepEqual(await tagsOf(arn), [{ Key: "b", Value: "2" }]);
});

const INVALID =
  "This request contains a tag key or value that isn't valid. Valid characters include the following: [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters.";

test("TagResource refuses tags that AWS refuses, and changes none", async (t) => {
  await server.s3().send(new CreateBucketCommand({ Bucket: "untagged" }));
  const arn = "arn:aws:s3:::untagged";
  const many = (count: number, prefix = ""): Tag[] =>
    Array.from({ length: count }, (_, at) => ({ Key: `${prefix}${at}`, Value: "" }));
  const doubled = "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.";
  const cases: readonly (readonly [Tag[], string, string | RegExp])[] = [
    [[{ Key: "aws:x", Value: "" }], "InvalidTag", /^User-defined tag keys can't start with "aws:"/],
    [
      [
        { Key: "a", Value: "1" },
        { Key: "a", Value: "2" },
      ],
      "InvalidTag",
      doubled,
    ],
    [[{ Key: "a", Value: "value,with,comma" }], "InvalidTag", INVALID],
    [[{ Key: "key,", Value: "" }], "InvalidTag", INVALID],
    [[{ Key: "", Value: "" }], "InvalidTag", INVALID],
    [[{ Key: "k".repeat(129), Value: "" }], "InvalidTag", INVALID],
    [[{ Key: "k", Value: "v".repeat(257) }], "InvalidTag", INVALID],
    [[{ Key: undefined, Value: "v" }], "MalformedXML", /did not validate/],
    [[{ Key: "k", Value: undefined }], "MalformedXML", /did not validate/],
    [many(51), "TooManyTags", /limit of 50/],
  ];
  for (const [tags, name, message] of cases) {
    await t.throwsAsync(tag(arn, tags), { name, message }, JSON.stringify(tags).slice(0, 100));
  }
  t.deepEqual(await tagsOf(arn), []);
  await tag(arn, many(50));
  await t.throwsAsync(tag(arn, many(1, "more")), { name: "TooManyTags" });
  t.is((await tagsOf(arn))?.length, 50);
});

test("tags of what is not there, or another account's, are refused", async (t) => {
  await server.s3({ accountId: OTHER }).send(new CreateBucketCommand({ Bucket: "tagged-foreign" }));
  for (const [arn, name] of [
    ["arn:aws:s3:::no-such-bucket-here", "NoSuchResource"],
    [`arn:aws:s3:us-east-1:${ACCOUNT}:accesspoint/no-such-point`, "NoSuchResource"],
    [`arn:aws:s3:us-east-1:${ACCOUNT}:storage-lens-group/none`, "NoSuchResource"],
    ["arn:aws:s3:::tagged-foreign", "AccessDenied"],
    [`arn:aws:s3:us-east-1:${OTHER}:accesspoint/foreign`, "AccessDenied"],
  ] as const) {
    await t.throwsAsync(tagsOf(arn), { name });
    await t.throwsAsync(tag(arn, [{ Key: "k", Value: "v" }]), { name });
    await t.throwsAsync(untag(arn, ["k"]), { name });
  }
});

const raw = (method: string, path: string, request: RawRequest = {}): Promise<RawResponse> =>
  server.request(method, path, { ...request, headers: { "x-amz-account-id": ACCOUNT, ...request.headers } });

const codeOf = ({ status, body }: RawResponse): readonly [number, string | undefined] => [
  status,
  /<ErrorResponse><Error><Code>(\w+)<\/Code>/.exec(body.toString())?.[1],
];

test("errors stand within another element, with the ids outside", async (t) => {
  const answer = await raw("GET", "/v20180820/accesspoint/nobodys");
  const requestId = String(answer.headers["x-amz-request-id"]);
  const hostId = String(answer.headers["x-amz-id-2"]);
  t.is(
    answer.body.toString(),
    `<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse><Error><Code>NoSuchAccessPoint</Code><Message>The specified accesspoint does not exist</Message><AccessPointName>nobodys</AccessPointName></Error><RequestId>${requestId}</RequestId><HostId>${hostId}</HostId></ErrorResponse>`,
  );
});

test("an operation that is not built is 501 by its name; other paths and methods are AWS's errors", async (t) => {
  const jobs = await raw("POST", "/v20180820/jobs");
  t.deepEqual(codeOf(jobs), [501, "NotImplemented"]);
  t.regex(jobs.body.toString(), /The S3 Control operation CreateJob is not implemented\./);
  const scope = await raw("PUT", "/v20180820/accesspoint/x/scope");
  t.regex(scope.body.toString(), /PutAccessPointScope/);
  const patch = await raw("PATCH", "/v20180820/accesspoint/name");
  t.deepEqual(codeOf(patch), [405, "MethodNotAllowed"]);
  t.deepEqual(String(patch.headers["allow"]).split(", ").toSorted(), ["DELETE", "GET", "PUT"]);
  t.deepEqual(codeOf(await raw("GET", "/v20180820/nothing/of/the/kind")), [400, "InvalidURI"]);
  t.deepEqual(codeOf(await raw("GET", "/v20180820/accesspoint/%ff")), [400, "InvalidURI"]);
});

test("a request that names no account, or none that is one, is refused", async (t) => {
  const host = { host: `${ACCOUNT}.s3-control.us-east-1.localhost` };
  const none = await server.request("GET", "/v20180820/accesspoint", { headers: host });
  t.deepEqual(codeOf(none), [400, "InvalidRequest"]);
  t.regex(none.body.toString(), /Missing required header for this request: x-amz-account-id/);
  t.deepEqual(codeOf(await raw("GET", "/v20180820/accesspoint", { headers: { "x-amz-account-id": "me" } })), [
    400,
    "InvalidRequest",
  ]);
  t.is((await raw("GET", "/v20180820/accesspoint", { headers: host })).status, 200);
});

const BLOCK = "/v20180820/configuration/publicAccessBlock";

test("documents that are none are MalformedXML, and change nothing", async (t) => {
  const block = (content: string): string =>
    `<PublicAccessBlockConfiguration>${content}</PublicAccessBlockConfiguration>`;
  const point = (content: string): string => `<CreateAccessPointRequest>${content}</CreateAccessPointRequest>`;
  const cases: readonly (readonly [string, string, string])[] = [
    ["PUT", BLOCK, "no document"],
    ["PUT", BLOCK, block("<BlockPublicAcls>maybe</BlockPublicAcls>")],
    ["PUT", BLOCK, block("<Unknown>true</Unknown>")],
    ["PUT", BLOCK, block("<BlockPublicAcls>true</BlockPublicAcls><BlockPublicAcls>true</BlockPublicAcls>")],
    ["PUT", BLOCK, "<Other/>"],
    ["PUT", BLOCK, block("<BlockPublicAcls>true</BlockPublicAcls>").slice(0, -1)],
    ["PUT", "/v20180820/accesspoint/malformed", point("")],
    ["PUT", "/v20180820/accesspoint/malformed", point("<Bucket>b</Bucket><Bucket>b</Bucket>")],
    ["PUT", "/v20180820/accesspoint/malformed", point("<Bucket>b</Bucket><VpcConfiguration/>")],
    ["PUT", "/v20180820/accesspoint/malformed", point("<Bucket>b</Bucket><Tags><Tag><Key>k</Key></Tag></Tags>")],
    ["PUT", "/v20180820/accesspoint/malformed/policy", "<PutAccessPointPolicyRequest/>"],
    ["POST", "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab", "<TagResourceRequest/>"],
  ];
  for (const [method, path, body] of cases) {
    t.deepEqual(codeOf(await raw(method, path, { body })), [400, "MalformedXML"], `${path} ${body}`);
  }
  t.deepEqual(codeOf(await raw("PUT", BLOCK)), [400, "MissingRequestBodyError"]);
  t.deepEqual(codeOf(await raw("GET", BLOCK)), [404, "NoSuchPublicAccessBlockConfiguration"]);
  t.deepEqual(codeOf(await raw("DELETE", "/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab")), [400, "InvalidArgument"]);
  t.deepEqual(codeOf(await raw("GET", "/v20180820/accesspoint?maxResults=many")), [400, "InvalidArgument"]);
});
