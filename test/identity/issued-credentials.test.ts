import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import test from "ava";
import * as fc from "fast-check";

import { decodeAccessKeyId } from "../../src/identity/access-key-id.ts";
import { deriveSecretAccessKey, issueAccessKey, issueCredentials } from "../../src/identity/issue.ts";
import { createEphemeralServerKey, deriveServerKey, loadServerKey } from "../../src/identity/server-key.ts";
import type { ServerKey } from "../../src/identity/server-key.ts";
import { SESSION_TOKEN_CHARACTERS_MAX, openSessionToken } from "../../src/identity/session-token.ts";
import type { SessionGrant } from "../../src/identity/session-token.ts";
import { AwsError } from "../../src/protocol/aws-error.ts";

const random = { bytes: (size: number) => randomBytes(size) };
const serverKey = deriveServerKey(Buffer.alloc(32, 7));
const otherKey = deriveServerKey(Buffer.alloc(32, 8));

const issue = (facts: Partial<Parameters<typeof issueCredentials>[0]> = {}) =>
  issueCredentials({
    serverKey,
    partition: "aws",
    accountId: "111122223333",
    principal: { kind: "AssumedRole", roleName: "deploy", roleId: "AROAEXAMPLE", sessionName: "ci" },
    nowMs: 1_700_000_000_500,
    durationSeconds: 900,
    freeBits: 12_345,
    ...facts,
  });

test("issued credentials look like AWS's and carry their account", (t) => {
  const { accessKeyId, secretAccessKey, expiration } = issue();
  t.regex(accessKeyId, /^ASIA[A-Z2-7]{16}$/);
  t.is(decodeAccessKeyId(accessKeyId), "111122223333");
  t.regex(secretAccessKey, /^[A-Za-z0-9+/]{40}$/);
  t.is(secretAccessKey, deriveSecretAccessKey(serverKey, accessKeyId));
  t.deepEqual(expiration, new Date(1_700_000_900_000));
});

test("a token gives back what was sealed in it", (t) => {
  const facts = {
    sessionPolicy: '{"Version":"2012-10-17","Statement":[]}',
    policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    tags: [{ key: "team", value: "ä" }],
    transitiveTagKeys: ["team"],
    sourceIdentity: "alice",
    mfa: true,
  };
  const { accessKeyId, sessionToken } = issue(facts);
  t.deepEqual(openSessionToken(serverKey, sessionToken), {
    accessKeyId,
    partition: "aws",
    accountId: "111122223333",
    principal: { kind: "AssumedRole", roleName: "deploy", roleId: "AROAEXAMPLE", sessionName: "ci" },
    session: { ...facts, issuedAtMs: 1_700_000_000_000, expiresAtMs: 1_700_000_900_000 },
  } satisfies SessionGrant);
});

test("a token of an older server still opens", (t) => {
  const old =
    "ARcdD0oyi8TkDHVNnDO+6JSoIRt+5ZeL0WSxnV+1azXAX417DRNwdDR/ZWmR2cSGdVinpzsuai/18Mtf1u3bfNXqwZodf3Ui8f+45A0LsNTsCBh3p5Yx8N4JAAl2d3AsI40gWIyoIu6VBkoBgCNVEY4BEytlyVgdOinQKa/XgO2pzKdNNcd2LR9J+O+AKMmFQNJ/tUdP6NHCODiOzSrjh+3mueyrztBfDYEKov+cd0TrYHoCUXZ0TCs5rMvcrRejjIRvTHfQnJ4aWQ0=";
  t.deepEqual(openSessionToken(deriveServerKey(Buffer.alloc(32, 1)), old), {
    accessKeyId: "ASIAEXAMPLE",
    partition: "aws",
    accountId: "111111111111",
    principal: { kind: "AssumedRole", roleName: "deploy", roleId: "AROAID", sessionName: "ci" },
    session: { issuedAtMs: 1, expiresAtMs: 2, tags: [{ key: "a", value: "b" }], mfa: true },
  } satisfies SessionGrant);
});

