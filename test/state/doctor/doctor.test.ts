import { appendFile, mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import type { Engine } from "../../../src/engine/port.ts";
import { bodyKeys, catalog, layered, layerPrefix, prefixRange } from "../../../src/state/keys.ts";
import { encodeLayer, encodeName } from "../../../src/state/records.ts";
import { createSnapshot, deleteSnapshot, resetAccounts } from "../../../src/state/snapshots.ts";
import { ACCOUNT, begin, copy, LARGE, newBucket, put, remove, uploadPart } from "../fixtures.ts";
import { audit } from "../audit.ts";
import { openStateIn, withFolder } from "../../support/state.ts";
import { diagnose, heal, withStore, type Store } from "../../support/doctor.ts";

/** A store with some of everything in it: worlds, snapshots, versions, copies, uploads. */
const fill = async ({ state }: Pick<Awaited<ReturnType<typeof openStateIn>>, "state">): Promise<void> => {
  const world = state.world("default")!;
  const place = { state, world };
  const bucket = await newBucket(world, "first", { versioning: "Enabled" });
  const plain = await newBucket(world, "second");
  await put(place, bucket, { key: "small", bytes: "small", versionId: "v1" });
  await put(place, bucket, { key: "small", bytes: "small again", versionId: "v2" });
  await put(place, bucket, { key: "large", bytes: LARGE });
  await put(place, plain, { key: "nul\0 and \u{1f600}", bytes: "odd" });
  await copy(world, plain, { from: "nul\0 and \u{1f600}", to: "copy" });
  await createSnapshot(world, { name: "before", nowMs: 1 });
  await state.fork({ name: "forked", fromWorld: world });
  await remove(world, bucket, { key: "large", markerId: "m" });
  await remove(world, plain, { key: "copy" });
  const upload = await begin(world, bucket, { key: "upload", uploadId: "u" });
  await uploadPart(place, bucket, { upload, partNumber: 1, bytes: LARGE });
  await put({ state, world: state.world("forked")! }, bucket, { key: "of the fork", bytes: "fork" });
};

/** Runs `use` on the database of a store that was filled and closed. */
const onFilled = (use: (store: Store) => Promise<void>): Promise<void> =>
  withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    await fill(opened);
    await opened.state.settle();
    await opened.close();
    await withStore(dir, use);
  });

const keysOf = async (engine: Engine, prefix: string): Promise<string[]> =>
  engine.read(async (reader) => (await reader.scan(prefixRange(prefix), { limit: 1_000 })).map(([key]) => key));

const firstWith = async (engine: Engine, kind: string): Promise<string> => {
  const found = (await keysOf(engine, "L")).find((key) => key[17] === kind);
  if (found === undefined) throw new Error(`no record of kind ${kind}`);
  return found;
};

test("a store that was closed in order has nothing wrong with it", (t) =>
  onFilled(async (store) => {
    t.deepEqual(await diagnose(store), []);
    t.deepEqual(await audit(store.engine, store.dir), { problems: [], unreferenced: [] });
  }));

test("a store that was killed has leftovers and no faults, and repairing takes them away", (t) =>
  withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    await fill(opened);
    await resetAccounts(opened.state.world("default")!, {});
    await opened.crash();
    await withStore(dir, async (store) => {
      const found = await diagnose(store);
      t.true(found.length > 0);
      t.deepEqual(
        found.filter(({ severity }) => severity === "fault"),
        [],
      );
      const { left } = await heal(store);
      t.deepEqual(left, []);
      t.deepEqual(await audit(store.engine, store.dir), { problems: [], unreferenced: [] });
    });
  }));

type Damage = {
  readonly what: string;
  readonly harm: (store: Store) => Promise<void>;
  /** What one of the findings says. */
  readonly text: RegExp;
  readonly mends: boolean;
};

const write = (store: Store, key: string, value: string | undefined): Promise<void> =>
  store.engine.transact(async (tx) => (value === undefined ? tx.delete(key) : tx.put(key, value)));

const folderOfFiles = async ({ dir }: Store): Promise<string> => {
  for (const boot of await readdir(join(dir, "bodies"))) {
    const folder = join(dir, "bodies", boot);
    if ((await readdir(folder)).length > 0) return folder;
  }
  throw new Error("there is no body in a file");
};
const fileOf = async (store: Store): Promise<string> => {
  const folder = await folderOfFiles(store);
  return join(folder, (await readdir(folder))[0]!);
};

