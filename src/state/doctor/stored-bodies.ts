/** The bodies that are stored, their references and their files, held against what records name. */
import { join } from "node:path";
import type { Engine, KeyRange } from "../../engine/port.ts";
import type { Files } from "../../platform/files.ts";
import { bootOf, isInline } from "../bodies/store.ts";
import { bodyKeys, catalog, prefixRange } from "../keys.ts";
import { readReference, type BodyUse, type CreateHasher, type DueFile } from "./body-use.ts";
import { messageOf } from "./catalog.ts";
import { fault, leftover, quoted, type Found } from "./finding.ts";
import { pagesOf, upTo } from "./pages.ts";

/** Small bodies that are read at a time: at most 2 MiB of them. */
const INLINE_PAGE = 64;
const READ_RUN_BYTES = 256 * 1024;
const LAYER_ID_CHARS = 16;
const FILE_BODY = /^f[0-9a-f]{16}$/;

export type BodyCheck = {
  readonly engine: Engine;
  readonly files: Files;
  readonly bodiesDir: string;
  readonly use: BodyUse;
  readonly createHasher: CreateHasher;
  readonly unfinishedBoots: ReadonlySet<string>;
  /** Whose bodies and references may be under way, so that nothing is said of them: those of the boot that runs. */
  readonly runningBoot?: string | undefined;
  /** Ids from here on are of what came since the check began. */
  readonly endId?: string | undefined;
  /** Whether the layer of a holder is one that was looked at. */
  readonly isLookedAt: (layerId: string) => boolean;
};

