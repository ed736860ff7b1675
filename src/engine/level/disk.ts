/** The LevelDB database behind the engine, as narrow as the engine needs it: the one place that knows the package. */
import { appendFile, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { EngineLockedError, EngineOpenError, EngineUnavailableError } from "../errors.ts";
import { KEY_BYTES_MAX } from "../keys.ts";
import type { Entry, Key, KeyRange } from "../port.ts";
import type { Cell } from "./cells.ts";
import { damageInLog } from "./log-check.ts";

/** `process`: what is written outlives this process. `disk`: it outlives the machine's power too. */
export type Durability = "process" | "disk";

/** One state of the database, kept while it is open. */
export type DiskSnapshot = { readonly reads: Reads; close(): void };

type DiskScan = KeyRange & {
  readonly reverse: boolean;
  readonly limit: number;
  /** Leaves the values unread: the entries have none. */
  readonly keysOnly: boolean;
  readonly snapshot?: DiskSnapshot | undefined;
};

export type Disk = {
  get(key: Key, snapshot?: DiskSnapshot): string | undefined;
  getBytes(key: Key, snapshot?: DiskSnapshot): Uint8Array | undefined;
  /** Entries of the state at the time of the call. */
  scan(scan: DiskScan): Promise<Entry[]>;
  /** Writes all of it or nothing. */
  write(writes: ReadonlyMap<Key, Cell>): Promise<void>;
  snapshot(): DiskSnapshot;
  /** Whether it can be read; false after a `reopen` that failed. */
  isOpen(): boolean;
  /** Resolves when there is room for what `reopen` writes. */
  probe(): Promise<void>;
  /**
   * Closes and opens the database: after a write that failed nothing may be written before. LevelDB's log may end within a record
   * then, and whatever it would append would be lost when it is read again; after some failures it refuses to write at all. Takes
   * away all snapshots.
   */
  reopen(): Promise<void>;
  close(): Promise<void>;
};

type Reads = { readonly text: ReadOptions; readonly bytes: ReadOptions; readonly snapshot: LevelSnapshot | undefined };
type ReadOptions = { keyEncoding: "utf8"; valueEncoding: "utf8" | "buffer"; snapshot?: LevelSnapshot };
type LevelSnapshot = ReturnType<Level["snapshot"]>;

/**
 * How many bytes a scan fetches per trip to the thread pool. Measured for 1,000 records of 450 bytes: 2.3 ms of CPU with the
 * default of 16 KiB, 1.3 ms with 64 KiB, 1.0 ms with 1 MiB, which would keep the event loop for half a millisecond at a time.
 */
const SCAN_BYTES = 64 * 1024;
/** How many entries it fetches at most per trip. The package sets memory aside for as many as it is asked for. */
const SCAN_ENTRIES = 1000;
/** The package takes limits of 32 bits. */
const LIMIT_MAX = 2 ** 31 - 1;
/** Twice the default: a put of 1 KiB costs 10 us of CPU, compactions counted in, where the default costs 13. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;
const DATA_FILE = /^\d+\.(?:ldb|sst|log)$/;

const readsOf = (snapshot: LevelSnapshot | undefined): Reads => ({
  text: { keyEncoding: "utf8", valueEncoding: "utf8", ...(snapshot && { snapshot }) },
  bytes: { keyEncoding: "utf8", valueEncoding: "buffer", ...(snapshot && { snapshot }) },
  snapshot,
});

const LATEST = readsOf(undefined);

const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

const openError = (location: string, error: unknown): EngineOpenError => {
  // The package wraps what LevelDB said.
  const cause = codeOf(error) === "LEVEL_DATABASE_NOT_OPEN" && error instanceof Error ? (error.cause ?? error) : error;
  if (codeOf(cause) === "LEVEL_LOCKED") return new EngineLockedError(location, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EngineOpenError(`The database in ${location} cannot be opened: ${reason}`, { cause });
};

/**
 * LevelDB takes a folder without the file CURRENT for a new database, and would remove the data files that it finds there; and it
 * leaves out what is damaged of its log.
 */
const refuseDamaged = async (location: string): Promise<void> => {
  const refuse = (what: string): never => {
    throw new EngineOpenError(`The database in ${location} is damaged: ${what}. Nothing was changed`);
  };
  let names: string[];
  try {
    names = await readdir(location);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw openError(location, error);
  }
  if (!names.includes("CURRENT") && names.some((name) => DATA_FILE.test(name)))
    refuse("it has data but no file CURRENT");
  for (const name of names.filter((name) => name.endsWith(".log"))) {
    const damage = damageInLog(await readFile(join(location, name)));
    if (damage !== undefined) refuse(`${name} cannot be read from byte ${damage} on, and more was written after it`);
  }
};

/**
 * Opens the database in the folder `location`, which is made if it is not there. Throws `EngineLockedError` and
 * `EngineOpenError`.
 */
export const openDisk = async (options: { location: string; durability: Durability }): Promise<Disk> => {
  const { location } = options;
  return diskOn(location, { db: await openLevel(location), writeOptions: { sync: options.durability === "disk" } });
};

const openLevel = async (location: string, { createIfMissing = true } = {}): Promise<Level> => {
  await refuseDamaged(location);
  let db: Level;
  try {
    db = new Level(location, {
      keyEncoding: "utf8",
      valueEncoding: "utf8",
      writeBufferSize: WRITE_BUFFER_BYTES,
      createIfMissing,
    });
    await db.open();
  } catch (error) {
    throw openError(location, error);
  }
  // classic-level 3.0.0 writes the key of a getSync into a buffer of its own and grows it only when the key fills it to the last
  // byte: a longer key whose cut falls within a character looks like one that fits, and is looked up cut short. So the buffer is
  // made large enough for every key at once.
  db.getSync("k".repeat(KEY_BYTES_MAX));
  return db;
};

const diskOn = (location: string, given: { db: Level; writeOptions: { sync: boolean } }): Disk => {
  let current: Level | undefined = given.db;
  let failure: unknown;
  const open = (): Level => {
    if (current === undefined) throw new EngineUnavailableError({ cause: failure });
    return current;
  };
  return {
    get: (key, snapshot) => (snapshot === undefined ? open().getSync(key) : open().getSync(key, snapshot.reads.text)),
    getBytes: (key, snapshot) => open().getSync<string, Uint8Array>(key, (snapshot?.reads ?? LATEST).bytes),
    scan: async (options) => scan(open(), options),
    write: async (writes) => write(open(), writes, given.writeOptions),
    snapshot: () => {
      const snapshot = open().snapshot();
      // Waits for scans that use it; nothing can fail in it.
      return { reads: readsOf(snapshot), close: () => void snapshot.close() };
    },
    isOpen: () => current !== undefined,
    probe: () => probeRoom(location),
    reopen: async () => {
      const old = current;
      current = undefined;
      try {
        await old?.close();
        // One that is gone meanwhile must not be taken for one that is new.
        current = await openLevel(location, { createIfMissing: false });
      } catch (error) {
        failure = error;
        throw error;
      }
    },
    close: async () => current?.close(),
  };
};

/** Beyond its log, which LevelDB writes again as a table: a list of its files, and what it takes in next. */
const SPARE_BYTES = 1024 * 1024;
/** LevelDB leaves alone what is not named as its own files are. */
const PROBE_FILE = "room.probe";

/** Writes as many bytes as opening the database may. */
const probeRoom = async (location: string): Promise<void> => {
  const file = join(location, PROBE_FILE);
  try {
    let bytes = SPARE_BYTES;
    for (const name of await readdir(location)) {
      if (name.endsWith(".log")) bytes += (await stat(join(location, name))).size;
    }
    const run = Buffer.alloc(SPARE_BYTES);
    for (; bytes > 0; bytes -= run.byteLength)
      await appendFile(file, run.subarray(0, bytes), { flush: bytes <= run.byteLength });
  } finally {
    await rm(file, { force: true });
  }
};

/**
 * From an array: building a batch call by call costs the same CPU within the noise, and such a batch gives its memory back only
 * when it is collected as garbage.
 */
const write = (db: Level, writes: ReadonlyMap<Key, Cell>, options: { sync: boolean }): Promise<void> =>
  db.batch<string, string | Uint8Array>(
    Array.from(writes, ([key, cell]) => {
      if (cell === null) return { type: "del", key };
      if (typeof cell === "string") return { type: "put", key, value: cell, valueEncoding: "utf8" };
      return { type: "put", key, value: cell, valueEncoding: "buffer" };
    }),
    options,
  );

/**
 * `nextv` rather than `all` or `next`: the same CPU as `all` for 1,000 records (1.3 ms) and no wait for the iterator's closing,
 * which is synchronous beneath its promise. One record costs 17 to 45 us, nearly all of it the trip to the thread pool.
 */
const scan = async (db: Level, { start, end, reverse, limit, keysOnly, snapshot }: DiskScan): Promise<Entry[]> => {
  const iterator = db.iterator<string, string | undefined>({
    gte: start,
    lt: end,
    reverse,
    limit: Math.min(limit, LIMIT_MAX),
    values: !keysOnly,
    highWaterMarkBytes: SCAN_BYTES,
    ...(snapshot?.reads ?? LATEST).text,
  });
  try {
    let entries = await iterator.nextv(Math.min(limit, SCAN_ENTRIES));
    const found = entries;
    while (entries.length > 0 && found.length < limit) {
      entries = await iterator.nextv(Math.min(limit - found.length, SCAN_ENTRIES));
      for (const entry of entries) found.push(entry);
    }
    return found as Entry[];
  } finally {
    void iterator.close();
  }
};
