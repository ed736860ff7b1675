import test from "ava";
import { STS_HANDLERS } from "../../../src/services/sts/handlers.ts";
import { StsError } from "../../../src/services/sts/errors.ts";
import type { Caller } from "../../../src/protocol/caller.ts";
import { assumedRole, NOW_MS, ROOT, stsContext, USER } from "./fixtures.ts";

const ARN = "arn:aws:iam::222222222222:role/team/reader";
const ROLE = { RoleArn: ARN, RoleSessionName: "session" };
const POLICY = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';

/** Runs what is refused and answers `code: message`. */
const refusalOf = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof StsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
};

test("AssumeRole takes account and partition from the role's ARN and leaves its path out", async (t) => {
  const context = stsContext();
  const answer = await STS_HANDLERS.AssumeRole(context, {
    ...ROLE,
    RoleArn: "arn:aws-cn:iam::222222222222:role/team/reader",
  });
  const roleId = context.roleId("222222222222", "reader");
  t.deepEqual(answer.AssumedRoleUser, {
    AssumedRoleId: `${roleId}:session`,
    Arn: "arn:aws-cn:sts::222222222222:assumed-role/reader/session",
  });
  t.deepEqual(context.issued, [
    {
      kind: "AssumeRole",
      partition: "aws-cn",
      accountId: "222222222222",
      principal: { kind: "AssumedRole", roleName: "reader", roleId, sessionName: "session", rolePath: "/team/" },
      durationSeconds: 3600,
    },
  ]);
  t.is(answer.Credentials?.Expiration?.getTime(), NOW_MS + 3_600_000);
});

test("AssumeRole answers PackedPolicySize only for a session with policies or tags", async (t) => {
  const plain = await STS_HANDLERS.AssumeRole(stsContext(), ROLE);
  t.false("PackedPolicySize" in plain);
  t.like(plain, { SessionTokenSize: 400, SessionTokenUtilization: 10 });
  for (const narrowed of [{ Policy: POLICY }, { Tags: [{ Key: "a", Value: "b" }] }]) {
    t.is((await STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, ...narrowed })).PackedPolicySize, 10);
  }
});

test("an ARN that names no role is refused in AWS's words", async (t) => {
  const wrong = [
    "nothing-valid-in-here",
    "arn:aws:iam::111:role/reader-reader",
    "arn:aws:iam::222222222222:user/reader",
    "arn:aws:sts::222222222222:role/reader",
    "arn:mars:iam::222222222222:role/reader",
    "arn:aws:iam::222222222222:role/",
    "arn:aws:iam::222222222222:role/a b",
    `arn:aws:iam::222222222222:role/${"a".repeat(65)}`,
    `arn:aws:iam::222222222222:role/${"p".repeat(511)}/reader`,
  ];
  for (const RoleArn of wrong) {
    t.is(
      await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, RoleArn })),
      `ValidationError: ${RoleArn} is invalid`,
    );
  }
});

test("a session of a role may chain for an hour and no longer", async (t) => {
  const chained = (DurationSeconds: number) =>
    STS_HANDLERS.AssumeRole(stsContext({ caller: assumedRole() }), { ...ROLE, DurationSeconds });
  t.is(await refusalOf(chained(3600)), "accepted");
  t.is(
    await refusalOf(chained(3601)),
    "ValidationError: The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
  );
  t.is(await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, DurationSeconds: 43_200 })), "accepted");
});

test("tag keys that differ in case alone are duplicates", async (t) => {
  const Tags = [
    { Key: "Team", Value: "a" },
    { Key: "team", Value: "b" },
  ];
  t.is(
    await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, Tags })),
    "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case insensitive.",
  );
});

test("a transitive key must be among the tags", async (t) => {
  t.is(
    await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, TransitiveTagKeys: ["team"] })),
    "InvalidParameterValue: The specified transitive tag key must be included in the requested tags.",
  );
});

test("transitive tags go on along a chain of roles and can't be replaced", async (t) => {
  const caller = assumedRole({
    tags: [
      { key: "Team", value: "a" },
      { key: "Private", value: "p" },
    ],
    transitiveTagKeys: ["Team"],
  });
  const context = stsContext({ caller });
  await STS_HANDLERS.AssumeRole(context, { ...ROLE, Tags: [{ Key: "private", Value: "q" }] });
  t.like(context.issued[0], {
    tags: [
      { key: "Team", value: "a" },
      { key: "private", value: "q" },
    ],
    transitiveTagKeys: ["Team"],
  });
  t.is(
    await refusalOf(STS_HANDLERS.AssumeRole(stsContext({ caller }), { ...ROLE, Tags: [{ Key: "team", Value: "b" }] })),
    "InvalidParameterValue: One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  );
});

test("the prefix aws: is reserved", async (t) => {
  const Tags = [{ Key: "aws:team", Value: "a" }];
  t.regex(await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, Tags })), /^ValidationError: /);
});

