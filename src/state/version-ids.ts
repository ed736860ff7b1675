/**
 * Version ids: 20 characters of chance, 8 that hide the version's place among those of its key, 4 that are made of the others.
 * So a version is found by its id with one read, and an id that only looks like S3's is found out, as by S3.
 */
import { hash } from "node:crypto";
import { SEQ_MAX } from "./keys.ts";

/** The version id of what is written while versioning is off or suspended. */
export const NULL_VERSION_ID = "null";

const FORM = /^[A-Za-z0-9._]{32}$/;
const CHANCE_CHARS = 20;
const SEQ_CHARS = 8;
const CHECK_CHARS = 4;
/** Six bits a character. */
const SEQ_BYTES = 6;

const digest = (purpose: string, text: string): Buffer => hash("sha256", `${purpose}/${text}`, "buffer");

const check = (free: string): string => digest("version", free).toString("hex").slice(0, CHECK_CHARS);

const write = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString("base64").replaceAll("+", ".").replaceAll("/", "_");
const read = (text: string): Buffer => Buffer.from(text.replaceAll(".", "+").replaceAll("_", "/"), "base64");

/** Its own inverse. */
const masked = (chance: string, seq: Buffer): Buffer => {
  const mask = digest("sequence", chance);
  return Buffer.from(seq.map((byte, at) => byte ^ (mask[at] ?? 0)));
};

/**
 * The id of the version with sequence number `seq`, from one that was drawn for it. An id of another form is kept as it is, and
 * found by a search.
 */
export const stampVersionId = (drawn: string, seq: number): string => {
  if (!FORM.test(drawn)) return drawn;
  const chance = drawn.slice(0, CHANCE_CHARS);
  const bytes = Buffer.alloc(SEQ_BYTES);
  bytes.writeUIntBE(seq, 0, SEQ_BYTES);
  const free = chance + write(masked(chance, bytes));
  return free + check(free);
};

/** Whether this server could have given out this id. */
export const isVersionId = (text: string): boolean =>
  text === NULL_VERSION_ID || (FORM.test(text) && check(text.slice(0, -CHECK_CHARS)) === text.slice(-CHECK_CHARS));

/** The sequence number that an id carries; undefined for one that carries none. */
export const seqOfVersionId = (versionId: string): number | undefined => {
  if (!FORM.test(versionId)) return undefined;
  const chance = versionId.slice(0, CHANCE_CHARS);
  const hidden = read(versionId.slice(CHANCE_CHARS, CHANCE_CHARS + SEQ_CHARS));
  return Math.min(masked(chance, hidden).readUIntBE(0, SEQ_BYTES), SEQ_MAX);
};
