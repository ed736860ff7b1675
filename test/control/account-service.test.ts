import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import test from "ava";
import { startTestServer, type TestServer } from "../support/server.ts";
import { call, callOk, callRefused } from "./control-plane.ts";

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

const accountOf = async (server: TestServer, accountId?: string): Promise<string | undefined> => {
  const client = server.sts(accountId === undefined ? {} : { accountId });
  return (await client.send(new GetCallerIdentityCommand({}))).Account;
};

test("an override makes every request one account's until it is taken back", async (t) => {
  await withServer(async (server, control) => {
    await callOk(t, control, "AccountService/SetDefaultAccount", { accountId: TWO });
    t.deepEqual(await callOk(t, control, "AccountService/GetDefaultAccount", {}), {
      accountId: TWO,
      overrideAccountId: TWO,
      fallbackAccountId: "123456789012",
    });
    t.is(await accountOf(server, ONE), TWO);
    await callOk(t, control, "AccountService/ClearDefaultAccount", {});
    t.is(await accountOf(server, ONE), ONE);
    await callOk(t, control, "AccountService/ClearDefaultAccount", { world: "default" });
  });
});

for (const mode of ["FALLBACK", "DEFAULT_ACCOUNT_MODE_FALLBACK", 2]) {
  test(`mode ${mode} sets the account of requests that name none`, async (t) => {
    await withServer(async (server, control) => {
      await callOk(t, control, "AccountService/SetDefaultAccount", { accountId: TWO, mode });
      t.deepEqual(await callOk(t, control, "AccountService/GetDefaultAccount", {}), {
        accountId: TWO,
        overrideAccountId: "",
        fallbackAccountId: TWO,
      });
      t.is(await accountOf(server, ONE), ONE);
      const unknownKey = server.sts({ credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "test" } });
      t.is((await unknownKey.send(new GetCallerIdentityCommand({}))).Account, TWO);
    });
  });
}

test("a mode that does not exist is refused", async (t) => {
  await withServer(async (_server, control) => {
    const body = { accountId: ONE, mode: 9 };
    const details = [{ field: "mode", reason: "must be OVERRIDE or FALLBACK" }];
    await callRefused(t, control, { rpc: "AccountService/SetDefaultAccount", body, code: "invalid_argument", details });
    const misspelt = await call(control, "AccountService/SetDefaultAccount", {
      body: { accountId: ONE, mode: "FALBACK" },
    });
    t.is(misspelt.json["code"], "invalid_argument");
  });
});

test("accounts are listed with what they hold, page by page", async (t) => {
  await withServer(async (server, control) => {
    for (const accountId of [TWO, ONE, "333333333333"]) {
      await server.s3({ accountId }).send(new CreateBucketCommand({ Bucket: `bucket-${accountId}` }));
    }
    await server.s3({ accountId: ONE }).send(new PutObjectCommand({ Bucket: `bucket-${ONE}`, Key: "a", Body: "four" }));
    const first = await callOk(t, control, "AccountService/ListAccounts", { pageSize: 2 });
    const accounts = first["accounts"] as Record<string, unknown>[];
    t.deepEqual(
      accounts.map(({ accountId }) => accountId),
      [ONE, TWO],
    );
    t.like(accounts[0], { bucketCount: 1, objectCount: 1, versionCount: 1, uploadCount: 0, sizeBytes: "4" });
    t.regex(String(accounts[0]?.["canonicalUserId"]), /^[0-9a-f]{64}$/);
    const second = await callOk(t, control, "AccountService/ListAccounts", { pageToken: first["nextPageToken"] });
    t.like(second, { accounts: [{ accountId: "333333333333" }], nextPageToken: "" });
    const one = await callOk(t, control, "AccountService/GetAccount", { accountId: ONE });
    t.deepEqual(one["account"], accounts[0]);
  });
});

test("an account that never held anything is not found, and a malformed id is refused by its field", async (t) => {
  await withServer(async (_server, control) => {
    const rpc = "AccountService/GetAccount";
    const details = [{ type: "account", name: ONE, world: "default" }];
    await callRefused(t, control, { rpc, body: { accountId: ONE }, code: "not_found", details });
    for (const accountId of ["", "12345678901", "1234567890123", "12345678901a", "１２３４５６７８９０１２"]) {
      const details = [{ field: "accountId", reason: "must be twelve digits" }];
      await callRefused(t, control, { rpc, body: { accountId }, code: "invalid_argument", details });
    }
  });
});

test("an unknown world is not found, and a malformed name is refused", async (t) => {
  await withServer(async (_server, control) => {
    const rpc = "AccountService/ListAccounts";
    const details = [{ type: "world", name: "other", world: "" }];
    await callRefused(t, control, { rpc, body: { world: "other" }, code: "not_found", details });
    for (const world of ["Other", "-x", "x-", "a".repeat(64), "a/b"]) {
      await callRefused(t, control, { rpc, body: { world }, code: "invalid_argument" });
    }
  });
});