test("a larger token gives back the same, and with any bit flipped nothing", (t) => {
  const larger = issue({ tokenCharactersMin: 1_000 });
  t.is(larger.sessionToken.length, 1_000);
  t.deepEqual(openSessionToken(serverKey, larger.sessionToken), openSessionToken(serverKey, issue().sessionToken));
  const sealed = Buffer.from(larger.sessionToken, "base64");
  for (let place = 0; place < sealed.length; place++) {
    const other = Buffer.from(sealed);
    other.writeUInt8(sealed.readUInt8(place) ^ (1 << (place % 8)), place);
    t.is(openSessionToken(serverKey, other.toString("base64")), undefined);
  }
});

test("the same credentials are the same bytes, and others are not", (t) => {
  t.deepEqual(issue(), issue());
  t.not(issue().sessionToken, issue({ sourceIdentity: "bob" }).sessionToken);
});

test("a token of another server, or of none, opens to nothing", (t) => {
  const { sessionToken } = issue();
  t.is(openSessionToken(otherKey, sessionToken), undefined);
  for (const text of [
    "",
    "token",
    "A".repeat(100),
    "A".repeat(SESSION_TOKEN_CHARACTERS_MAX + 4),
    "ä",
    sessionToken.slice(4),
  ]) {
    t.is(openSessionToken(serverKey, text), undefined);
  }
});

test("a token with any bit flipped opens to nothing", (t) => {
  const token = Buffer.from(issue().sessionToken, "base64");
  fc.assert(
    fc.property(fc.nat(token.length * 8 - 1), (bit) => {
      const flipped = Buffer.from(token);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return openSessionToken(serverKey, flipped.toString("base64")) === undefined;
    }),
  );
  t.pass();
});

test("any text at all is opened without throwing", (t) => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => openSessionToken(serverKey, text) === undefined));
  t.pass();
});

const policyOf = (bytes: number): string => randomBytes(bytes).toString("hex");

test("a session policy that does not fit into a token is PackedPolicyTooLarge", (t) => {
  t.true(issue({ sessionPolicy: policyOf(1000) }).sessionToken.length <= SESSION_TOKEN_CHARACTERS_MAX);
  t.like(
    t.throws<AwsError>(() => issue({ sessionPolicy: policyOf(4000) })),
    { code: "PackedPolicyTooLarge", status: 400 },
  );
});

test("a key of the control plane has the long-lived prefix", (t) => {
  const { accessKeyId, secretAccessKey } = issueAccessKey({ serverKey, accountId: "000000000001", freeBits: 5 });
  t.regex(accessKeyId, /^AKIA/);
  t.is(decodeAccessKeyId(accessKeyId), "000000000001");
  t.is(secretAccessKey.length, 40);
});

test("the server key is made once, readable by its owner alone, and survives", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "standin-key-"));
  const file = join(dir, "deep", "server.key");
  const keys = await Promise.all([1, 2, 3].map(() => loadServerKey({ file, random })));
  keys.push(await loadServerKey({ file, random }));
  t.is(new Set(keys.map((key) => deriveSecretAccessKey(key, "AKIA"))).size, 1);
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.is((await readFile(file)).length, 32);
  t.deepEqual(await readdir(join(dir, "deep")), ["server.key"]);
});

test("a file that holds no key is an error that names it", async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), "standin-key-")), "server.key");
  await writeFile(file, "short");
  const error = await t.throwsAsync(loadServerKey({ file, random }));
  t.regex(error?.message ?? "", /server\.key does not hold a server key: it has 5 bytes instead of 32/);
});

test("an ephemeral key is another each time", (t) => {
  const [one, other] = [createEphemeralServerKey({ random }), createEphemeralServerKey({ random })];
  t.not(deriveSecretAccessKey(one, "AKIA"), deriveSecretAccessKey(other, "AKIA"));
});

test("a seed makes the same key each time, in memory and in a new file; a file that is there holds", async (t) => {
  const file = join(await mkdtemp(join(tmpdir(), "standin-key-")), "server.key");
  const secretOf = (key: ServerKey): string => deriveSecretAccessKey(key, "AKIA");
  const secret = secretOf(createEphemeralServerKey({ random, seed: 1 }));
  t.is(secretOf(createEphemeralServerKey({ random, seed: 1 })), secret);
  t.not(secretOf(createEphemeralServerKey({ random, seed: 2 })), secret);
  t.is(secretOf(await loadServerKey({ file, random, seed: 1 })), secret);
  t.is(secretOf(await loadServerKey({ file, random, seed: 2 })), secret);
});