const DAMAGES: readonly Damage[] = [
  {
    what: "a counter that is wrong",
    harm: async (store) => write(store, await firstWith(store.engine, "c"), "77"),
    text: /layer [0-9a-f]{16} counts 77 .* and holds/,
    mends: true,
  },
  {
    what: "a counter that is missing",
    harm: async (store) => write(store, await firstWith(store.engine, "c"), undefined),
    text: /counts 0 /,
    mends: true,
  },
  {
    what: "a bucket without its name",
    harm: async (store) => write(store, await firstWith(store.engine, "n"), undefined),
    text: /the bucket "first" of account 111111111111 is not in the namespace/,
    mends: false,
  },
  {
    what: "a name of the world as it is that leads nowhere",
    harm: (store) =>
      store.engine.transact(async (tx) => {
        const head = JSON.parse((await tx.get(catalog.head("default", "namespace")))!) as [
          number,
          string,
          number,
          number,
        ];
        const layer = "00000001ffffff00";
        tx.put(catalog.layer(layer), encodeLayer(head[1]));
        tx.put(catalog.head("default", "namespace"), JSON.stringify([1, layer, 0, 0]));
        const name = encodeName({ accountId: ACCOUNT, bucketId: "0000000100000001" });
        tx.put(layerPrefix(layer) + layered.name("aws", "nowhere"), name);
        tx.put(layerPrefix(layer) + layered.name("aws", "second"), "");
      }),
    text: /the name "nowhere" leads to no bucket/,
    mends: true,
  },
  {
    what: "a record that cannot be read",
    harm: async (store) => write(store, await firstWith(store.engine, "o"), "{"),
    text: /cannot be read/,
    mends: false,
  },
  {
    what: "a record of a newer format",
    harm: async (store) => write(store, await firstWith(store.engine, "u"), "[9]"),
    text: /cannot be read: record of unknown format 9/,
    mends: false,
  },
  {
    what: "a layer without its record",
    harm: async (store) => write(store, catalog.layer((await firstWith(store.engine, "o")).slice(1, 17)), undefined),
    text: /has no record/,
    mends: false,
  },
  {
    what: "a layer that stands on itself",
    harm: async (store) => {
      const layer = (await firstWith(store.engine, "o")).slice(1, 17);
      await write(store, catalog.layer(layer), encodeLayer(layer));
    },
    text: /stands on itself/,
    mends: false,
  },
  {
    what: "records of a layer that nothing knows",
    harm: (store) =>
      write(
        store,
        `${layerPrefix("00000001fffffff0")}${layered.name("aws", "stray")}`,
        encodeName({ accountId: ACCOUNT, bucketId: "0000000100000001" }),
      ),
    text: /of a layer that has none itself/,
    mends: true,
  },
  {
    what: "a head in a world that is not there",
    harm: (store) => write(store, catalog.head("gone", ACCOUNT), '[1,"0000000100000001",0,0]'),
    text: /in a world "gone" that is not there/,
    mends: true,
  },
  {
    what: "a layer kept for a snapshot that is not there",
    harm: (store) => write(store, catalog.snapshotHead("default", "gone", ACCOUNT), "0000000100000001"),
    text: /for a snapshot "gone" of world "default" that is not there/,
    mends: true,
  },
  {
    what: "a body that is missing",
    harm: async (store) => write(store, (await keysOf(store.engine, "Bi"))[0]!, undefined),
    text: /its body i[0-9a-f]{16} is missing/,
    mends: false,
  },
  {
    what: "a body that is cut short",
    harm: async (store) => write(store, (await keysOf(store.engine, "Bi"))[0]!, "s"),
    text: /has 1 bytes, \d+ are needed/,
    mends: false,
  },
  {
    what: "a body that no record names",
    harm: (store) => write(store, bodyKeys.inline("i00000001fffffff1"), "nobody's"),
    text: /no record names body i00000001fffffff1/,
    mends: true,
  },
  {
    what: "a file that is missing",
    harm: async (store) => rm(await fileOf(store)),
    text: /the file of body f[0-9a-f]{16} is missing/,
    mends: false,
  },
  {
    what: "a file that is cut short",
    harm: async (store) => truncate(await fileOf(store), 10),
    text: /the file of body f[0-9a-f]{16} has 10 bytes/,
    mends: false,
  },
  {
    what: "a file that is too long",
    harm: async (store) => appendFile(await fileOf(store), "more"),
    text: /the file of body f[0-9a-f]{16} has \d+ bytes, its record says/,
    mends: false,
  },
  {
    what: "a file of a boot that ended which no record names",
    harm: async (store) => {
      const folder = await folderOfFiles(store);
      await writeFile(join(folder, `f${folder.slice(-8)}fffffff2`), "stray");
    },
    text: /has no record/,
    mends: true,
  },
  {
    what: "a file that is nothing of ours",
    harm: async (store) => writeFile(join(await folderOfFiles(store), "notes.txt"), "mine"),
    text: /notes\.txt is nothing of ours; it is left alone/,
    mends: false,
  },
  {
    what: "a folder that is nothing of ours",
    harm: ({ dir }) => mkdir(join(dir, "bodies", "photos")),
    text: /bodies\/photos is nothing of ours/,
    mends: false,
  },
  {
    what: "a reference that is of no record",
    harm: async (store) =>
      write(store, `${(await keysOf(store.engine, "Br"))[0]!.slice(0, 19)}/0000000100000001.00000001fffffff3`, "1"),
    text: /the reference .* is of no record/,
    mends: true,
  },
  {
    what: "a reference that was not written down",
    harm: async (store) => write(store, (await keysOf(store.engine, "Br"))[0]!, undefined),
    text: /its reference .* is not written down/,
    mends: true,
  },
  {
    what: "a shared body that is not marked as shared",
    harm: async (store) => write(store, (await keysOf(store.engine, "Bs"))[0]!, undefined),
    text: /its reference .* is not written down/,
    mends: true,
  },
  {
    what: "a mark of a body that is not there",
    harm: (store) => write(store, bodyKeys.shared("i00000001fffffff4"), "1"),
    text: /is marked as shared and not there/,
    mends: true,
  },
  {
    what: "a part without its upload",
    harm: async (store) => write(store, await firstWith(store.engine, "u"), undefined),
    text: /is of no upload/,
    mends: false,
  },
  {
    what: "a bucket without its record",
    harm: async (store) => write(store, await firstWith(store.engine, "b"), undefined),
    text: /is of no bucket/,
    mends: false,
  },
];

