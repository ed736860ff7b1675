/** AccessService: the auth mode, questions without a request, and which statements are used. */
import { GetObjectCommand, ListBucketsCommand, type S3Client } from "@aws-sdk/client-s3";
import test from "ava";
import { AccessLayer, AuthMode, createControlClient, SimulatedCallerKind } from "../../src/control/client.ts";
import { makeBucket, onBucket, policyText, putPolicy, registerKeys, type StatementText } from "../access/fixtures.ts";
import { READS, registerUser } from "../access/registered-users.ts";
import { ALICE, BOB } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { callOk, callRefused } from "./control-plane.ts";

const server = await startTestServer({ authMode: "strict" });
const control = createControlClient({ baseUrl: server.running.controlUrl });
let alice: S3Client;
test.before(async () => {
  alice = server.s3({ credentials: await registerKeys(server, { accountId: ALICE }) });
});
test.after.always(() => server.close());

const read = (Bucket: string, Key = "key") => new GetObjectCommand({ Bucket, Key });
const makeUser = (accountId: string, ...statements: readonly StatementText[]) =>
  registerUser(server, control, { accountId, statements });

test("SimulateAccess decides for every kind of caller as requests are decided, and does nothing", async (t) => {
  const bucket = await makeBucket(alice, { open: true });
  const { userName } = await makeUser(ALICE, READS);
  const simulate = async (caller: object, action = "s3:GetObject") => {
    const { decision } = await control.access.simulateAccess({ caller, action, bucket, key: "key" });
    return decision;
  };
  t.like(await simulate({ kind: SimulatedCallerKind.ROOT, accountId: ALICE }), {
    allowed: true,
    decidedBy: AccessLayer.ROOT,
  });
  t.like(await simulate({ kind: SimulatedCallerKind.USER, accountId: ALICE, name: userName }), { allowed: true });
  const denied = await simulate({ kind: SimulatedCallerKind.USER, accountId: ALICE, name: userName }, "s3:PutObject");
  t.like(denied, { allowed: false, decidedBy: AccessLayer.IDENTITY });
  t.like(await simulate({ kind: SimulatedCallerKind.ROOT, accountId: BOB }), {
    allowed: false,
    decidedBy: AccessLayer.RESOURCE,
  });
  t.like(await simulate({ kind: SimulatedCallerKind.ANONYMOUS }), { allowed: false });
  const role = { kind: SimulatedCallerKind.ROLE, accountId: ALICE, name: "nobodys" };
  t.like(await simulate(role), { allowed: true, principal: `arn:aws:sts::${ALICE}:assumed-role/nobodys/simulated` });
  const sessionPolicy = policyText({ Effect: "Allow", Action: "s3:ListBucket", Resource: "*" });
  t.like(await simulate({ ...role, sessionPolicy }), { allowed: false, decidedBy: AccessLayer.SESSION });
  const federated = { kind: SimulatedCallerKind.FEDERATED_USER, accountId: ALICE, name: "fred", madeBy: userName };
  t.like(await simulate(federated), { allowed: false, decidedBy: AccessLayer.SESSION });
  t.like(await simulate({ ...federated, sessionPolicy: policyText(READS) }), { allowed: true });
});

test("SimulateAccess takes values of condition keys, and actions that are on no bucket", async (t) => {
  const bucket = await makeBucket(alice);
  const Condition = { StringEquals: { "s3:prefix": "own/" } };
  const { userName } = await makeUser(ALICE, { Effect: "Allow", Action: "s3:ListBucket", Resource: "*", Condition });
  const caller = { kind: SimulatedCallerKind.USER, accountId: ALICE, name: userName };
  const list = { caller, action: "s3:ListBucket", bucket };
  const without = await control.access.simulateAccess(list);
  t.like(without.decision, { allowed: false });
  t.deepEqual(without.decision?.statements[0]?.mismatch?.actual, []);
  const context = [{ key: "s3:Prefix", values: ["own/"] }];
  t.like((await control.access.simulateAccess({ ...list, context })).decision, { allowed: true });
  const { decision } = await control.access.simulateAccess({ caller, action: "iam:CreateUser" });
  t.like(decision, { allowed: false, resource: "*" });
});

test("SimulateAccess refuses what it cannot read", async (t) => {
  const rpc = "AccessService/SimulateAccess";
  const caller = { kind: "KIND_ROOT", accountId: ALICE };
  const { controlUrl } = server.running;
  for (const [field, body] of [
    ["caller", { action: "s3:GetObject" }],
    ["action", { caller, action: "GetObject" }],
    ["caller.kind", { caller: { accountId: ALICE }, action: "s3:GetObject" }],
    ["caller.accountId", { caller: { kind: "KIND_ROOT" }, action: "s3:GetObject" }],
    ["caller.name", { caller: { ...caller, kind: "KIND_USER" }, action: "s3:GetObject" }],
    [
      "caller.sessionPolicy",
      { caller: { ...caller, kind: "KIND_ROLE", name: "r", sessionPolicy: "{" }, action: "s3:GetObject" },
    ],
    ["key", { caller, action: "s3:GetObject", key: "k" }],
    ["resource", { caller, action: "s3:GetObject", bucket: "b", resource: "*" }],
    ["context[0].key", { caller, action: "s3:GetObject", context: [{ values: ["a"] }] }],
    ["context[0].values", { caller, action: "s3:GetObject", context: [{ key: "a", values: ["a".repeat(8_193)] }] }],
  ] as const) {
    const message = await callRefused(t, controlUrl, { rpc, body, code: "invalid_argument" });
    t.true(message.startsWith(`${field} `), message);
  }
  await callRefused(t, controlUrl, {
    rpc,
    body: { caller, action: "s3:GetObject", bucket: "missing" },
    code: "not_found",
  });
});

