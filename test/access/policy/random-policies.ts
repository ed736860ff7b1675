/** Random policies and requests over few names, so that they meet. */
import * as fc from "fast-check";
import { canonicalOwnerId, type Caller } from "../../../src/protocol/caller.ts";
import type { PlainCaller, PlainPolicy, PlainRequest, PlainStatement } from "../plain-matcher.ts";

export const OWN = "111111111111";
const FOREIGN = "222222222222";

const of = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const someOf = <T>(each: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  fc.oneof(each, fc.array(each, { minLength: 1, maxLength: 3 }));

/** A caller as Standin has it and as AWS's pages describe it. */
export type BothCallers = { readonly caller: Caller; readonly plain: PlainCaller };

const both = (
  accountId: string,
  principal: Caller["principal"],
  { kind, arns }: Pick<PlainCaller, "kind" | "arns">,
): BothCallers => ({
  caller: { partition: "aws", accountId, principal },
  plain: { accountId, canonicalId: canonicalOwnerId(accountId), kind, arns },
});

const callersOf = (account: string): BothCallers[] => {
  const iam = `arn:aws:iam::${account}`;
  const sts = `arn:aws:sts::${account}`;
  return [
    both(account, { kind: "Root" }, { kind: "root", arns: [] }),
    both(account, { kind: "User", userName: "alice", userId: "AIDA1" }, { kind: "user", arns: [`${iam}:user/alice`] }),
    both(
      account,
      { kind: "User", userName: "bob", userId: "AIDA2", path: "/team/" },
      { kind: "user", arns: [`${iam}:user/team/bob`] },
    ),
    both(
      account,
      { kind: "AssumedRole", roleName: "reader", roleId: "AROA1", sessionName: "s" },
      { kind: "role", arns: [`${iam}:role/reader`, `${sts}:assumed-role/reader/s`] },
    ),
    both(account, { kind: "FederatedUser", name: "fed" }, { kind: "federated", arns: [`${sts}:federated-user/fed`] }),
  ];
};

const CALLERS: readonly BothCallers[] = [
  ...callersOf(OWN),
  ...callersOf(FOREIGN),
  both(OWN, { kind: "Anonymous" }, { kind: "anonymous", arns: [] }),
];

const ARNS = CALLERS.flatMap(({ plain }) => plain.arns);

const awsPrincipal = of(
  "*",
  OWN,
  FOREIGN,
  `arn:aws:iam::${OWN}:root`,
  `arn:aws:iam::${FOREIGN}:root`,
  ...ARNS,
  ...ARNS,
);

const principal: fc.Arbitrary<NonNullable<PlainStatement["Principal"]>> = fc.oneof(
  fc.constant("*" as const),
  fc.record({ AWS: someOf(awsPrincipal) }),
  fc.record({ AWS: fc.array(awsPrincipal, { minLength: 2, maxLength: 6 }) }),
  fc.record({ CanonicalUser: of(canonicalOwnerId(OWN), canonicalOwnerId(FOREIGN)) }),
  fc.record({ Service: of("logging.s3.amazonaws.com", "s3.amazonaws.com"), AWS: awsPrincipal }),
  fc.record({ Federated: of("accounts.google.com", `arn:aws:iam::${OWN}:saml-provider/corp`) }),
);

const ACTIONS = ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"] as const;
const action = of(...ACTIONS, "s3:*", "*", "S3:getobject", "s3:Get*", "s3:?etObject", "s3:*Object", "s3:G*t*t*c*");

const RESOURCES = [
  "arn:aws:s3:::bucket",
  "arn:aws:s3:::bucket/key",
  "arn:aws:s3:::bucket/alice/x",
  "arn:aws:s3:::bucket/a:b/c",
  "arn:aws:s3:::bucket/\u{1F600}",
  "arn:aws:s3:::other/key",
  "arn:aws:s3:us-east-1:111111111111:accesspoint/ap/object/key",
] as const;
const resource = of(
  "*",
  ...RESOURCES,
  "arn:aws:s3:::bucket/*",
  "arn:aws:s3:::bucket*",
  "arn:aws:s3:::*/key",
  "arn:aws:s3:::bucket/?",
  "arn:aws:s3:::b*/*e*",
  "arn:aws:s3:*:*:*",
  "arn:aws:s3:*",
  "arn:aws:s3:us-*-1:1*1:accesspoint/*",
  "arn:aws:s3:::bucket/${aws:username}/*",
  "arn:aws:s3:::bucket/${aws:username, 'alice'}/*",
  "arn:aws:s3:::bucket/${aws:PrincipalTag/team}*",
  "arn:aws:s3:::bucket/${*}",
  "arn:aws:s3:::${unclosed",
);

const TEXTS = ["alice", "Alice", "bob", "home/alice/", "home/", "", "a*b", "aXb"] as const;
const ARN_VALUES = [...RESOURCES.slice(0, 3), "arn:aws:sns:us-east-1:111111111111:topic"] as const;

/** Keys that requests of every action may have; what requests have for them, and the operators that fit them with what policies want. */
const text = of(
  ...TEXTS,
  "*",
  "a*",
  "?lice",
  "home/*",
  "${aws:username}",
  "home/${aws:username}/",
  "${aws:username, 'bob'}",
  "a${*}b",
);
const number = of("0", "1", "10", "-1", "2.5", "1e1");
const date = of(
  "2026-01-01T00:00:00Z",
  "2026-06-01T12:30:00.5Z",
  "2026-06-01",
  "1780000000",
  "2026-01-01T02:00:00+02:00",
);
const address = of("203.0.113.7", "203.0.113.0/24", "10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1", "::/0");
const arn = of(
  ...ARN_VALUES,
  "arn:aws:s3:::*",
  "arn:*:s3:::bucket/*",
  "arn:aws:sns:*:*:t*",
  "*",
  "arn:aws:s3:::bucket/${aws:username}/*",
);

const STRINGS = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
];
const relations = (type: string): string[] =>
  ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"].map((each) => type + each);

