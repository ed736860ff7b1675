import { ListBucketsCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { createControlClient } from "../../src/control/client.ts";
import { ALLOW_ALL, documentOf, trusting } from "../services/iam/support.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { callOk, callRefused } from "./control-plane.ts";

const ONE = "111111111111";
const TWO = "222222222222";

const withServer = async (use: (server: TestServer, control: string) => Promise<void>): Promise<void> => {
  const server = await startTestServer();
  try {
    await use(server, server.running.controlUrl);
  } finally {
    await server.close();
  }
};

const READ = documentOf({ Effect: "Allow", Action: "s3:Get*", Resource: "*" });
const METADATA = '<EntityDescriptor entityID="https://idp.example"></EntityDescriptor>';

const HOLDER = {
  accountId: ONE,
  path: "/team/",
  inlinePolicies: [
    { name: "all", document: ALLOW_ALL },
    { name: "read", document: READ },
  ],
  attachedPolicyArns: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", `arn:aws:iam::${ONE}:policy/later`],
  permissionsBoundary: `arn:aws:iam::${ONE}:policy/limits`,
  tags: [{ key: "Team", value: "red" }],
};

/** What each kind is put and named by, and how it is answered. */
const KINDS = [
  {
    kind: "User",
    list: "ListUsers",
    member: "user",
    members: "users",
    named: { userName: "alice" },
    put: { ...HOLDER, userName: "alice" },
    shown: { ...HOLDER, userName: "alice", arn: `arn:aws:iam::${ONE}:user/team/alice` },
    id: { member: "userId", form: /^AIDA[A-Z2-7]{17}$/ },
    word: "user",
  },
  {
    kind: "Role",
    list: "ListRoles",
    member: "role",
    members: "roles",
    named: { roleName: "deploy" },
    put: {
      ...HOLDER,
      roleName: "deploy",
      trustPolicy: trusting(TWO),
      maxSessionDuration: "7200s",
      description: "deploys",
    },
    shown: {
      ...HOLDER,
      roleName: "deploy",
      trustPolicy: trusting(TWO),
      maxSessionDuration: "7200s",
      description: "deploys",
      arn: `arn:aws:iam::${ONE}:role/team/deploy`,
    },
    id: { member: "roleId", form: /^AROA[A-Z2-7]{17}$/ },
    word: "role",
  },
  {
    kind: "Policy",
    list: "ListPolicies",
    member: "policy",
    members: "policies",
    named: { policyName: "limits" },
    put: { accountId: ONE, policyName: "limits", document: READ, description: "limits", tags: HOLDER.tags },
    shown: {
      accountId: ONE,
      policyName: "limits",
      path: "/",
      document: READ,
      description: "limits",
      tags: HOLDER.tags,
      arn: `arn:aws:iam::${ONE}:policy/limits`,
    },
    id: { member: "policyId", form: /^ANPA[A-Z2-7]{17}$/ },
    word: "policy",
  },
  {
    kind: "OidcProvider",
    list: "ListOidcProviders",
    member: "oidcProvider",
    members: "oidcProviders",
    named: { url: "https://idp.example/path" },
    put: {
      accountId: ONE,
      url: "https://idp.example/path",
      clientIds: ["one", "two", "one"],
      thumbprints: ["a".repeat(40)],
      keySet: '{"keys":[]}',
      tags: HOLDER.tags,
    },
    shown: {
      accountId: ONE,
      url: "idp.example/path",
      clientIds: ["one", "two"],
      thumbprints: ["a".repeat(40)],
      keySet: '{"keys":[]}',
      tags: HOLDER.tags,
      arn: `arn:aws:iam::${ONE}:oidc-provider/idp.example/path`,
    },
    id: undefined,
    word: "OpenID Connect provider",
  },
  {
    kind: "SamlProvider",
    list: "ListSamlProviders",
    member: "samlProvider",
    members: "samlProviders",
    named: { providerName: "corp" },
    put: { accountId: ONE, providerName: "corp", metadata: METADATA, tags: HOLDER.tags },
    shown: {
      accountId: ONE,
      providerName: "corp",
      metadata: METADATA,
      tags: HOLDER.tags,
      arn: `arn:aws:iam::${ONE}:saml-provider/corp`,
    },
    id: undefined,
    word: "SAML provider",
  },
] as const;

for (const { kind, list, member, members, named, put, shown, id, word } of KINDS) {
  test(`${kind}: registered, shown, listed, put anew and forgotten`, async (t) => {
    await withServer(async (_server, control) => {
      const rpc = (verb: string) => `IdentityService/${verb}${kind}`;
      const answer = await callOk(t, control, rpc("Put"), { [member]: put });
      const { createdAt, ...rest } = answer[member] as Record<string, string>;
      t.regex(createdAt ?? "", /^\d{4}-\d\d-\d\dT/);
      if (id === undefined) t.deepEqual(rest as object, shown as object);
      else {
        const { [id.member]: given = "", ...others } = rest;
        t.regex(given, id.form);
        t.deepEqual(others as object, shown as object);
      }
      const place = { accountId: ONE, ...named };
      t.deepEqual(await callOk(t, control, rpc("Get"), place), answer);
      t.deepEqual(await callOk(t, control, `IdentityService/${list}`, { accountId: ONE }), {
        [members]: [answer[member]],
        nextPageToken: "",
      });
      t.deepEqual(await callOk(t, control, `IdentityService/${list}`, { accountId: TWO }), {
        [members]: [],
        nextPageToken: "",
      });
      const again = await callOk(t, control, rpc("Put"), { [member]: { ...put, tags: [] } });
      t.deepEqual(again[member], { ...(answer[member] as object), tags: [] }, "its id and its age stay");
      await callOk(t, control, rpc("Delete"), place);
      for (const verb of ["Get", "Delete"]) {
        const message = await callRefused(t, control, { rpc: rpc(verb), body: place, code: "not_found" });
        t.true(message.startsWith(`there is no ${word} "`), message);
        t.true(message.endsWith(" in world default"), message);
      }
    });
  });
}

const USER = { accountId: ONE, userName: "alice" };
const ROLE = { accountId: ONE, roleName: "deploy", trustPolicy: trusting(TWO) };
const OIDC = { accountId: ONE, url: "idp.example" };

/** Requests that are refused, by the field that is wrong, with what is said of it. */
const WRONG: readonly (readonly [rpc: string, body: object, field: string, reason: string])[] = [
  ["PutUser", {}, "user", "must be given"],
  ["PutUser", { user: { ...USER, accountId: "1" } }, "user.accountId", "must be twelve digits"],
  ["PutUser", { user: { ...USER, userName: "a/b" } }, "user.userName", "must be 1 to 64 letters, digits and +=,.@_-"],
  [
    "PutUser",
    { user: { ...USER, userName: "a".repeat(65) } },
    "user.userName",
    "must be 1 to 64 letters, digits and +=,.@_-",
  ],
  ["PutUser", { user: { ...USER, path: "team" } }, "user.path", "must begin and end with /"],
  [
    "PutUser",
    { user: { ...USER, inlinePolicies: [{ name: "p", document: "{" }] } },
    "user.inlinePolicies[0].document",
    "is no policy: Syntax errors in policy.",
  ],
  [
    "PutUser",
    {
      user: {
        ...USER,
        inlinePolicies: [
          { name: "p", document: READ },
          { name: "p", document: READ },
        ],
      },
    },
    "user.inlinePolicies",
    "must have a name each",
  ],
  [
    "PutUser",
    { user: { ...USER, attachedPolicyArns: ["arn:aws:iam::aws:policy/NoSuchPolicy"] } },
    "user.attachedPolicyArns[0]",
    "names none of the policies of AWS's own that are kept here",
  ],
  [
    "PutUser",
    { user: { ...USER, attachedPolicyArns: [`arn:aws:iam::${TWO}:policy/p`] } },
    "user.attachedPolicyArns[0]",
    "names a policy of another account",
  ],
  [
    "PutUser",
    { user: { ...USER, permissionsBoundary: "p" } },
    "user.permissionsBoundary",
    "must be the ARN of a managed policy",
  ],
  [
    "PutUser",
    {
      user: {
        ...USER,
        tags: [
          { key: "a", value: "" },
          { key: "A", value: "" },
        ],
      },
    },
    "user.tags",
    "must have a key each, whatever its case",
  ],
  [
    "PutUser",
    { user: { ...USER, tags: [{ key: "", value: "" }] } },
    "user.tags[0].key",
    "must be 1 to 128 characters that tags may have",
  ],
  [
    "PutUser",
    { user: { ...USER, tags: Array.from({ length: 51 }, (_, at) => ({ key: `k${at}`, value: "" })) } },
    "user.tags",
    "must be at most 50",
  ],
  [
    "PutRole",
    { role: { ...ROLE, trustPolicy: documentOf({ Effect: "Allow", Principal: "*", Action: "s3:*" }) } },
    "role.trustPolicy",
    "is no policy: AssumeRole policy may only specify STS AssumeRole actions.",
  ],
  [
    "PutRole",
    { role: { ...ROLE, maxSessionDuration: "3599s" } },
    "role.maxSessionDuration",
    "must be 3600 to 43200 seconds",
  ],
  [
    "PutRole",
    { role: { ...ROLE, description: "d".repeat(1_001) } },
    "role.description",
    "must be at most 1,000 characters",
  ],
  [
    "PutPolicy",
    { policy: { accountId: ONE, policyName: "p", document: "" } },
    "policy.document",
    "is no policy: Syntax errors in policy.",
  ],
  [
    "PutOidcProvider",
    { oidcProvider: { ...OIDC, url: "http://idp.example" } },
    "oidcProvider.url",
    "must be an https URL of at most 255 characters without a query",
  ],
  [
    "PutOidcProvider",
    { oidcProvider: { ...OIDC, keySet: "[]" } },
    "oidcProvider.keySet",
    "must be a JSON Web Key Set: an object with keys",
  ],
  [
    "PutOidcProvider",
    { oidcProvider: { ...OIDC, thumbprints: ["short"] } },
    "oidcProvider.thumbprints",
    "must be at most 5 of 40 hex digits each",
  ],
  [
    "PutSamlProvider",
    { samlProvider: { accountId: ONE, providerName: "corp", metadata: "<x/>" } },
    "samlProvider.metadata",
    "must be XML with an EntityDescriptor",
  ],
  ["GetUser", { ...USER, userName: "" }, "userName", "must be 1 to 64 letters, digits and +=,.@_-"],
  ["ListRoles", { accountId: "" }, "accountId", "must be twelve digits"],
  ["ListRoles", { accountId: ONE, pageToken: "nonsense" }, "pageToken", "must be the nextPageToken of this list"],
];

test("what is wrong with a request is told by its field", async (t) => {
  await withServer(async (_server, control) => {
    for (const [rpc, body, field, reason] of WRONG) {
      const expected = { rpc: `IdentityService/${rpc}`, body, code: "invalid_argument", details: [{ field, reason }] };
      t.is(await callRefused(t, control, expected), `${field} ${reason}`);
    }
    t.deepEqual(await callOk(t, control, "IdentityService/ListUsers", { accountId: ONE }), {
      users: [],
      nextPageToken: "",
    });
    await callRefused(t, control, {
      rpc: "IdentityService/ListUsers",
      body: { world: "nowhere", accountId: ONE },
      code: "not_found",
    });
  });
});

test("lists come in pages, in order of names", async (t) => {
  await withServer(async (_server, control) => {
    const { identities } = createControlClient({ baseUrl: control });
    for (const userName of ["bob", "Alice", "carol"]) await identities.putUser({ user: { accountId: ONE, userName } });
    const first = await identities.listUsers({ accountId: ONE, pageSize: 2 });
    t.deepEqual(
      first.users.map(({ userName }) => userName),
      ["Alice", "bob"],
    );
    const second = await identities.listUsers({ accountId: ONE, pageSize: 2, pageToken: first.nextPageToken });
    t.deepEqual(
      second.users.map(({ userName }) => userName),
      ["carol"],
    );
    t.is(second.nextPageToken, "");
  });
});

test("what is registered belongs to its world, outlives a reset and goes with a reset of everything", async (t) => {
  await withServer(async (_server, control) => {
    const { identities, worlds, state } = createControlClient({ baseUrl: control });
    await identities.putUser({ user: USER });
    const names = async (world: string) =>
      (await identities.listUsers({ world, accountId: ONE })).users.map(({ userName }) => userName);
    await worlds.createWorld({ name: "empty" });
    await worlds.createWorld({ name: "fork", fromWorld: "default" });
    t.deepEqual(await names("empty"), []);
    t.deepEqual(await names("fork"), ["alice"]);
    await identities.deleteUser({ world: "fork", accountId: ONE, userName: "alice" });
    await state.reset({});
    t.deepEqual(await names("default"), ["alice"]);
    await state.reset({ everything: true });
    t.deepEqual(await names("default"), []);
  });
});

test("a policy that is put anew decides at once for those that have it", async (t) => {
  await withServer(async (server, control) => {
    const { identities, accounts, worlds } = createControlClient({ baseUrl: control });
    const key = await accounts.createAccessKey({ accountId: ONE, userName: "alice" });
    const policy = { accountId: ONE, policyName: "shared" };
    await identities.putPolicy({ policy: { ...policy, document: READ } });
    await identities.putUser({ user: { ...USER, attachedPolicyArns: [`arn:aws:iam::${ONE}:policy/shared`] } });
    await worlds.updateWorld({ name: "default", settings: { authMode: 3 } });
    const s3 = server.s3({ credentials: key });
    await t.throwsAsync(s3.send(new ListBucketsCommand({})), { name: "AccessDenied" });
    await identities.putPolicy({ policy: { ...policy, document: ALLOW_ALL } });
    t.is((await s3.send(new ListBucketsCommand({}))).$metadata.httpStatusCode, 200);
  });
});
