import {
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateOpenIDConnectProviderCommand,
  CreateSAMLProviderCommand,
  ListOpenIDConnectProviderTagsCommand,
  ListPolicyTagsCommand,
  ListRoleTagsCommand,
  ListSAMLProviderTagsCommand,
  ListUserTagsCommand,
  TagOpenIDConnectProviderCommand,
  TagPolicyCommand,
  TagRoleCommand,
  TagSAMLProviderCommand,
  TagUserCommand,
  UntagOpenIDConnectProviderCommand,
  UntagPolicyCommand,
  UntagRoleCommand,
  UntagSAMLProviderCommand,
  UntagUserCommand,
  type Tag,
} from "@aws-sdk/client-iam";
import test, { type ExecutionContext } from "ava";
import { startTestServer } from "../../support/server.ts";
import { ALLOW_ALL, refusal, trusting } from "./support.ts";

const PolicyArn = "arn:aws:iam::123456789012:policy/p";

const OpenIDConnectProviderArn = "arn:aws:iam::123456789012:oidc-provider/idp.example";
const SAMLProviderArn = "arn:aws:iam::123456789012:saml-provider/corp";
const METADATA = `<EntityDescriptor>${" ".repeat(1_000)}</EntityDescriptor>`;

const prepare = async (t: ExecutionContext) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const iam = server.iam();
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  await iam.send(new CreateRoleCommand({ RoleName: "deploy", AssumeRolePolicyDocument: trusting("222222222222") }));
  await iam.send(new CreatePolicyCommand({ PolicyName: "p", PolicyDocument: ALLOW_ALL }));
  await iam.send(new CreateOpenIDConnectProviderCommand({ Url: "https://idp.example" }));
  await iam.send(new CreateSAMLProviderCommand({ Name: "corp", SAMLMetadataDocument: METADATA }));
  return {
    oidcProvider: {
      tag: (Tags: Tag[]) => iam.send(new TagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, Tags })),
      untag: (TagKeys: string[]) =>
        iam.send(new UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn, TagKeys })),
      list: (page = {}) => iam.send(new ListOpenIDConnectProviderTagsCommand({ OpenIDConnectProviderArn, ...page })),
    },
    samlProvider: {
      tag: (Tags: Tag[]) => iam.send(new TagSAMLProviderCommand({ SAMLProviderArn, Tags })),
      untag: (TagKeys: string[]) => iam.send(new UntagSAMLProviderCommand({ SAMLProviderArn, TagKeys })),
      list: (page = {}) => iam.send(new ListSAMLProviderTagsCommand({ SAMLProviderArn, ...page })),
    },
    user: {
      tag: (Tags: Tag[]) => iam.send(new TagUserCommand({ UserName: "alice", Tags })),
      untag: (TagKeys: string[]) => iam.send(new UntagUserCommand({ UserName: "alice", TagKeys })),
      list: (page = {}) => iam.send(new ListUserTagsCommand({ UserName: "alice", ...page })),
    },
    role: {
      tag: (Tags: Tag[]) => iam.send(new TagRoleCommand({ RoleName: "deploy", Tags })),
      untag: (TagKeys: string[]) => iam.send(new UntagRoleCommand({ RoleName: "deploy", TagKeys })),
      list: (page = {}) => iam.send(new ListRoleTagsCommand({ RoleName: "deploy", ...page })),
    },
    policy: {
      tag: (Tags: Tag[]) => iam.send(new TagPolicyCommand({ PolicyArn, Tags })),
      untag: (TagKeys: string[]) => iam.send(new UntagPolicyCommand({ PolicyArn, TagKeys })),
      list: (page = {}) => iam.send(new ListPolicyTagsCommand({ PolicyArn, ...page })),
    },
  };
};

const tag = (Key: string, Value = "v"): Tag => ({ Key, Value });
const keysOf = (tags: readonly Tag[] | undefined) => tags?.map(({ Key, Value }) => `${Key}=${Value}`);

for (const kind of ["user", "role", "policy", "oidcProvider", "samlProvider"] as const) {
  test(`${kind}: tags are put over one another, listed in pages and taken back`, async (t) => {
    const { [kind]: it } = await prepare(t);
    await it.tag([tag("b", "1"), tag("a", "2")]);
    await it.tag([tag("b", ""), tag("c", "3")]);
    const first = await it.list({ MaxItems: 2 });
    t.deepEqual(keysOf(first.Tags), ["a=2", "b="]);
    t.true(first.IsTruncated);
    const second = await it.list({ Marker: first.Marker });
    t.deepEqual(keysOf(second.Tags), ["c=3"]);
    t.false(second.IsTruncated);
    await it.untag(["a", "never there"]);
    t.deepEqual(keysOf((await it.list()).Tags), ["b=", "c=3"]);
  });

  test(`${kind}: fifty tags at most`, async (t) => {
    const { [kind]: it } = await prepare(t);
    await it.tag(Array.from({ length: 50 }, (_, at) => tag(`k${at}`)));
    t.deepEqual(await refusal(it.tag([tag("one too many")])), {
      code: "LimitExceeded",
      message: "The number of tags has reached the maximum limit.",
      status: 409,
      type: "Sender",
    });
    t.like(await refusal(it.tag(Array.from({ length: 51 }, (_, at) => tag(`k${at}`)))), {
      code: "ValidationError",
      message:
        "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
    });
  });
}

for (const kind of ["user", "role"] as const) {
  test(`keys of a ${kind}'s tags differ by more than their case`, async (t) => {
    const { [kind]: it } = await prepare(t);
    t.deepEqual(await refusal(it.tag([tag("a"), tag("A")])), {
      code: "InvalidInput",
      message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
      status: 400,
      type: "Sender",
    });
    await it.tag([tag("Team", "red")]);
    await it.tag([tag("team", "blue")]);
    t.deepEqual(keysOf((await it.list()).Tags), ["team=blue"]);
    await it.untag(["TEAM"]);
    t.deepEqual((await it.list()).Tags, []);
  });
}

test("keys of a policy's tags differ by their case too", async (t) => {
  const { policy } = await prepare(t);
  await policy.tag([tag("a"), tag("A")]);
  t.deepEqual(keysOf((await policy.list()).Tags), ["A=v", "a=v"]);
  t.like(await refusal(policy.tag([tag("a"), tag("a")])), {
    code: "InvalidInput",
    message: "Duplicate tag keys found.",
  });
  await policy.untag(["a"]);
  t.deepEqual(keysOf((await policy.list()).Tags), ["A=v"]);
});

test("tags that AWS does not take are refused member by member", async (t) => {
  const { user } = await prepare(t);
  const said = async (tags: Tag[]) => (await refusal(user.tag(tags))).message;
  const at = (member: string, demand: string) =>
    `1 validation error detected: Value at 'tags.1.member.${member}' failed to satisfy constraint: ${demand}`;
  t.is(await said([tag("k".repeat(129))]), at("key", "Member must have length less than or equal to 128"));
  t.is(await said([tag("k", "v".repeat(257))]), at("value", "Member must have length less than or equal to 256"));
  t.is(
    await said([tag("bad*key")]),
    at("key", String.raw`Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`),
  );
  for (const reserved of [tag("aws:k"), tag("AWS:k"), tag("k", "aws:v")]) {
    t.like(await refusal(user.tag([reserved])), { code: "InvalidInput", status: 400 });
  }
  t.is(
    (await refusal(user.untag(["k".repeat(129)]))).message,
    String.raw`1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]`,
  );
});