for (const { what, harm, text, mends } of DAMAGES) {
  test(`${what} is found${mends ? " and put right" : ", and nothing is guessed"}`, (t) =>
    onFilled(async (store) => {
      await harm(store);
      const found = await diagnose(store);
      t.true(
        found.some((finding) => text.test(finding.text)),
        JSON.stringify(found, undefined, 2),
      );
      const { repaired, left } = await heal(store);
      if (mends) {
        t.true(repaired.length > 0);
        t.deepEqual(left, []);
        t.deepEqual(await audit(store.engine, store.dir), { problems: [], unreferenced: [] });
      } else {
        t.true(
          left.some((finding) => text.test(finding.text)),
          JSON.stringify(left, undefined, 2),
        );
      }
    }));
}

test("nothing that a record which cannot be read may hold is taken away", (t) =>
  onFilled(async (store) => {
    const key = await firstWith(store.engine, "o");
    const record = await store.engine.read((reader) => reader.get(key));
    const before = [...(await keysOf(store.engine, "B"))];
    await write(store, key, "{");
    await heal(store);
    t.deepEqual(await keysOf(store.engine, "B"), before);
    await write(store, key, record);
    t.deepEqual(await diagnose(store), []);
  }));

test("a finding takes one line, whatever is in a key", (t) =>
  onFilled(async (store) => {
    await write(store, `${(await firstWith(store.engine, "o")).slice(0, 34)}line\n\0\u001b[2Jend`, "{");
    for (const { text } of await diagnose(store))
      t.is(
        text.split("").find((char) => char < " "),
        undefined,
      );
  }));

test("a running store is checked as it is at one instant while it is written to", (t) =>
  withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    try {
      await fill(opened);
      const world = opened.state.world("default")!;
      const bucket = await newBucket(world, "busy");
      const work = { isDone: false };
      const busy = (async () => {
        for (let n = 0; !work.isDone; n += 1) {
          await put({ state: opened.state, world }, bucket, { key: `k${n % 7}`, bytes: n % 3 === 0 ? LARGE : `b${n}` });
          if (n % 5 === 0) await resetAccounts(opened.state.world("forked")!, {});
          if (n % 4 === 0) await createSnapshot(world, { name: "busy", replace: true, nowMs: n });
        }
      })();
      for (let round = 0; round < 5; round += 1) {
        const found = [];
        for await (const finding of opened.state.check(() => undefined)) found.push(finding);
        t.deepEqual(found, []);
      }
      work.isDone = true;
      await busy;
      await write({ engine: opened.engine, dir }, await firstWith(opened.engine, "c"), "99");
      const found = [];
      for await (const finding of opened.state.check(() => undefined)) found.push(finding);
      t.true(found.some(({ kind }) => kind === "counter"));
    } finally {
      await opened.close();
    }
  }));

test("a stack that was half taken away is a leftover", (t) =>
  withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    await fill(opened);
    await resetAccounts(opened.state.world("default")!, {});
    await resetAccounts(opened.state.world("forked")!, {});
    await deleteSnapshot(opened.state.world("default")!, "before");
    await opened.crash();
    await withStore(dir, async (store) => {
      // The bottom of the stack goes first, as it may.
      const bottom = (await firstWith(store.engine, "b")).slice(1, 17);
      for (const key of await keysOf(store.engine, layerPrefix(bottom)))
        if (/[bc]/.test(key[17]!)) await write(store, key, undefined);
      const found = await diagnose(store);
      t.true(found.some(({ text }) => text === `nothing leads to layer ${bottom}`));
      t.deepEqual(
        found.filter(({ severity }) => severity === "fault"),
        [],
      );
      t.deepEqual((await heal(store)).left, []);
    });
  }));