/** Reads a file and says what is wrong with it. */
export const checkFile = async (
  check: BodyCheck,
  { bodyId, sizeBytes, digest }: DueFile,
): Promise<Found | undefined> => {
  const hasher = check.createHasher(digest.algorithm);
  if (hasher === undefined) return undefined;
  try {
    const file = await check.files.open(join(check.bodiesDir, bootOf(bodyId), bodyId));
    try {
      const buffer = Buffer.allocUnsafe(READ_RUN_BYTES);
      for (let offset = 0; offset < sizeBytes;) {
        const bytes = await file.read(buffer.subarray(0, sizeBytes - offset), offset);
        if (bytes === 0) break;
        hasher.update(buffer.subarray(0, bytes));
        offset += bytes;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    // That it is missing is said where files are counted.
    return isMissing(error)
      ? undefined
      : fault("file", `the file of body ${bodyId} cannot be read: ${messageOf(error)}`);
  }
  const wrong = check.use.differs(bodyId, { digest, hasher });
  return wrong === undefined ? undefined : fault("body", wrong);
};

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

/** All findings about what is stored. After all records were looked at. */
export async function* checkStoredBodies(check: BodyCheck): AsyncGenerator<Found> {
  yield* checkRecords(check);
  yield* checkReferences(check);
  yield* checkFolders(check);
}

/** Bodies that no record names, and files that are missing or of another size. */
async function* checkRecords(check: BodyCheck): AsyncGenerator<Found> {
  const { engine, files, bodiesDir, use, endId } = check;
  const { start } = bodyKeys.allFiles;
  for await (const page of pagesOf(engine, upTo(bodyKeys.allFiles, endId && `f${endId}`))) {
    for (const [key, size] of page) {
      const bodyId = key.slice(start.length);
      if (!use.isNamed(bodyId)) {
        if (bootOf(bodyId) !== check.runningBoot) yield unnamed(bodyId, key);
        continue;
      }
      const found = await files.size(join(bodiesDir, bootOf(bodyId), bodyId));
      if (found !== Number(size))
        yield fault(
          "file",
          `the file of body ${bodyId} ${found === undefined ? "is missing" : `has ${found} bytes`}, its record says ${quoted(size)} bytes`,
        );
    }
  }
  for await (const page of pagesOf(engine, upTo(bodyKeys.allInline, endId && `i${endId}`), INLINE_PAGE)) {
    for (const [key] of page) {
      const bodyId = key.slice(bodyKeys.allInline.start.length);
      if (!use.isNamed(bodyId) && bootOf(bodyId) !== check.runningBoot) yield unnamed(bodyId, key);
    }
  }
}

const unnamed = (bodyId: string, key: string): Found => {
  const isFile = FILE_BODY.test(bodyId);
  return fault("body", `no record names body ${bodyId}`, {
    repair: "removes it",
    mend: async (tx) => {
      tx.delete(key);
      tx.delete(bodyKeys.shared(bodyId));
      await tx.clearRange(bodyKeys.references(bodyId));
      if (isFile) tx.put(catalog.unfinishedBoot(bootOf(bodyId)), bodyId);
    },
    ...(isFile ? { removes: { bodyId } } : {}),
  });
};

const BODY_KINDS = ["f", "i"] as const;

/** Keys about bodies that there were when the check began, by their kinds. */
const rangesOf = ({ start }: KeyRange, { endId }: BodyCheck): KeyRange[] =>
  BODY_KINDS.map((kind) => upTo(prefixRange(start + kind), endId));

/** References that no record stands behind, and marks of bodies that are not there. */
async function* checkReferences(check: BodyCheck): AsyncGenerator<Found> {
  const { engine } = check;
  for (const range of rangesOf(bodyKeys.allReferences, check)) {
    for await (const page of pagesOf(engine, range)) {
      for (const [key] of page) {
        const found = checkReference(check, key);
        if (found !== undefined) yield found;
      }
    }
  }
  for (const range of rangesOf(bodyKeys.allShared, check)) {
    for await (const page of pagesOf(engine, range)) {
      for (const [key] of page) {
        const found = await checkMark(check, key);
        if (found !== undefined) yield found;
      }
    }
  }
}

const checkReference = ({ use, isLookedAt }: BodyCheck, key: string): Found | undefined => {
  const { bodyId, holder } = readReference(key.slice(bodyKeys.allReferences.start.length));
  if (use.isHeld(bodyId, holder) === true || !isLookedAt(holder.slice(0, LAYER_ID_CHARS))) return undefined;
  return fault("reference", `the reference ${quoted(key)} is of no record`, {
    repair: "removes it",
    mend: async (tx) => tx.delete(key),
  });
};

const checkMark = async ({ engine, use, runningBoot }: BodyCheck, key: string): Promise<Found | undefined> => {
  const bodyId = key.slice(bodyKeys.allShared.start.length);
  if (use.isNamed(bodyId) || bootOf(bodyId) === runningBoot) return undefined;
  const at = isInline(bodyId) ? bodyKeys.inline(bodyId) : bodyKeys.file(bodyId);
  // Where there is a body, it is removed with all that is known of it.
  if ((await engine.read((reader) => reader.getBytes(at))) !== undefined) return undefined;
  return fault("reference", `body ${bodyId} is marked as shared and not there`, {
    repair: "removes the mark",
    mend: async (tx) => tx.delete(key),
  });
};

/** Files that are no bodies. */
async function* checkFolders(check: BodyCheck): AsyncGenerator<Found> {
  const { engine, files, bodiesDir, unfinishedBoots } = check;
  for (const boot of await files.list(bodiesDir)) {
    if (boot === check.runningBoot) continue;
    if (!/^[0-9a-f]{8}$/.test(boot)) {
      yield fault("file", `bodies/${boot} is nothing of ours; it is left alone`);
      continue;
    }
    for (const name of await files.list(join(bodiesDir, boot))) {
      if (!FILE_BODY.test(name) || bootOf(name) !== boot) {
        yield fault("file", `bodies/${boot}/${name} is nothing of ours; it is left alone`);
        continue;
      }
      if ((await engine.read((reader) => reader.get(bodyKeys.file(name)))) !== undefined) continue;
      const text = `the file bodies/${boot}/${name} has no record`;
      // A running server may be about to remove it.
      if (unfinishedBoots.has(boot) || check.runningBoot !== undefined) yield leftover("file", text);
      else yield fault("file", text, { repair: "removes it", removes: { bodyId: name } });
    }
  }
}