test("a mode that is none is refused with those that there are", async (t) => {
  const names = "AUTH_MODE_OFF, AUTH_MODE_LENIENT, AUTH_MODE_STRICT";
  const rpc = "AccessService/SetAuthMode";
  for (const body of [{}, { mode: 9 }, { mode: "strict" }, { mode: "AUTH_MODE_STRICTER" }]) {
    const message = await callRefused(t, server.running.controlUrl, { rpc, body, code: "invalid_argument" });
    t.true(message.endsWith(`one of ${names}`), message);
  }
});

test("SetAuthMode holds from the next request on, in its world alone", async (t) => {
  await control.worlds.createWorld({ name: "modes" });
  const headers = { "x-standin-world": "modes" };
  const status = async () => (await server.request("GET", "/", { headers })).status;
  const mode = async () => (await control.access.getAuthMode({ world: "modes" })).mode;
  t.is(await mode(), AuthMode.STRICT);
  t.is(await status(), 403);
  t.is((await control.access.setAuthMode({ world: "modes", mode: AuthMode.OFF })).mode, AuthMode.OFF);
  t.is(await mode(), AuthMode.OFF);
  t.is(await status(), 200);
  t.is((await control.access.getAuthMode({})).mode, AuthMode.STRICT);
  const answer = await callOk(t, server.running.controlUrl, "AccessService/SetAuthMode", {
    world: "modes",
    mode: "AUTH_MODE_LENIENT",
  });
  t.deepEqual(answer, { mode: "AUTH_MODE_LENIENT" });
  const refused = { rpc: "AccessService/SetAuthMode", body: { world: "modes" }, code: "invalid_argument" };
  await callRefused(t, server.running.controlUrl, refused);
});

test("GetPolicyCoverage tells which statements were ever used, until the world is reset", async (t) => {
  await control.worlds.createWorld({ name: "coverage" });
  const world = "coverage";
  const document = policyText(READS, { Sid: "Unused", Effect: "Allow", Action: "s3:DeleteObject", Resource: "*" });
  await control.identities.putUser({
    world,
    user: { accountId: BOB, userName: "bob", inlinePolicies: [{ name: "p", document }] },
  });
  const { accessKeyId, secretAccessKey } = await control.accounts.createAccessKey({
    world,
    accountId: BOB,
    userName: "bob",
  });
  const root = await control.accounts.createAccessKey({ world, accountId: BOB });
  const { endpoint } = (await control.worlds.getWorld({ name: world })).world ?? {};
  const at = { endpoint: endpoint ?? "" };
  const bucket = await makeBucket(server.s3({ ...at, credentials: root }));
  await putPolicy(server.s3({ ...at, credentials: root }), bucket, onBucket(bucket, { Principal: { AWS: ALICE } }));
  const s3 = server.s3({ ...at, credentials: { accessKeyId, secretAccessKey } });
  await s3.send(read(bucket));
  await s3.send(read(bucket));
  await t.throwsAsync(s3.send(new ListBucketsCommand({})));
  const { policies } = await control.access.getPolicyCoverage({ world });
  t.deepEqual(
    policies.map(({ layer, policy, statements }) => [
      layer,
      policy,
      statements.map(({ sid, consideredCount, matchedCount, decidedCount }) => [
        sid,
        consideredCount,
        matchedCount,
        decidedCount,
      ]),
    ]),
    [
      [
        AccessLayer.IDENTITY,
        "user/bob inline policy p",
        [
          ["Reads", 3n, 2n, 2n],
          ["Unused", 3n, 0n, 0n],
        ],
      ],
      [AccessLayer.RESOURCE, `bucket policy of ${bucket}`, [["", 2n, 0n, 0n]]],
    ],
  );
  const undecided = await control.access.getPolicyCoverage({ world, undecidedOnly: true, pageSize: 1 });
  t.deepEqual(
    undecided.policies.flatMap(({ statements }) => statements.map(({ sid }) => sid)),
    ["Unused"],
  );
  const next = await control.access.getPolicyCoverage({ world, pageToken: undecided.nextPageToken });
  t.deepEqual(
    next.policies.map(({ policy }) => policy),
    [`bucket policy of ${bucket}`],
  );
  t.is(next.nextPageToken, "");
  await control.state.reset({ world });
  t.deepEqual((await control.access.getPolicyCoverage({ world })).policies, []);
});
