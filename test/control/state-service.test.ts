import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
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

const makeBucket = async (server: TestServer, accountId: string, bucket: string): Promise<void> => {
  await server.s3({ accountId }).send(new CreateBucketCommand({ Bucket: bucket }));
};

const bucketsOf = async (server: TestServer, accountId: string): Promise<(string | undefined)[]> => {
  const { Buckets = [] } = await server.s3({ accountId }).send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
};

const conflict = async (t: ExecutionContext, control: string, name: string): Promise<void> => {
  const details = [{ bucket: "shared", ownerAccountId: TWO, accountId: ONE }];
  await callRefused(t, control, {
    rpc: "StateService/RestoreSnapshot",
    body: { name },
    code: "failed_precondition",
    details,
  });
};

test("a reset empties the named accounts, or all of them", async (t) => {
  await withServer(async (server, control) => {
    await makeBucket(server, ONE, "one");
    await makeBucket(server, TWO, "two");
    t.deepEqual(await callOk(t, control, "StateService/Reset", { accountIds: [ONE, "999999999999", ONE] }), {
      accountIds: [ONE],
    });
    t.deepEqual(await bucketsOf(server, ONE), []);
    t.deepEqual(await bucketsOf(server, TWO), ["two"]);
    t.deepEqual(await callOk(t, control, "StateService/Reset", {}), { accountIds: [ONE, TWO] });
    t.deepEqual(await bucketsOf(server, TWO), []);
  });
});

test("a plain reset keeps the default account, and one of everything takes it back", async (t) => {
  await withServer(async (_server, control) => {
    await callOk(t, control, "AccountService/SetDefaultAccount", { accountId: ONE, mode: "FALLBACK" });
    await callOk(t, control, "StateService/Reset", {});
    t.like(await callOk(t, control, "AccountService/GetDefaultAccount", {}), { fallbackAccountId: ONE });
    await callOk(t, control, "StateService/Reset", { everything: true });
    t.like(await callOk(t, control, "AccountService/GetDefaultAccount", {}), { fallbackAccountId: "123456789012" });
  });
});

test("a reset of everything names no accounts", async (t) => {
  await withServer(async (_server, control) => {
    const body = { accountIds: [ONE], everything: true };
    const details = [{ field: "accountIds", reason: "must be empty where everything is true" }];
    await callRefused(t, control, { rpc: "StateService/Reset", body, code: "invalid_argument", details });
  });
});

test("a malformed account id is refused by its place in the list", async (t) => {
  await withServer(async (_server, control) => {
    const details = [{ field: "accountIds[1]", reason: "must be twelve digits" }];
    for (const rpc of ["StateService/Reset", "StateService/CreateSnapshot"]) {
      const body = { ...(rpc.endsWith("Reset") ? {} : { name: "s" }), accountIds: [ONE, "two"] };
      await callRefused(t, control, { rpc, body, code: "invalid_argument", details });
    }
    const accountIds = Array.from({ length: 10_001 }, (_, index) => String(index).padStart(12, "0"));
    await callRefused(t, control, { rpc: "StateService/Reset", body: { accountIds }, code: "invalid_argument" });
    await callOk(t, control, "StateService/Reset", { accountIds: accountIds.slice(1) });
  });
});

test("a snapshot of the world brings everything back, as often as asked", async (t) => {
  await withServer(async (server, control) => {
    await makeBucket(server, ONE, "kept");
    await server.s3({ accountId: ONE }).send(new PutObjectCommand({ Bucket: "kept", Key: "a", Body: "one" }));
    const { snapshot } = await callOk(t, control, "StateService/CreateSnapshot", { name: "seeded" });
    t.like(snapshot, { name: "seeded", accountIds: [ONE], whole: true });
    for (let round = 0; round < 2; round += 1) {
      await server.s3({ accountId: ONE }).send(new PutObjectCommand({ Bucket: "kept", Key: "b", Body: "two" }));
      await makeBucket(server, TWO, "new");
      t.deepEqual(await callOk(t, control, "StateService/RestoreSnapshot", { name: "seeded" }), { snapshot });
      t.deepEqual(await bucketsOf(server, TWO), []);
      const { Contents = [] } = await server.s3({ accountId: ONE }).send(new ListObjectsV2Command({ Bucket: "kept" }));
      t.deepEqual(
        Contents.map(({ Key }) => Key),
        ["a"],
      );
    }
  });
});

