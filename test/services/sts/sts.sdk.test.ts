import { hash } from "node:crypto";
import { CreateBucketCommand, ListBucketsCommand } from "@aws-sdk/client-s3";
import {
  AssumeRoleCommand,
  AssumeRoleWithSAMLCommand,
  AssumeRoleWithWebIdentityCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type Credentials,
  type STSServiceException,
} from "@aws-sdk/client-sts";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { jwt, SAML_PROVIDER, SAML_ROLE, samlResponse } from "./fixtures.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const OWNER = "111111111111";
const OTHER = "222222222222";
const sts = server.sts({ accountId: OWNER });
const ROLE = { RoleArn: `arn:aws:iam::${OTHER}:role/team/reader`, RoleSessionName: "session" };

/** Issued credentials as a client takes them. */
const asCredentials = (issued: Credentials | undefined) => ({
  accessKeyId: issued?.AccessKeyId ?? "",
  secretAccessKey: issued?.SecretAccessKey ?? "",
  sessionToken: issued?.SessionToken ?? "",
});

const identityOf = async (issued: Credentials | undefined) => {
  const client = server.sts({ credentials: asCredentials(issued) });
  const { UserId, Account, Arn } = await client.send(new GetCallerIdentityCommand({}));
  return { UserId, Account, Arn };
};

const failureOf = async (call: Promise<unknown>): Promise<readonly [string, number | undefined, string]> => {
  try {
    await call;
  } catch (error) {
    const { name, $metadata, message } = error as STSServiceException;
    return [name, $metadata.httpStatusCode, message];
  }
  throw new Error("the call succeeded");
};

test("the credentials of AssumeRole lead to the account of the role, for S3 too", async (t) => {
  const assumed = await sts.send(new AssumeRoleCommand(ROLE));
  t.deepEqual(await identityOf(assumed.Credentials), {
    UserId: assumed.AssumedRoleUser?.AssumedRoleId,
    Account: OTHER,
    Arn: assumed.AssumedRoleUser?.Arn,
  });
  t.is(assumed.AssumedRoleUser?.Arn, `arn:aws:sts::${OTHER}:assumed-role/reader/session`);
  await server
    .s3({ credentials: asCredentials(assumed.Credentials) })
    .send(new CreateBucketCommand({ Bucket: "made-by-the-role" }));
  const listed = await server.s3({ accountId: OTHER }).send(new ListBucketsCommand({}));
  t.deepEqual(
    listed.Buckets?.map(({ Name }) => Name),
    ["made-by-the-role"],
  );
});

const roleIdOf = (assumedRoleId: string | undefined): string => assumedRoleId?.split(":")[0] ?? "";

test("a role has the same id each time it is assumed", async (t) => {
  const first = await sts.send(new AssumeRoleCommand(ROLE));
  const second = await sts.send(new AssumeRoleCommand({ ...ROLE, RoleSessionName: "another" }));

  t.regex(roleIdOf(first.AssumedRoleUser?.AssumedRoleId), /^AROA[A-Z2-7]{17}$/);
  t.is(roleIdOf(first.AssumedRoleUser?.AssumedRoleId), roleIdOf(second.AssumedRoleUser?.AssumedRoleId));
  t.not(first.Credentials?.AccessKeyId, second.Credentials?.AccessKeyId);
});

test("GetSessionToken and GetFederationToken lead to the account that asked", async (t) => {
  const session = await sts.send(new GetSessionTokenCommand({}));
  t.deepEqual(await identityOf(session.Credentials), {
    UserId: OWNER,
    Account: OWNER,
    Arn: `arn:aws:iam::${OWNER}:root`,
  });
  const federation = await sts.send(new GetFederationTokenCommand({ Name: "bob" }));
  t.deepEqual(await identityOf(federation.Credentials), {
    UserId: federation.FederatedUser?.FederatedUserId,
    Account: OWNER,
    Arn: federation.FederatedUser?.Arn,
  });
  t.is(federation.FederatedUser?.Arn, `arn:aws:sts::${OWNER}:federated-user/bob`);
});

test("AssumeRoleWithWebIdentity and AssumeRoleWithSAML lead to the assumed role", async (t) => {
  const token = jwt({ iss: "https://idp.example", sub: "user-1", aud: "client" });
  const web = await sts.send(new AssumeRoleWithWebIdentityCommand({ ...ROLE, WebIdentityToken: token }));
  t.is((await identityOf(web.Credentials)).Arn, web.AssumedRoleUser?.Arn);
  t.is(web.SubjectFromWebIdentityToken, "user-1");
  const saml = await sts.send(
    new AssumeRoleWithSAMLCommand({ RoleArn: SAML_ROLE, PrincipalArn: SAML_PROVIDER, SAMLAssertion: samlResponse() }),
  );
  t.is((await identityOf(saml.Credentials)).UserId, saml.AssumedRoleUser?.AssumedRoleId);
  t.like(saml, { Subject: "b&ob", SubjectType: "transient", Issuer: "https://example.com/saml" });
});

test("GetAccessKeyInfo answers the account of issued credentials", async (t) => {
  const { Credentials: issued } = await sts.send(new AssumeRoleCommand(ROLE));
  const info = await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: issued?.AccessKeyId }));
  t.is(info.Account, OTHER);
});

test("session tags and a policy are packed into the token, up to its limit", async (t) => {
  const small = await sts.send(new AssumeRoleCommand({ ...ROLE, Tags: [{ Key: "team", Value: "a" }] }));
  t.true((small.PackedPolicySize ?? 0) >= 1 && (small.PackedPolicySize ?? 0) <= 100);
  // Hashes do not compress.
  const noise = Array.from({ length: 200 }, (_, index) => hash("sha256", `${index}`)).join("");
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Action: "*", Resource: `arn:aws:s3:::${noise}` },
  });
  const [code, status] = await failureOf(sts.send(new AssumeRoleCommand({ ...ROLE, Policy })));
  t.deepEqual([code, status], ["PackedPolicyTooLargeException", 400]);
});

test("fact 63: bad ARNs and session names are refused in AWS's words", async (t) => {
  const noArn = { ...ROLE, RoleArn: "nothing-valid-in-here" };
  t.deepEqual(await failureOf(sts.send(new AssumeRoleCommand(noArn))), [
    "ValidationError",
    400,
    "nothing-valid-in-here is invalid",
  ]);
  t.deepEqual(await failureOf(sts.send(new AssumeRoleCommand({ ...ROLE, RoleSessionName: "Session1:2" }))), [
    "ValidationError",
    400,
    String.raw`1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
  ]);
});

test("fact 64: doubled session tags are refused in AWS's words", async (t) => {
  const Tags = [
    { Key: "Team", Value: "a" },
    { Key: "team", Value: "b" },
  ];
  t.deepEqual(await failureOf(sts.send(new AssumeRoleCommand({ ...ROLE, Tags }))), [
    "InvalidParameterValue",
    400,
    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
  ]);
});

test("an inherited transitive tag can't be replaced along a chain", async (t) => {
  const first = await sts.send(
    new AssumeRoleCommand({ ...ROLE, Tags: [{ Key: "team", Value: "a" }], TransitiveTagKeys: ["team"] }),
  );
  const chained = server.sts({ credentials: asCredentials(first.Credentials) });
  const [code] = await failureOf(chained.send(new AssumeRoleCommand({ ...ROLE, Tags: [{ Key: "TEAM", Value: "b" }] })));
  t.is(code, "InvalidParameterValue");
  t.is((await chained.send(new AssumeRoleCommand(ROLE))).AssumedRoleUser?.Arn, first.AssumedRoleUser?.Arn);
});
