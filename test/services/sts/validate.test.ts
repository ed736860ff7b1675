import test from "ava";
import { StsError } from "../../../src/services/sts/errors.ts";
import type { StsOperationName } from "../../../src/services/sts/context.ts";
import { validateInput } from "../../../src/services/sts/validate.ts";

const ARN = "arn:aws:iam::111111111111:role/reader";
const ROLE = { RoleArn: ARN, RoleSessionName: "session" };

/** The message that refuses `input`; empty when nothing is wrong with it. */
const messageOf = (operation: StsOperationName, input: object): string => {
  try {
    validateInput(operation, input);
    return "";
  } catch (error) {
    if (!(error instanceof StsError) || error.code !== "ValidationError" || error.status !== 400) throw error;
    return error.message;
  }
};

const only = (value: string, member: string, constraint: string): string =>
  `1 validation error detected: ${value} at '${member}' failed to satisfy constraint: ${constraint}`;

test("a session name with a colon is refused in AWS's words", (t) => {
  t.is(
    messageOf("AssumeRole", { ...ROLE, RoleSessionName: "Session1:2" }),
    String.raw`1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`,
  );
});

test("everything that is wrong is told at once, in the order of the members", (t) => {
  t.is(
    messageOf("AssumeRole", { RoleArn: "short", DurationSeconds: 899 }),
    "3 validation errors detected: Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; " +
      "Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; " +
      "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
  );
});

const durations = [
  { operation: "AssumeRole", input: ROLE, min: 900, max: 43_200 },
  {
    operation: "AssumeRoleWithSAML",
    input: { RoleArn: ARN, PrincipalArn: ARN, SAMLAssertion: "abcd" },
    min: 900,
    max: 43_200,
  },
  { operation: "AssumeRoleWithWebIdentity", input: { ...ROLE, WebIdentityToken: "abcd" }, min: 900, max: 43_200 },
  { operation: "AssumeRoot", input: { TargetPrincipal: "222222222222", TaskPolicyArn: {} }, min: 0, max: 900 },
  { operation: "GetFederationToken", input: { Name: "bob" }, min: 900, max: 129_600 },
  { operation: "GetSessionToken", input: {}, min: 900, max: 129_600 },
] as const;

for (const { operation, input, min, max } of durations) {
  test(`${operation} takes durations from ${min} to ${max} seconds`, (t) => {
    t.is(messageOf(operation, { ...input, DurationSeconds: min }), "");
    t.is(messageOf(operation, { ...input, DurationSeconds: max }), "");
    t.is(
      messageOf(operation, { ...input, DurationSeconds: min - 1 }),
      only(`Value '${min - 1}'`, "durationSeconds", `Member must have value greater than or equal to ${min}`),
    );
    t.is(
      messageOf(operation, { ...input, DurationSeconds: max + 1 }),
      only(`Value '${max + 1}'`, "durationSeconds", `Member must have value less than or equal to ${max}`),
    );
  });
}

const federatedName = (Name: string): string => messageOf("GetFederationToken", { Name });

test("names are held to their lengths on both sides", (t) => {
  t.is(federatedName("ab"), "");
  t.is(federatedName("a".repeat(32)), "");
  t.is(federatedName("a"), only("Value 'a'", "name", "Member must have length greater than or equal to 2"));
  const long = "a".repeat(33);
  t.is(federatedName(long), only(`Value '${long}'`, "name", "Member must have length less than or equal to 32"));
});

test("tags are named by their number, starting with 1", (t) => {
  const Tags = [{ Key: "a", Value: "" }, { Key: "", Value: "b" }, { Value: "c" }];
  t.is(
    messageOf("AssumeRole", { ...ROLE, Tags }),
    String.raw`3 validation errors detected: Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+; ` +
      "Value null at 'tags.3.member.key' failed to satisfy constraint: Member must not be null",
  );
});

const tagWithKey = (Key: string): string => messageOf("AssumeRole", { ...ROLE, Tags: [{ Key, Value: "v" }] });

test("tag keys of any script pass, a question mark does not", (t) => {
  t.is(tagWithKey("Überschrift 項目 ٣"), "");
  t.true(tagWithKey("what?").includes("'tags.1.member.key'"));
});

const tagsByCount = (count: number) => Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: "v" }));

test("fifty tags pass, one more is refused", (t) => {
  t.is(messageOf("AssumeRole", { ...ROLE, Tags: tagsByCount(50) }), "");
  t.is(
    messageOf("AssumeRole", { ...ROLE, Tags: tagsByCount(51) }),
    only("Value", "tags", "Member must have length less than or equal to 50"),
  );
});

test("a wrong transitive tag key names the whole list and all that its members must be", (t) => {
  t.is(
    messageOf("AssumeRole", { ...ROLE, TransitiveTagKeys: ["a", ""] }),
    only(
      "Value '[a, ]'",
      "transitiveTagKeys",
      String.raw`Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+]`,
    ),
  );
});

test("credentials are never repeated", (t) => {
  const answer = messageOf("AssumeRoleWithWebIdentity", { ...ROLE, WebIdentityToken: "abc" });
  t.is(answer, only("Value", "webIdentityToken", "Member must have length greater than or equal to 4"));
});

const federatedPolicy = (Policy: string): string => messageOf("GetFederationToken", { Name: "bob", Policy });

test("a policy may hold Latin-1 letters and nothing beyond", (t) => {
  t.is(federatedPolicy('{"Statement": "é"}\n'), "");
  t.true(federatedPolicy("€").includes(String.raw`pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`));
  t.is(federatedPolicy("x".repeat(2048)), "");
  t.true(federatedPolicy("x".repeat(2049)).endsWith("Member must have length less than or equal to 2048"));
});

test("a hostile text is checked in no time", (t) => {
  const begun = performance.now();
  messageOf("AssumeRole", {
    RoleArn: `arn:aws:iam::111111111111:role/${"/".repeat(100_000)}`,
    RoleSessionName: "é".repeat(100_000),
  });
  t.true(performance.now() - begun < 500);
});