test("a token of another list, or none at all, is refused", async (t) => {
  await withServer(async (_server, control) => {
    const token = Buffer.from('["buckets","111111111111","aws","b"]').toString("base64url");
    for (const pageToken of [token, "x", "%%", Buffer.from("[1]").toString("base64url")]) {
      const details = [{ field: "pageToken", reason: "must be the nextPageToken of this list" }];
      await callRefused(t, control, {
        rpc: "AccountService/ListAccounts",
        body: { pageToken },
        code: "invalid_argument",
        details,
      });
    }
  });
});

test("a generated access key signs for its account", async (t) => {
  await withServer(async (server, control) => {
    const key = await callOk(t, control, "AccountService/CreateAccessKey", { accountId: ONE });
    const { accessKeyId, secretAccessKey } = key as { accessKeyId: string; secretAccessKey: string };
    t.regex(accessKeyId, /^AKIA[A-Z2-7]{16}$/);
    t.is(secretAccessKey.length, 40);
    const sts = server.sts({ credentials: { accessKeyId, secretAccessKey } });
    t.is((await sts.send(new GetCallerIdentityCommand({}))).Arn, `arn:aws:iam::${ONE}:root`);
    const wrong = server.s3({ credentials: { accessKeyId, secretAccessKey: "wrong" } });
    await t.throwsAsync(wrong.send(new ListBucketsCommand({})), { name: "SignatureDoesNotMatch" });
  });
});

test("access keys outlive a reset, after which new ones get ids of their own", async (t) => {
  await withServer(async (_server, control) => {
    const ids = new Set<unknown>();
    for (let round = 0; round < 40; round += 1) {
      const key = await callOk(t, control, "AccountService/CreateAccessKey", { accountId: ONE });
      ids.add(key["accessKeyId"]);
      await callOk(t, control, "StateService/Reset", {});
    }
    t.is(ids.size, 40);
    const { accessKeys } = await callOk(t, control, "AccountService/ListAccessKeys", {});
    t.is((accessKeys as unknown[]).length, 40);
    await callOk(t, control, "StateService/Reset", { everything: true });
    t.deepEqual(await callOk(t, control, "AccountService/ListAccessKeys", {}), { accessKeys: [], nextPageToken: "" });
  });
});

test("a key with a given id and secret is registered once, listed without its secret, and forgotten", async (t) => {
  await withServer(async (_server, control) => {
    const given = { accountId: ONE, userName: "ann", accessKeyId: "FIXED_KEY_OF_A_SUITE", secretAccessKey: "s3cret" };
    const { accessKeyId, secretAccessKey } = given;
    t.deepEqual(await callOk(t, control, "AccountService/CreateAccessKey", given), { accessKeyId, secretAccessKey });
    const details = [{ type: "accessKey", name: accessKeyId, world: "default" }];
    await callRefused(t, control, {
      rpc: "AccountService/CreateAccessKey",
      body: given,
      code: "already_exists",
      details,
    });
    await callOk(t, control, "AccountService/CreateAccessKey", { accountId: TWO });
    const { accessKeys } = await callOk(t, control, "AccountService/ListAccessKeys", { accountId: ONE });
    const [key, ...others] = accessKeys as Record<string, unknown>[];
    t.deepEqual(Object.keys(key ?? {}).toSorted(), ["accessKeyId", "accountId", "createdAt", "userName"]);
    t.like(key, { accessKeyId, accountId: ONE, userName: "ann" });
    t.deepEqual(others, []);
    await callOk(t, control, "AccountService/DeleteAccessKey", { accessKeyId });
    await callRefused(t, control, {
      rpc: "AccountService/DeleteAccessKey",
      body: { accessKeyId },
      code: "not_found",
      details,
    });
  });
});

test("a key's parts have their limits", async (t) => {
  await withServer(async (_server, control) => {
    const rpc = "AccountService/CreateAccessKey";
    const bad = [
      { accessKeyId: "A".repeat(15) },
      { accessKeyId: "A".repeat(129) },
      { accessKeyId: "AKIA-HAS-A-HYPHEN" },
      { secretAccessKey: "x".repeat(129) },
      { secretAccessKey: "with space" },
      { userName: "u".repeat(65) },
      { userName: "a/b" },
      { accountId: "" },
    ];
    for (const part of bad) {
      const [field] = Object.keys(part);
      const message = await callRefused(t, control, {
        rpc,
        body: { accountId: ONE, ...part },
        code: "invalid_argument",
      });
      t.true(message.startsWith(`${field} must be`), message);
    }
    for (const accessKeyId of ["A".repeat(16), "A".repeat(128)]) {
      await callOk(t, control, rpc, {
        accountId: ONE,
        accessKeyId,
        secretAccessKey: "x".repeat(128),
        userName: "u".repeat(64),
      });
    }
  });
});
