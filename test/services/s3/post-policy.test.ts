/** Who may upload what by a browser's form, by signature, policy and auth mode. */
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { call } from "../../control/control-plane.ts";
import { startTestServer, type RawResponse, type TestServer } from "../../support/server.ts";
import { element, sendSigned, type Keys } from "../../support/signed.ts";
import {
  BOUNDARY,
  encodeForm,
  encodePolicy,
  postForm,
  signFormV2,
  signFormV4,
  type Fields,
} from "../../support/post-form.ts";

const KEYS = { accessKeyId: "AKIASTANDINPOST00002", secretAccessKey: "secret" };
const UNKNOWN = { accessKeyId: "AKIANOBODYKNOWSTHIS0", secretAccessKey: "x" };
const BUCKET = "post-policy";

const start = async (authMode: "strict" | "lenient" | "off"): Promise<TestServer> => {
  const server = await startTestServer({ authMode });
  const body = { accountId: "123456789012", ...KEYS };
  await call(server.running.controlUrl, "AccountService/CreateAccessKey", { body });
  await sendSigned(server, KEYS, { method: "PUT", path: `/${BUCKET}` });
  return server;
};

const servers = {
  strict: await start("strict"),
  lenient: await start("lenient"),
  off: await start("off"),
};
test.after.always(() => Promise.all(Object.values(servers).map((server) => server.close())));

const { strict, lenient, off } = servers;

const post = (server: TestServer, fields: Fields, content = "12345"): Promise<RawResponse> =>
  postForm(server, BUCKET, { fields, file: { content } });

const said = (answer: RawResponse): string => {
  const message = element(answer, "Message")?.replaceAll("&quot;", '"').replaceAll("&apos;", "'");
  return answer.status < 400 ? String(answer.status) : `${answer.status} ${element(answer, "Code")} ${message}`;
};

/** Names of the elements within Error, in their order. */
const elements = ({ body }: RawResponse): string[] =>
  [...String(body).matchAll(/<(\w[\w-]*)>[^<]*<\/\1>/g)].map(([, name = ""]) => name);

const conditions = [{ bucket: BUCKET }];
const signed = (options: Parameters<typeof signFormV4>[1] = {}): Fields =>
  signFormV4(KEYS, { fields: { key: "k" }, conditions, ...options });

test("fact 53 of POST: a wrong signature is answered with the policy that was signed, and no canonical request", async (t) => {
  const wrong = { ...KEYS, secretAccessKey: "wrong" };
  for (const fields of [
    signFormV4(wrong, { fields: { key: "k" }, conditions }),
    signFormV2(wrong, { fields: { key: "k" }, conditions }),
  ]) {
    const policy = fields["Policy"] ?? fields["policy"] ?? "";
    const answer = await post(lenient, fields);
    t.is(answer.status, 403);
    t.is(element(answer, "StringToSign"), policy);
    t.is(element(answer, "SignatureProvided"), fields["X-Amz-Signature"] ?? fields["signature"]);
    t.is(element(answer, "StringToSignBytes"), (Buffer.from(policy).toString("hex").match(/../g) ?? []).join(" "));
    t.deepEqual(elements(answer), [
      "Code",
      "Message",
      "AWSAccessKeyId",
      "StringToSign",
      "SignatureProvided",
      "StringToSignBytes",
      "RequestId",
      "HostId",
    ]);
  }
  const cut = signed();
  const policy = cut["Policy"]?.slice(0, -2) ?? "";
  t.is(element(await post(lenient, { ...cut, Policy: policy }), "Code"), "SignatureDoesNotMatch");
});

