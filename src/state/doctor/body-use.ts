/**
 * What records say of bodies, held against the bodies themselves. Which bodies and which holders were named is remembered at a bit
 * each, to be held against what is stored.
 */
import type { Reader } from "../../engine/port.ts";
import { isInline } from "../bodies/store.ts";
import { bodyKeys } from "../keys.ts";
import type { Extent } from "../model.ts";
import { fault, quoted, type Found } from "./finding.ts";
import { IdSet, isId } from "./id-set.ts";
import type { ReadRecord } from "./layer-check.ts";
import type { Bytes } from "./record-facts.ts";

/** Takes in bytes and answers their digest at the end. */
export type Hasher = { update(bytes: Uint8Array): void; digest(): Uint8Array };

/** A hasher of an algorithm by the name that checksums have for it, or `MD5`; undefined for one that is unknown. */
export type CreateHasher = (algorithm: string) => Hasher | undefined;

/** A file whose bytes are to be read, and what they must be. */
export type DueFile = {
  readonly bodyId: string;
  readonly sizeBytes: number;
  readonly digest: NonNullable<Bytes["digest"]>;
};

const BODY_ID = /^[if][0-9a-f]{16}$/;
const ID_CHARS = 16;

const idOf = (bodyId: string): string => bodyId.slice(1);

/** `<layer>` or `<layer>.<id>`. */
const readHolder = (holder: string): { layerId: string; id?: string } | undefined => {
  const [layerId = "", id, ...more] = holder.split(".");
  if (!isId(layerId) || more.length > 0) return undefined;
  if (id === undefined) return { layerId };
  return isId(id) ? { layerId, id } : undefined;
};

export class BodyUse {
  readonly #createHasher: CreateHasher;
  readonly #named = new IdSet();
  /** Bodies that a record of their first holder's layer names. */
  readonly #heldFirst = new IdSet();
  /** Holders with ids of their own. */
  readonly #heldSince = new IdSet();
  readonly #digested = new IdSet();

  constructor(createHasher: CreateHasher) {
    this.#createHasher = createHasher;
  }

  isNamed(bodyId: string): boolean {
    return this.#named.has(idOf(bodyId));
  }

  /** Whether a record is behind a reference; `undefined` for a reference of a form that there is not. */
  isHeld(bodyId: string, holder: string): boolean | undefined {
    const read = readHolder(holder);
    if (read === undefined || !BODY_ID.test(bodyId)) return undefined;
    return read.id === undefined ? this.#heldFirst.has(idOf(bodyId)) : this.#heldSince.has(read.id);
  }

  /** Remembers what a record names. */
  note({ bytes, layerId }: ReadRecord): void {
    for (const { bodyId, holder } of bytes.flatMap(({ extents }) => extents)) {
      const read = readHolder(holder);
      if (read === undefined || !BODY_ID.test(bodyId)) continue;
      this.#named.add(idOf(bodyId));
      // What moved up from a layer below is held there, or by what that layer was merged into.
      if (read.layerId !== layerId) continue;
      if (read.id === undefined) this.#heldFirst.add(idOf(bodyId));
      else this.#heldSince.add(read.id);
    }
  }

  /** Holds a record's bytes against the bodies; files that must be read for it are left in `due`. */
  async look(reader: Reader, record: ReadRecord, due: DueFile[]): Promise<Found[]> {
    const findings: Found[] = [];
    for (const bytes of record.bytes) {
      for (const extent of bytes.extents) {
        const where = `the record ${quoted(`L${record.layerId}${record.subkey}`)}`;
        if (!BODY_ID.test(extent.bodyId) || readHolder(extent.holder) === undefined) {
          findings.push(fault("reference", `${where} names a body ${quoted(extent.bodyId)} by no id`));
          continue;
        }
        findings.push(...(await this.#lookAtHolder(reader, { extent, layerId: record.layerId, where })));
        const wrong = await this.#lookAtBody(reader, { extent, bytes, due });
        if (wrong !== undefined) findings.push(fault("body", `${where}: ${wrong}`));
      }
    }
    return findings;
  }

  async #lookAtHolder(
    reader: Reader,
    { extent, layerId, where }: { extent: Extent; layerId: string; where: string },
  ): Promise<Found[]> {
    const { bodyId, holder } = extent;
    const read = readHolder(holder);
    if (read?.layerId !== layerId) return [];
    const isShared = (await reader.get(bodyKeys.shared(bodyId))) !== undefined;
    if (!isShared && read.id === undefined) return [];
    if (isShared && (await reader.get(bodyKeys.reference(bodyId, holder))) !== undefined) return [];
    return [
      fault("reference", `${where} holds body ${bodyId} and its reference ${holder} is not written down`, {
        repair: "writes it down",
        mend: async (tx) => {
          tx.put(bodyKeys.shared(bodyId), "1");
          tx.put(bodyKeys.reference(bodyId, holder), "1");
        },
      }),
    ];
  }

  /** What is wrong with the bytes of an extent. */
  async #lookAtBody(
    reader: Reader,
    { extent, bytes, due }: { extent: Extent; bytes: Bytes; due: DueFile[] },
  ): Promise<string | undefined> {
    const { bodyId, offsetBytes, lengthBytes } = extent;
    const inline = isInline(bodyId) ? await reader.getBytes(bodyKeys.inline(bodyId)) : undefined;
    const size = isInline(bodyId) ? inline?.byteLength : numberOf(await reader.get(bodyKeys.file(bodyId)));
    if (size === undefined) return `its body ${bodyId} is missing`;
    const end = offsetBytes + lengthBytes;
    if (end > size) return `its body ${bodyId} has ${size} bytes, ${end} are needed`;
    const isWhole = bytes.extents.length === 1 && offsetBytes === 0 && lengthBytes === size;
    if (!isWhole || bytes.digest === undefined || this.#digested.has(idOf(bodyId))) return undefined;
    this.#digested.add(idOf(bodyId));
    if (inline === undefined) {
      due.push({ bodyId, sizeBytes: size, digest: bytes.digest });
      return undefined;
    }
    const hasher = this.#createHasher(bytes.digest.algorithm);
    hasher?.update(inline);
    return hasher === undefined ? undefined : this.differs(bodyId, { digest: bytes.digest, hasher });
  }

  /** What is wrong once `hasher` has had all bytes of a body. */
  differs(bodyId: string, { digest, hasher }: { digest: DueFile["digest"]; hasher: Hasher }): string | undefined {
    const found = Buffer.from(hasher.digest()).toString(digest.encoding);
    if (found === digest.value) return undefined;
    return `the bytes of body ${bodyId} have the ${digest.algorithm} ${found}, not ${digest.value}`;
  }
}

const numberOf = (text: string | undefined): number | undefined => {
  const number = Number(text ?? Number.NaN);
  return Number.isSafeInteger(number) ? number : undefined;
};

/** The body and the holder that the key of a reference names, without its first characters. */
export const readReference = (rest: string): { bodyId: string; holder: string } => ({
  bodyId: rest.slice(0, 1 + ID_CHARS),
  holder: rest.slice(1 + ID_CHARS + 1),
});