test("a source identity goes on along a chain of roles and can't be changed", async (t) => {
  const first = await STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, SourceIdentity: "alice" });
  t.is(first.SourceIdentity, "alice");
  const caller = assumedRole({ sourceIdentity: "alice" });
  t.is((await STS_HANDLERS.AssumeRole(stsContext({ caller }), ROLE)).SourceIdentity, "alice");
  t.is(
    await refusalOf(STS_HANDLERS.AssumeRole(stsContext({ caller }), { ...ROLE, SourceIdentity: "bob" })),
    `AccessDenied: User: arn:aws:sts::111111111111:assumed-role/first/chain is not authorized to perform: sts:SetSourceIdentity on resource: ${ARN}`,
  );
});

const policyArns = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ arn: `arn:aws:iam::222222222222:policy/p${index}` }));

test("managed session policies are ten at most, each an ARN of a policy", async (t) => {
  const context = stsContext();
  await STS_HANDLERS.AssumeRole(context, { ...ROLE, PolicyArns: policyArns(10) });
  t.is(context.issued[0]?.policyArns?.length, 10);
  t.regex(
    await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, PolicyArns: policyArns(11) })),
    /less than or equal to 10$/,
  );
  t.is(
    await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, PolicyArns: [{ arn: ARN }] })),
    `ValidationError: ${ARN} is invalid`,
  );
});

test("an MFA code needs its device's serial number; a role's session does not tell of it", async (t) => {
  const code = { SerialNumber: "arn:aws:iam::111111111111:mfa/a", TokenCode: "123456" };
  const user = stsContext({ caller: USER });
  await STS_HANDLERS.GetSessionToken(user, code);
  t.true(user.issued[0]?.mfa);
  await STS_HANDLERS.AssumeRole(user, { ...ROLE, ...code });
  t.false("mfa" in (user.issued[1] ?? {}));
  t.is(
    await refusalOf(STS_HANDLERS.GetSessionToken(stsContext({ caller: USER }), { TokenCode: "123456" })),
    "AccessDenied: MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
  );
});

test("a trade-in token is good as long as its session is", async (t) => {
  const { principal, session } = assumedRole();
  if (session === undefined || principal.kind !== "AssumedRole") throw new Error("not a role's session");
  const grant = { partition: "aws", accountId: "111111111111", principal, session } as const;
  const context = { ...stsContext(), openToken: () => grant };
  const traded = await STS_HANDLERS.GetDelegatedAccessToken(context, { TradeInToken: "token" });
  t.is(traded.AssumedPrincipal, "arn:aws:sts::111111111111:assumed-role/first/chain");
  t.is(context.issued[0]?.durationSeconds, 3600);
  const late = { ...context, nowMs: session.expiresAtMs };
  t.regex(
    await refusalOf(STS_HANDLERS.GetDelegatedAccessToken(late, { TradeInToken: "token" })),
    /^ExpiredTradeInTokenException: /,
  );
});

test("context assertions are nobody's to make here", async (t) => {
  const ProvidedContexts = [
    { ProviderArn: "arn:aws:iam::aws:contextProvider/IdentityCenter", ContextAssertion: "made up" },
  ];
  t.regex(
    await refusalOf(STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, ProvidedContexts })),
    /^InvalidContextAssertion: /,
  );
});

test("a token can be asked for that is larger than it would be, up to AWS's limit", async (t) => {
  const context = stsContext();
  await STS_HANDLERS.AssumeRole(context, { ...ROLE, MinimumSessionTokenSize: 4096 });
  t.is(context.issued[0]?.tokenCharactersMin, 4096);
  const larger = STS_HANDLERS.AssumeRole(stsContext(), { ...ROLE, MinimumSessionTokenSize: 4097 });
  t.regex(await refusalOf(larger), /^ValidationError: /);
});

const identities: { caller: Caller; expected: object }[] = [
  {
    caller: ROOT,
    expected: { UserId: "111111111111", Account: "111111111111", Arn: "arn:aws:iam::111111111111:root" },
  },
  {
    caller: USER,
    expected: {
      UserId: "AIDAALICEALICEALICE12",
      Account: "111111111111",
      Arn: "arn:aws:iam::111111111111:user/team/alice",
    },
  },
  {
    caller: assumedRole(),
    expected: {
      UserId: "AROAFIRSTFIRSTFIRST12:chain",
      Account: "111111111111",
      Arn: "arn:aws:sts::111111111111:assumed-role/first/chain",
    },
  },
  {
    caller: { ...ROOT, principal: { kind: "FederatedUser", name: "bob" } },
    expected: {
      UserId: "111111111111:bob",
      Account: "111111111111",
      Arn: "arn:aws:sts::111111111111:federated-user/bob",
    },
  },
];