test("fact 57: a field that a signed form lacks is asked for by its name", async (t) => {
  const without = async (fields: Fields, ...names: string[]): Promise<RawResponse> =>
    post(lenient, Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name))));
  const v2 = signFormV2(KEYS, { fields: { key: "k" }, conditions });
  for (const [answer, name] of [
    [await without(signed(), "X-Amz-Signature"), "X-Amz-Signature"],
    [await without(signed(), "X-Amz-Algorithm", "X-Amz-Credential"), "X-Amz-Algorithm"],
    [await without(signed(), "X-Amz-Date"), "X-Amz-Date"],
    [await without(v2, "signature"), "Signature"],
    [await without(v2, "AWSAccessKeyId"), "AWSAccessKeyId"],
  ] as const) {
    t.is(
      said(answer),
      `400 InvalidArgument Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    );
    t.is(element(answer, "ArgumentName"), name);
    t.is(element(answer, "ArgumentValue"), "");
  }
});

test("fact 57: a policy ends when it says, for unknown keys too", async (t) => {
  const expired = { fields: { key: "k" }, conditions, expiresAtMs: Date.now() - 2000 };
  for (const fields of [signed(expired), signFormV2(KEYS, expired), signFormV4(UNKNOWN, expired)]) {
    t.is(said(await post(lenient, fields)), "403 AccessDenied Invalid according to Policy: Policy expired.");
  }
});

test("fact 57: conditions and fields are held against each other before anything is stored", async (t) => {
  const failed = (list: string) => `403 AccessDenied Invalid according to Policy: Policy Condition failed: ${list}`;
  const changed = { ...signed(), key: "other" };
  t.is(said(await post(lenient, changed)), failed('["eq", "$key", "k"]'));
  t.is(
    said(await post(lenient, { ...signFormV4(UNKNOWN, { fields: { key: "k" } }), key: "v" })),
    failed('["eq", "$key", "k"]'),
  );
  const elsewhere = signFormV4(KEYS, { fields: { key: "k" }, conditions: [{ bucket: "elsewhere" }] });
  t.is(said(await post(lenient, elsewhere)), failed('["eq", "$bucket", "elsewhere"]'));
  t.is(
    said(await post(lenient, { ...signed(), "x-amz-meta-a": "1" })),
    "403 AccessDenied Invalid according to Policy: Extra input fields: x-amz-meta-a",
  );
  const two = [{ bucket: BUCKET, key: "k" }];
  t.is(
    said(await post(lenient, signed({ conditions: two }))),
    "400 InvalidPolicyDocument Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
  );
  t.is(
    said(await post(lenient, signed({ policy: encodePolicy({}) }))),
    "400 InvalidPolicyDocument Invalid Policy: Policy missing expiration.",
  );
  const other = await sendSigned(lenient, KEYS, { path: `/${BUCKET}/other` });
  t.is(other.status, 404);
});

test("fact 57: a file outside its policy's range is refused with its size and the bound", async (t) => {
  const ranged = (key: string) =>
    signFormV4(KEYS, { fields: { key }, conditions: [...conditions, ["content-length-range", 5, 10]] });
  for (const content of ["12345", "1234567890"]) t.is(said(await post(lenient, ranged("fits"), content)), "204");
  const large = await post(lenient, ranged("large"), "123456789012");
  t.is(said(large), "400 EntityTooLarge Your proposed upload exceeds the maximum allowed size");
  t.deepEqual(elements(large).slice(2, 4), ["ProposedSize", "MaxSizeAllowed"]);
  t.deepEqual([element(large, "ProposedSize"), element(large, "MaxSizeAllowed")], ["12", "10"]);
  const small = await post(lenient, ranged("small"), "1");
  t.is(said(small), "400 EntityTooSmall Your proposed upload is smaller than the minimum allowed size");
  t.deepEqual([element(small, "ProposedSize"), element(small, "MinSizeAllowed")], ["1", "5"]);
  const huge = await post(lenient, ranged("huge"), "x".repeat(1_000_000));
  t.is(element(huge, "ProposedSize"), "1000000");
  for (const Key of ["large", "small", "huge"]) {
    await t.throwsAsync(lenient.s3().send(new HeadObjectCommand({ Bucket: BUCKET, Key })), { name: "NotFound" });
  }
});

test("fact 58: a form that nobody signed is denied, and nothing else is said", async (t) => {
  for (const fields of [{ key: "k" }, { key: "k", policy: signed()["Policy"] ?? "" }]) {
    const answer = await post(strict, fields);
    t.is(said(answer), "403 AccessDenied Access Denied");
    t.deepEqual(elements(answer), ["Code", "Message", "RequestId", "HostId"]);
  }
});

test("a form that nobody signed is the default account's where the mode is not strict", async (t) => {
  for (const server of [lenient, off]) t.is(said(await post(server, { key: "anonymous", acl: "private" })), "204");
});

test("a form without a policy may be signed as any other request", async (t) => {
  const parts = [
    ["key", "signed-as-a-whole"],
    ["file", { content: "x" }],
  ] as const;
  const headers = { "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
  const request = { method: "POST", path: `/${BUCKET}`, headers, body: String(encodeForm(parts)) };
  t.is((await sendSigned(strict, KEYS, request)).status, 204);
  const wrong = await sendSigned(strict, { ...KEYS, secretAccessKey: "wrong" }, request);
  t.is(element(wrong, "Code"), "SignatureDoesNotMatch");
});

test("strict takes no key that it does not know, and lenient takes it for its account's", async (t) => {
  const unknown = signFormV4(UNKNOWN, { fields: { key: "k" }, conditions });
  const answer = await post(strict, unknown);
  t.is(said(answer), "403 InvalidAccessKeyId The AWS Access Key Id you provided does not exist in our records.");
  t.is(element(answer, "AWSAccessKeyId"), UNKNOWN.accessKeyId);
  t.is(said(await post(lenient, unknown)), "204");
  t.is(said(await post(strict, signed())), "204");
});

test("auth mode off believes a form whatever it says", async (t) => {
  const fields = { ...signed({ expiresAtMs: 0 }), key: "believed", "x-amz-meta-a": "1", "X-Amz-Signature": "0" };
  t.is(said(await post(off, fields)), "204");
  t.is(said(await post(off, { key: "believed", policy: "no policy", signature: "s", AWSAccessKeyId: "a" })), "204");
});

const session = async (server: TestServer): Promise<Required<Keys>> => {
  const RoleArn = "arn:aws:iam::123456789012:role/uploader";
  const { accessKeyId, secretAccessKey } = KEYS;
  const sts = server.sts({ credentials: { accessKeyId, secretAccessKey } });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "form" }));
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
};

const requireSession = async (t: ExecutionContext, sign: typeof signFormV4): Promise<void> => {
  const keys = await session(strict);
  const fields = sign(keys, { fields: { key: "session" }, conditions });
  t.is(said(await post(strict, fields)), "204");
  const { "X-Amz-Security-Token": _v4, "x-amz-security-token": _v2, ...tokenless } = fields;
  t.is((await post(strict, tokenless)).status, 403);
};

test("credentials of a session sign forms with their token, in both versions", async (t) => {
  await requireSession(t, signFormV4);
  await requireSession(t, signFormV2);
});

test("a form signed for another region is refused where regions count", async (t) => {
  const answer = await post(strict, signed({ region: "eu-west-1" }));
  t.is(said(answer), "400 InvalidArgument the region 'eu-west-1' is wrong; expecting 'us-east-1'");
  t.is(element(answer, "ArgumentName"), "X-Amz-Credential");
  t.regex(element(answer, "ArgumentValue") ?? "", /^AKIASTANDINPOST00002\/\d{8}\/eu-west-1\/s3\/aws4_request$/);
  t.is(element(answer, "Region"), "us-east-1");
  t.is(said(await post(lenient, signed({ region: "eu-west-1" }))), "204");
});