test("restoring some accounts is refused while another has a bucket's name, and changes nothing", async (t) => {
  await withServer(async (server, control) => {
    await makeBucket(server, ONE, "shared");
    await makeBucket(server, ONE, "own");
    await callOk(t, control, "StateService/CreateSnapshot", { name: "of-one", accountIds: [ONE] });
    await server.s3({ accountId: ONE }).send(new DeleteBucketCommand({ Bucket: "shared" }));
    await server.s3({ accountId: ONE }).send(new DeleteBucketCommand({ Bucket: "own" }));
    await makeBucket(server, TWO, "shared");
    await conflict(t, control, "of-one");
    t.deepEqual(await bucketsOf(server, ONE), []);
    await server.s3({ accountId: TWO }).send(new DeleteBucketCommand({ Bucket: "shared" }));
    await makeBucket(server, TWO, "others");
    const { snapshot } = await callOk(t, control, "StateService/RestoreSnapshot", { name: "of-one" });
    t.like(snapshot, { accountIds: [ONE], whole: false });
    t.deepEqual(await bucketsOf(server, ONE), ["own", "shared"]);
    t.deepEqual(await bucketsOf(server, TWO), ["others"]);
  });
});

test("a snapshot's name is its world's, until it is replaced or deleted", async (t) => {
  await withServer(async (server, control) => {
    await callOk(t, control, "StateService/CreateSnapshot", { name: "s" });
    const details = [{ type: "snapshot", name: "s", world: "default" }];
    const again = { rpc: "StateService/CreateSnapshot", body: { name: "s" }, code: "already_exists", details };
    await callRefused(t, control, again);
    await makeBucket(server, ONE, "later");
    await callOk(t, control, "StateService/CreateSnapshot", { name: "s", replace: true });
    t.like(await callOk(t, control, "StateService/GetSnapshot", { name: "s" }), { snapshot: { accountIds: [ONE] } });
    await callOk(t, control, "StateService/DeleteSnapshot", { name: "s" });
    for (const rpc of ["GetSnapshot", "RestoreSnapshot", "DeleteSnapshot"]) {
      await callRefused(t, control, { rpc: `StateService/${rpc}`, body: { name: "s" }, code: "not_found", details });
    }
    await callOk(t, control, "StateService/CreateSnapshot", { name: "s" });
  });
});

test("a snapshot's name has its rule", async (t) => {
  await withServer(async (_server, control) => {
    for (const name of ["", "A", "-a", "a-", "a_b", "a".repeat(64)]) {
      for (const rpc of ["CreateSnapshot", "GetSnapshot", "RestoreSnapshot", "DeleteSnapshot"]) {
        const message = await callRefused(t, control, {
          rpc: `StateService/${rpc}`,
          body: { name },
          code: "invalid_argument",
        });
        t.true(message.startsWith("name must be 1 to 63"), message);
      }
    }
    for (const name of ["a", "0", "a-b", "a".repeat(63)]) {
      await callOk(t, control, "StateService/CreateSnapshot", { name });
    }
  });
});

test("snapshots are listed by name, page by page", async (t) => {
  await withServer(async (_server, control) => {
    for (const name of ["c", "a", "b"]) await callOk(t, control, "StateService/CreateSnapshot", { name });
    const names: unknown[] = [];
    let pageToken: unknown = "";
    do {
      const page = await callOk(t, control, "StateService/ListSnapshots", { pageSize: 1, pageToken });
      const snapshots = page["snapshots"] as { name: string }[];
      t.is(snapshots.length, 1);
      names.push(...snapshots.map(({ name }) => name));
      pageToken = page["nextPageToken"];
    } while (pageToken !== "");
    t.deepEqual(names, ["a", "b", "c"]);
  });
});