for (const { caller, expected } of identities) {
  test(`GetCallerIdentity knows a ${caller.principal.kind}`, async (t) => {
    t.deepEqual(await STS_HANDLERS.GetCallerIdentity(stsContext({ caller }), {}), expected);
  });
}

test("GetSessionToken gives a user's own principal twelve hours, and root one hour at most", async (t) => {
  const user = stsContext({ caller: USER });
  await STS_HANDLERS.GetSessionToken(user, {});
  t.like(user.issued[0], { accountId: "111111111111", principal: USER.principal, durationSeconds: 43_200 });
  const root = stsContext();
  await STS_HANDLERS.GetSessionToken(root, { DurationSeconds: 129_600 });
  await STS_HANDLERS.GetSessionToken(root, { DurationSeconds: 900 });
  t.deepEqual(
    root.issued.map(({ durationSeconds }) => durationSeconds),
    [3600, 900],
  );
});

test("temporary credentials can't get further ones of their own", async (t) => {
  const caller = assumedRole();
  t.is(
    await refusalOf(STS_HANDLERS.GetSessionToken(stsContext({ caller }), {})),
    "AccessDenied: Cannot call GetSessionToken with session credentials",
  );
  t.is(
    await refusalOf(STS_HANDLERS.GetFederationToken(stsContext({ caller }), { Name: "bob" })),
    "AccessDenied: Cannot call GetFederationToken with session credentials",
  );
});

test("GetFederationToken names the federated user in the caller's account", async (t) => {
  const context = stsContext({ caller: USER });
  const answer = await STS_HANDLERS.GetFederationToken(context, {
    Name: "bob",
    Policy: POLICY,
    Tags: [{ Key: "a", Value: "b" }],
  });
  t.deepEqual(answer.FederatedUser, {
    FederatedUserId: "111111111111:bob",
    Arn: "arn:aws:sts::111111111111:federated-user/bob",
  });
  t.is(answer.PackedPolicySize, 10);
  t.like(context.issued[0], { durationSeconds: 43_200, sessionPolicy: POLICY, tags: [{ key: "a", value: "b" }] });
});

test("GetAccessKeyInfo decodes well-formed ids, prefers registered ones and refuses the rest", async (t) => {
  const AccessKeyId = "AKIAIOSFODNN7EXAMPLE";
  t.deepEqual(await STS_HANDLERS.GetAccessKeyInfo(stsContext(), { AccessKeyId }), { Account: "222222222222" });
  const context = stsContext({ keys: [{ accessKeyId: AccessKeyId, accountId: "333333333333" }] });
  t.deepEqual(await STS_HANDLERS.GetAccessKeyInfo(context, { AccessKeyId }), { Account: "333333333333" });
  t.regex(
    await refusalOf(STS_HANDLERS.GetAccessKeyInfo(stsContext(), { AccessKeyId: "a".repeat(20) })),
    /^ValidationError: /,
  );
});

test("only the two operations that bring a foreign identity serve a caller who did not sign", async (t) => {
  const caller: Caller = { ...ROOT, principal: { kind: "Anonymous" } };
  t.is(
    await refusalOf(STS_HANDLERS.GetCallerIdentity(stsContext({ caller }), {})),
    "MissingAuthenticationToken: Request is missing Authentication Token",
  );
  const withToken = { ...ROLE, WebIdentityToken: "opaque" };
  t.is(await refusalOf(STS_HANDLERS.AssumeRoleWithWebIdentity(stsContext({ caller }), withToken)), "accepted");
});

const rootRefusal = (TargetPrincipal: string, policy: string) =>
  refusalOf(STS_HANDLERS.AssumeRoot(stsContext(), { TargetPrincipal, TaskPolicyArn: { arn: policy } }));

test("AssumeRoot gives a task's session of another account's root", async (t) => {
  const context = stsContext();
  const arn = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
  const answer = await STS_HANDLERS.AssumeRoot(context, { TargetPrincipal: "222222222222", TaskPolicyArn: { arn } });
  t.is(answer.Credentials?.AccessKeyId, "ASIAISSUEDISSUEDISSU");
  t.deepEqual(context.issued, [
    {
      kind: "AssumeRoot",
      partition: "aws",
      accountId: "222222222222",
      principal: { kind: "Root" },
      durationSeconds: 900,
      policyArns: [arn],
    },
  ]);
  t.is(await rootRefusal("arn:aws:iam::222222222222:root", arn), "accepted");
  t.is(await rootRefusal("not-an-account", arn), "ValidationError: not-an-account is invalid");
  t.is(await rootRefusal("222222222222", ARN), `ValidationError: ${ARN} is invalid`);
});

test("no encoded authorization message is valid", async (t) => {
  t.is(
    await refusalOf(STS_HANDLERS.DecodeAuthorizationMessage(stsContext(), { EncodedMessage: "x" })),
    "InvalidAuthorizationMessageException: Message is not valid.",
  );
});
