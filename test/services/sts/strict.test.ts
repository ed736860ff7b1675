/** Who may do what with STS in `strict`, through signed requests. */
import { IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import {
  AssumeRoleCommand,
  AssumeRootCommand,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetScopedCredentialsCommand,
  GetSessionTokenCommand,
  GetWebIdentityTokenCommand,
  type AssumeRoleCommandInput,
  type GetSessionTokenCommandInput,
  type STSClient,
  type STSServiceException,
} from "@aws-sdk/client-sts";
import test from "ava";
import {
  allow,
  deny,
  keysOf,
  OTHER,
  OWNER,
  policy,
  refusalOf,
  roleArn,
  startStrictWorld,
  trust,
  userArn,
} from "./strict-world.ts";

const assume = (client: STSClient, arn: string, input: Partial<AssumeRoleCommandInput> = {}) =>
  client.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "session", ...input }));

const denied = (who: string, action: string, resource: string): string =>
  `AccessDenied: User: ${who} is not authorized to perform: ${action} on resource: ${resource}`;

test("a registered role is assumed by those that its trust policy names, an unregistered one by anyone", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice"));
  const bob = world.sts(await world.user("bob"));
  await world.role("trusting", { trustPolicy: policy(trust({ AWS: userArn("alice") })) });
  t.is(await refusalOf(assume(alice, roleArn("trusting"))), "accepted");
  t.is(
    await refusalOf(assume(bob, roleArn("trusting"))),
    denied(userArn("bob"), "sts:AssumeRole", roleArn("trusting")),
  );
  t.is(await refusalOf(assume(bob, roleArn("nobody-registered-this"))), "accepted");
});

test("within an account a trust policy that names the account leaves it to identity policies, across accounts both must allow", async (t) => {
  const world = await startStrictWorld(t);
  const allowed = world.sts(await world.user("allowed", { policies: [policy(allow("sts:AssumeRole"))] }));
  const plain = world.sts(await world.user("plain"));
  await world.role("own", { trustPolicy: policy(trust({ AWS: `arn:aws:iam::${OWNER}:root` })) });
  await world.role("foreign", { accountId: OTHER, trustPolicy: policy(trust({ AWS: userArn("plain") })) });
  await world.role("shared", { accountId: OTHER, trustPolicy: policy(trust({ AWS: OWNER })) });
  t.is(await refusalOf(assume(allowed, roleArn("own"))), "accepted");
  t.regex(await refusalOf(assume(plain, roleArn("own"))), /^AccessDenied: /);
  // Across accounts the trust policy is only half of it, whomever it names.
  t.regex(await refusalOf(assume(plain, roleArn("foreign", OTHER))), /^AccessDenied: /);
  t.is(await refusalOf(assume(allowed, roleArn("shared", OTHER))), "accepted");
  t.regex(await refusalOf(assume(plain, roleArn("shared", OTHER))), /^AccessDenied: /);
});

test("an explicit deny of the caller's own policy wins over a trust policy that names it", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", { policies: [policy(deny("sts:AssumeRole"))] }));
  await world.role("trusting", { trustPolicy: policy(trust({ AWS: userArn("alice") })) });
  t.is(
    await refusalOf(assume(alice, roleArn("trusting"))),
    `${denied(userArn("alice"), "sts:AssumeRole", roleArn("trusting"))} with an explicit deny in an identity-based policy`,
  );
});

test("conditions of a trust policy see the external id, the session's name, MFA, tags and source identity", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice"));
  const rows: readonly [string, unknown, Partial<AssumeRoleCommandInput>][] = [
    ["external", { StringEquals: { "sts:ExternalId": "x-1" } }, { ExternalId: "x-1" }],
    ["named", { StringEquals: { "sts:RoleSessionName": "wanted" } }, { RoleSessionName: "wanted" }],
    [
      "mfa",
      { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      { SerialNumber: userArn("alice").replace("user", "mfa"), TokenCode: "123456" },
    ],
    ["tagged", { StringEquals: { "aws:RequestTag/team": "a" } }, { Tags: [{ Key: "team", Value: "a" }] }],
    ["source", { StringEquals: { "sts:SourceIdentity": "alice" } }, { SourceIdentity: "alice" }],
    [
      "transitive",
      {
        "ForAllValues:StringEquals": { "sts:TransitiveTagKeys": ["team"] },
        Null: { "sts:TransitiveTagKeys": "false" },
      },
      { Tags: [{ Key: "team", Value: "a" }], TransitiveTagKeys: ["team"] },
    ],
  ];
  for (const [name, condition, input] of rows) {
    const actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    await world.role(name, { trustPolicy: policy(trust({ AWS: userArn("alice") }, condition, actions)) });
    t.is(await refusalOf(assume(alice, roleArn(name), input)), "accepted", name);
    t.regex(await refusalOf(assume(alice, roleArn(name))), /^AccessDenied: /, name);
  }
});

