/** What a disk that fails leaves behind. */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { systemFiles, type Files } from "../../src/platform/files.ts";
import { createBodyStore } from "../../src/state/bodies/store.ts";
import { catalog } from "../../src/state/keys.ts";
import { resetAccounts } from "../../src/state/snapshots.ts";
import { diagnose, withStore } from "../support/doctor.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { fileBodies, LARGE, newBucket, put } from "./fixtures.ts";

const FULL = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });

test("a file that could be neither finished nor removed is found by the next start", (t) =>
  withFolder(async (dir) => {
    const fault = { isOn: false };
    const files: Files = {
      ...systemFiles,
      create: async (path) => {
        const file = await systemFiles.create(path);
        return { ...file, append: async (chunks) => (fault.isOn ? Promise.reject(FULL) : file.append(chunks)) };
      },
      remove: async (path) => (fault.isOn ? Promise.reject(FULL) : systemFiles.remove(path)),
    };
    const opened = await openStateIn(dir, { files });
    const world = opened.state.world("default")!;
    const bucket = await newBucket(world, "bucket");
    fault.isOn = true;
    await t.throwsAsync(put({ state: opened.state, world }, bucket, { key: "k", bytes: LARGE }), { is: FULL });
    fault.isOn = false;
    t.is((await fileBodies(dir)).length, 1);
    await opened.close();
    const again = await openStateIn(dir);
    await again.state.settle();
    await again.close();
    t.deepEqual(await fileBodies(dir), []);
    await withStore(dir, async (store) => t.deepEqual(await diagnose(store), []));
  }));

test("a file that could not be made durable is removed, although it is closed already", (t) =>
  withFolder(async (dir) => {
    const files: Files = {
      ...systemFiles,
      create: async (path) => ({ ...(await systemFiles.create(path)), sync: () => Promise.reject(FULL) }),
    };
    const bodies = join(dir, "bodies");
    const store = createBodyStore({ files, dir: bodies, bootId: "00000001", durability: "disk" });
    const file = await store.create("f0000000100000001");
    await file.append([Buffer.from("bytes")]);
    await t.throwsAsync(file.finish(), { is: FULL });
    await file.discard();
    t.deepEqual(await readdir(join(bodies, "00000001")), []);
  }));

test("what is durable to the disk is so with the names of its folders", (t) =>
  withFolder(async (dir) => {
    const synced: string[] = [];
    const files: Files = {
      ...systemFiles,
      create: async (path) => {
        const file = await systemFiles.create(path);
        const sync = (): Promise<void> => {
          synced.push("file");
          return file.sync();
        };
        return { ...file, sync };
      },
      syncFolder: async (path) => {
        synced.push(path);
        await systemFiles.syncFolder(path);
      },
    };
    const bodies = join(dir, "bodies");
    const store = createBodyStore({ files, dir: bodies, bootId: "00000001", durability: "disk" });
    const file = await store.create("f0000000100000001");
    await file.append([Buffer.from("bytes")]);
    await file.finish();
    t.deepEqual(synced, [bodies, dirname(bodies), "file", join(bodies, "00000001")]);
  }));

test("nothing is collected while the record of a layer is missing, for what it stood on would go", (t) =>
  withState(async (state, _dir, engine) => {
    const world = state.world("default")!;
    const bucket = await newBucket(world, "bucket");
    await put({ state, world }, bucket, { key: "k", bytes: "bytes" });
    await state.fork({ name: "forked", fromWorld: world });
    await put({ state, world }, bucket, { key: "above", bytes: "bytes" });
    const [top] = (await world.read(async (view) => view.stack(bucket.accountId))).layers;
    const record = await engine.read((reader) => reader.get(catalog.layer(top!)));
    await engine.transact(async (tx) => tx.delete(catalog.layer(top!)));
    await state.deleteWorld(state.world("forked")!);
    await t.throwsAsync(state.settle(), { message: `layer ${top} has no record` });
    await engine.transact(async (tx) => tx.put(catalog.layer(top!), record!));
    await resetAccounts(world, {});
    t.true((await state.settle()).layers > 0);
  }));

test("the doctor leaves alone a store of a newer format and one that is not ours", (t) =>
  withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    await opened.close();
    await withStore(dir, async (store) => {
      await store.engine.transact(async (tx) => tx.put(catalog.format, "2"));
      await t.throwsAsync(diagnose(store), { name: "StoreFormatError" });
      await store.engine.transact(async (tx) => tx.delete(catalog.format));
      await t.throwsAsync(diagnose(store), { name: "StoreFormatError" });
    });
  }));