type Family = {
  readonly keys: readonly string[];
  readonly operators: readonly string[];
  readonly wanted: fc.Arbitrary<string | number | boolean>;
};

const FAMILIES: readonly Family[] = [
  { keys: ["aws:username", "aws:Referer", "AWS:PrincipalTag/Team", "aws:TagKeys"], operators: STRINGS, wanted: text },
  {
    keys: ["aws:MultiFactorAuthAge", "s3:signatureAge"],
    operators: relations("Numeric"),
    wanted: fc.oneof(number, of(0, 10)),
  },
  { keys: ["aws:CurrentTime", "aws:EpochTime"], operators: relations("Date"), wanted: date },
  { keys: ["aws:SecureTransport"], operators: ["Bool"], wanted: fc.oneof(of("true", "False"), fc.boolean()) },
  { keys: ["aws:SourceIp"], operators: ["IpAddress", "NotIpAddress"], wanted: address },
  { keys: ["aws:SourceArn"], operators: ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"], wanted: arn },
  { keys: ["aws:Bytes"], operators: ["BinaryEquals"], wanted: of("QmluYXJ5", "AAA=") },
];

const wholeOperator = (operator: string): fc.Arbitrary<string> =>
  fc
    .tuple(of("", "", "", "ForAllValues:", "ForAnyValue:"), of("", "", "IfExists"))
    .map(([before, after]) => before + operator + after);

const condition = fc.oneof(
  ...FAMILIES.map(({ keys, operators, wanted }) =>
    fc
      .tuple(of(...operators).chain(wholeOperator), of(...keys), someOf(wanted))
      .map(([operator, key, values]) => ({ [operator]: { [key]: values } })),
  ),
  fc
    .tuple(of(...FAMILIES.flatMap(({ keys }) => keys)), of<string | boolean>("true", "false", true))
    .map(([key, value]) => ({ Null: { [key]: value } })),
);

/** At most two, on different operators; two keys of one operator now and then. */
const conditions = fc
  .array(condition, { maxLength: 2 })
  .map((all) =>
    all.length === 0 ? {} : { Condition: Object.assign({}, ...all) as NonNullable<PlainStatement["Condition"]> },
  );

const pair = <T>(name: string, each: fc.Arbitrary<T>): fc.Arbitrary<Readonly<Record<string, T | T[]>>> =>
  fc.tuple(of(name, name, name, `Not${name}`), someOf(each)).map(([key, value]) => ({ [key]: value }));

const Effect = of("Allow", "Allow", "Deny");
const Version = of("2012-10-17", "2012-10-17", "2008-10-17");

const identityStatement = fc
  .tuple(fc.record({ Effect }), pair("Action", action), pair("Resource", resource), conditions)
  .map((parts) => Object.assign({}, ...parts) as PlainStatement);

const resourceStatement = fc
  .tuple(identityStatement, principal, fc.boolean())
  .map(([statement, named, except]): PlainStatement =>
    except && statement.Effect === "Deny" ? { ...statement, NotPrincipal: named } : { ...statement, Principal: named },
  );

const policyOf = (statement: fc.Arbitrary<PlainStatement>): fc.Arbitrary<PlainPolicy> =>
  fc.record({ Version, Statement: fc.array(statement, { minLength: 1, maxLength: 4 }) });

export const identityPolicy = policyOf(identityStatement);
export const resourcePolicy = policyOf(resourceStatement);

const maybe = <T>(values: readonly T[]): fc.Arbitrary<readonly T[] | undefined> =>
  fc.oneof(
    fc.constant(undefined),
    of(...values).map((value) => [value]),
  );

const many = (values: readonly string[]): fc.Arbitrary<readonly string[] | undefined> =>
  fc.oneof(fc.constant(undefined), fc.array(of(...values), { maxLength: 3 }));

const context = fc
  .record({
    "aws:username": maybe(TEXTS),
    "aws:referer": maybe(TEXTS),
    "aws:principaltag/team": maybe(TEXTS),
    "aws:tagkeys": many(TEXTS),
    "aws:multifactorauthage": maybe(["0", "1", "10", "1000", "x"]),
    "s3:signatureage": many(["1", "2.5", "-1"]),
    "aws:currenttime": maybe(["2026-01-01T00:00:00Z", "2026-06-01T12:30:00.500Z", "2027-01-01T00:00:00Z"]),
    "aws:epochtime": maybe(["1780000000", "1767225600"]),
    "aws:securetransport": maybe(["true", "false"]),
    "aws:sourceip": maybe(["203.0.113.7", "203.0.114.1", "10.1.2.3", "2001:db8::1", "2001:db9::1"]),
    "aws:sourcearn": maybe([...ARN_VALUES, "no arn"]),
    "aws:bytes": maybe(["QmluYXJ5", "AAAA"]),
    "aws:principalservicename": maybe(["logging.s3.amazonaws.com"]),
    "aws:federatedprovider": maybe(["accounts.google.com"]),
  })
  .map(
    (found) =>
      Object.fromEntries(Object.entries(found).filter((entry) => entry[1] !== undefined)) as PlainRequest["context"],
  );

export type RandomRequest = BothCallers & Omit<PlainRequest, "caller">;

/** A request, by whoever, on whatever. */
export const request: fc.Arbitrary<RandomRequest> = fc
  .record({ who: of(...CALLERS), action: of(...ACTIONS), resource: of(...RESOURCES), context })
  .map(({ who, ...asked }) => ({ ...who, ...asked }));