test("to tag a session and to set its source identity are actions of their own", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice"));
  await world.role("plain", { trustPolicy: policy(trust({ AWS: userArn("alice") })) });
  const arn = roleArn("plain");
  const tagged = assume(alice, arn, { Tags: [{ Key: "a", Value: "b" }] });
  t.is(await refusalOf(tagged), denied(userArn("alice"), "sts:TagSession", arn));
  const sourced = assume(alice, arn, { SourceIdentity: "alice" });
  t.is(await refusalOf(sourced), denied(userArn("alice"), "sts:SetSourceIdentity", arn));
});

test("a registered role has one ARN, its own id, and sessions as long as it allows", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice"));
  const trustPolicy = policy(trust({ AWS: userArn("alice") }));
  const { id } = await world.role("pathed", { path: "/team/", trustPolicy, maxSessionDurationSeconds: 7200 });
  t.regex(await refusalOf(assume(alice, roleArn("pathed"))), /^AccessDenied: /);
  const arn = roleArn("team/pathed");
  const assumed = await assume(alice, arn, { DurationSeconds: 7200 });
  t.is(assumed.AssumedRoleUser?.AssumedRoleId, `${id}:session`);
  t.is(
    await refusalOf(assume(alice, arn, { DurationSeconds: 7201 })),
    "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
});

test("a role's name in an ARN is the name that it was given, its case included", async (t) => {
  const world = await startStrictWorld(t);
  await world.role("Deploy", { trustPolicy: policy(trust({ AWS: "*" })) });
  const sts = world.sts(await world.root(OWNER));
  const assume = (name: string) =>
    refusalOf(sts.send(new AssumeRoleCommand({ RoleArn: roleArn(name), RoleSessionName: "session" })));
  t.is(await assume("Deploy"), "accepted");
  t.regex(await assume("deploy"), /^AccessDenied: .* is not authorized to perform: sts:AssumeRole/);
});

test("GetCallerIdentity and GetSessionToken need no permission, whatever is denied; the others do", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", { policies: [policy(deny("sts:*"))] }));
  const bob = world.sts(await world.user("bob"));
  t.is((await alice.send(new GetCallerIdentityCommand({}))).Arn, userArn("alice"));
  t.is(await refusalOf(alice.send(new GetSessionTokenCommand({}))), "accepted");
  const AccessKeyId = "AKIAIOSFODNN7EXAMPLE";
  t.is(
    await refusalOf(bob.send(new GetAccessKeyInfoCommand({ AccessKeyId }))),
    `${denied(userArn("bob"), "sts:GetAccessKeyInfo", "*")} because no identity-based policy allows the sts:GetAccessKeyInfo action`,
  );
  t.regex(
    await refusalOf(bob.send(new GetFederationTokenCommand({ Name: "carol" }))),
    /^AccessDenied: .*federated-user\/carol/,
  );
  const TaskPolicyArn = { arn: "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy" };
  const asRoot = new AssumeRootCommand({ TargetPrincipal: OTHER, TaskPolicyArn });
  t.regex(await refusalOf(bob.send(asRoot)), /^AccessDenied: .*sts:AssumeRoot/);
  const web = new GetWebIdentityTokenCommand({ Audience: ["a"], SigningAlgorithm: "ES384" });
  t.regex(await refusalOf(bob.send(web)), /^AccessDenied: .*sts:GetWebIdentityToken/);
});

test("what temporary credentials cannot call is refused, whatever policies say", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", { policies: [policy(allow("*"))] }));
  const session = world.sts(keysOf((await alice.send(new GetSessionTokenCommand({}))).Credentials));
  const federated = world.sts(
    keysOf(
      (await alice.send(new GetFederationTokenCommand({ Name: "carol", Policy: policy(allow("*")) }))).Credentials,
    ),
  );
  const info = new GetAccessKeyInfoCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  for (const client of [session, federated]) {
    t.is(await refusalOf(client.send(info)), "AccessDenied: Cannot call GetAccessKeyInfo with session credentials");
    t.is(await refusalOf(client.send(new GetCallerIdentityCommand({}))), "accepted");
    t.is(
      await refusalOf(client.send(new GetSessionTokenCommand({}))),
      "AccessDenied: Cannot call GetSessionToken with session credentials",
    );
    t.is(await refusalOf(client.send(new GetScopedCredentialsCommand({ DurationSeconds: 900 }))), "accepted");
  }
  t.is(await refusalOf(assume(session, roleArn("any"))), "accepted");
  t.is(
    await refusalOf(assume(federated, roleArn("any"))),
    "AccessDenied: Cannot call AssumeRole with session credentials",
  );
});

