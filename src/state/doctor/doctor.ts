/** Examines a store that no server has open, and puts right what can be put right without guessing. */
import { join } from "node:path";
import type { Engine } from "../../engine/port.ts";
import { systemFiles, type Files } from "../../platform/files.ts";
import type { Platform } from "../../platform/platform.ts";
import { bootOf } from "../bodies/store.ts";
import { openInternalIds, type InternalIds } from "../internal-ids.ts";
import { openState } from "../state.ts";
import { readFormat } from "../store-format.ts";
import type { CreateHasher } from "./body-use.ts";
import { checkStore } from "./check-store.ts";
import type { Finding, Found } from "./finding.ts";

/** What one repair uncovers the next round puts right; no store needs more. */
const ROUNDS_MAX = 8;

export type DoctorOptions = {
  readonly engine: Engine;
  readonly bodiesDir: string;
  readonly files?: Files;
  readonly platform: Platform;
  readonly createHasher: CreateHasher;
};

/** `repaired`: it was found and is put right. */
export type Report = Finding & { readonly repaired: boolean };

/** Says what is wrong and changes nothing. Throws `StoreFormatError`. */
export async function* examineStore(options: DoctorOptions): AsyncGenerator<Report> {
  for await (const found of foundIn(options)) yield reportOf(found, { repaired: false });
}

/**
 * Puts right what can be, round by round, then takes away what a stop in the middle left; at last says what is still wrong.
 * Throws `StoreFormatError`.
 */
export async function* repairStore(options: DoctorOptions): AsyncGenerator<Report> {
  const { engine } = options;
  let ids: InternalIds | undefined;
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    let repairs = 0;
    for await (const found of foundIn(options)) {
      if (found.mend === undefined && found.removes === undefined) continue;
      ids ??= await openInternalIds(engine);
      await repair(options, { found, ids });
      repairs += 1;
      yield reportOf(found, { repaired: true });
    }
    if (repairs === 0) break;
  }
  const left: Report[] = [];
  for await (const found of foundIn(options)) left.push(reportOf(found, { repaired: false }));
  if (left.some(({ severity }) => severity === "fault") || left.length === 0) {
    yield* left;
    return;
  }
  await takeAwayLeftovers(options);
  for (const report of left) yield { ...report, repaired: true };
  for await (const found of foundIn(options)) yield reportOf(found, { repaired: false });
}

const reportOf = ({ kind, severity, text, repair }: Found, { repaired }: { repaired: boolean }): Report => ({
  kind,
  severity,
  text,
  ...(repair === undefined ? {} : { repair }),
  repaired,
});

async function* foundIn({
  engine,
  files = systemFiles,
  bodiesDir,
  createHasher,
}: DoctorOptions): AsyncGenerator<Found> {
  if ((await engine.read((reader) => readFormat(reader))) === "empty") return;
  yield* checkStore({ engine, files, bodiesDir, createHasher });
}

const repair = async (
  { engine, files = systemFiles, bodiesDir }: DoctorOptions,
  { found: { mend, removes }, ids }: { found: Found; ids: InternalIds },
): Promise<void> => {
  if (mend !== undefined) await engine.transact((tx) => mend(tx, () => ids.next()));
  if (removes !== undefined) await files.remove(join(bodiesDir, bootOf(removes.bodyId), removes.bodyId));
};

/** As a server does it that starts and stops again. */
const takeAwayLeftovers = async (options: DoctorOptions): Promise<void> => {
  const { engine, bodiesDir, platform, files } = options;
  const state = await openState({
    engine,
    bodiesDir,
    durability: "disk",
    platform,
    ...(files === undefined ? {} : { files }),
  });
  try {
    await state.settle();
  } finally {
    await state.close();
  }
};