test("a role's session needs permissions like anyone, as its session policy narrows them", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice"));
  await world.role("reader", {
    trustPolicy: policy(trust({ AWS: userArn("alice") })),
    policies: [policy(allow("sts:GetAccessKeyInfo"))],
  });
  const info = new GetAccessKeyInfoCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  const whole = world.sts(keysOf((await assume(alice, roleArn("reader"))).Credentials));
  t.is(await refusalOf(whole.send(info)), "accepted");
  const Policy = policy(allow("s3:GetObject"));
  const narrowed = world.sts(keysOf((await assume(alice, roleArn("reader"), { Policy })).Credentials));
  t.regex(await refusalOf(narrowed.send(info)), /because no session policy allows the sts:GetAccessKeyInfo action$/);
  const scoped = await whole.send(new GetScopedCredentialsCommand({ Policy })).catch(() => undefined);
  t.is(scoped, undefined, "the role may not scope its sessions down");
});

test("a denial carries a sealed message that tells why", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice"));
  const admin = world.sts(await world.root(OWNER));
  const info = new GetAccessKeyInfoCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  const refusal = await t.throwsAsync<STSServiceException>(alice.send(info));
  const headers = refusal?.$response?.headers ?? {};
  const EncodedMessage = headers["x-standin-authorization-message"] ?? "";
  const { DecodedMessage = "" } = await admin.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
  t.like(JSON.parse(DecodedMessage), {
    allowed: false,
    explicitDeny: false,
    context: { principal: { name: "alice", arn: userArn("alice") }, action: "sts:GetAccessKeyInfo", resource: "*" },
  });
  const flipped = `${EncodedMessage.slice(0, -1)}${EncodedMessage.endsWith("A") ? "B" : "A"}`;
  for (const message of ["x", "a\nb", flipped]) {
    t.is(
      await refusalOf(admin.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: message }))),
      "InvalidAuthorizationMessageException: Message is not valid.",
    );
  }
});

test("a federated user has what its session policy and the one who asked for it both allow, as that one is now", async (t) => {
  const world = await startStrictWorld(t);
  const mayList = policy(allow(["s3:ListAllMyBuckets", "sts:GetFederationToken"]));
  const alice = world.sts(await world.user("alice", { policies: [mayList] }));
  const list = async (Policy?: string): Promise<string> => {
    const { Credentials } = await alice.send(new GetFederationTokenCommand({ Name: "carol", Policy }));
    const client = new S3Client({ endpoint: world.endpoint, region: "us-east-1", credentials: keysOf(Credentials) });
    t.teardown(() => client.destroy());
    return refusalOf(client.send(new ListBucketsCommand({})));
  };
  t.regex(await list(), /because no session policy allows the s3:ListAllMyBuckets action$/);
  t.is(await list(policy(allow("*"))), "accepted");
  t.is(await list(policy(allow("s3:ListAllMyBuckets"))), "accepted");
  t.regex(await list(policy(allow("s3:GetObject"))), /because no session policy allows/);
  const kept = await alice.send(new GetFederationTokenCommand({ Name: "carol", Policy: policy(allow("*")) }));
  await world.user("alice", { policies: [policy(allow("sts:*"))] });
  const client = new S3Client({ endpoint: world.endpoint, region: "us-east-1", credentials: keysOf(kept.Credentials) });
  t.teardown(() => client.destroy());
  t.regex(await refusalOf(client.send(new ListBucketsCommand({}))), /because no identity-based policy allows/);
});

test("a session of GetSessionToken keeps its user's permissions, and tells whether there was a second factor", async (t) => {
  const world = await startStrictWorld(t);
  const withMfa = { ...allow("s3:ListAllMyBuckets"), Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } };
  const alice = world.sts(await world.user("alice", { policies: [policy(withMfa)] }));
  const list = async (input: GetSessionTokenCommandInput): Promise<string> => {
    const credentials = keysOf((await alice.send(new GetSessionTokenCommand(input))).Credentials);
    const client = new S3Client({ endpoint: world.endpoint, region: "us-east-1", credentials });
    t.teardown(() => client.destroy());
    return refusalOf(client.send(new ListBucketsCommand({})));
  };
  t.regex(await list({}), /^AccessDenied: /);
  t.is(await list({ SerialNumber: "arn:aws:iam::111111111111:mfa/alice", TokenCode: "123456" }), "accepted");
});

test("IAM takes no session without a second factor, and no federated user at all", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", { policies: [policy(allow("*"))] }));
  const listUsers = (credentials: ReturnType<typeof keysOf>): Promise<string> => {
    const client = new IAMClient({ endpoint: world.endpoint, region: "us-east-1", maxAttempts: 1, credentials });
    t.teardown(() => client.destroy());
    return refusalOf(client.send(new ListUsersCommand({})));
  };
  const session = (input: GetSessionTokenCommandInput) => alice.send(new GetSessionTokenCommand(input));
  const refused = "InvalidClientTokenId: The security token included in the request is invalid.";
  t.is(await listUsers(keysOf((await session({})).Credentials)), refused);
  const withMfa = await session({ SerialNumber: "arn:aws:iam::111111111111:mfa/alice", TokenCode: "123456" });
  t.is(await listUsers(keysOf(withMfa.Credentials)), "accepted");
  const federated = await alice.send(new GetFederationTokenCommand({ Name: "carol", Policy: policy(allow("*")) }));
  t.is(await listUsers(keysOf(federated.Credentials)), refused);
});
