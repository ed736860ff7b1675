/** The key that makes issued credentials need no memory: whoever has it can make, open and verify them. */
import { createSecretKey, hash, hkdfSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { dirname } from "node:path";

const SERVER_KEY_BYTES = 32;

/** What is derived from the server key, each for one purpose. Key objects, since a MAC under plain bytes costs seven times as much. */
export type ServerKey = {
  /** Secret access keys are a MAC of their key id under this. */
  readonly secretKey: KeyObject;
  /** Seals session tokens. */
  readonly tokenKey: KeyObject;
  /** Draws a token's nonce from its plaintext. */
  readonly tokenNonceKey: KeyObject;
  /** What the keys come from that sign web identity tokens. */
  readonly webIdentityKey: KeyObject;
  /** Seals authorization messages. */
  readonly messageKey: KeyObject;
};

type RandomBytes = { bytes(size: number): Uint8Array };

const derive = (key: Uint8Array, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync("sha256", key, "", `standin/${purpose}`, 32)));

/** Derives the working keys from the 32 bytes of a server key. */
export const deriveServerKey = (key: Uint8Array): ServerKey => {
  if (key.length !== SERVER_KEY_BYTES) throw new RangeError(`a server key has ${SERVER_KEY_BYTES} bytes`);
  return {
    secretKey: derive(key, "secret-access-key"),
    tokenKey: derive(key, "session-token"),
    tokenNonceKey: derive(key, "session-token-nonce"),
    webIdentityKey: derive(key, "web-identity"),
    messageKey: derive(key, "authorization-message"),
  };
};

/** Where a new server key comes from: a seed gives the same one each time, so that credentials are the same too. */
type KeySource = { readonly random: RandomBytes; readonly seed?: number | undefined };

const newKey = ({ random, seed }: KeySource): Uint8Array =>
  seed === undefined ? random.bytes(SERVER_KEY_BYTES) : hash("sha256", `standin-server-key:${seed}`, "buffer");

/** A key that dies with the process. */
export const createEphemeralServerKey = (source: KeySource): ServerKey => deriveServerKey(newKey(source));

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;

const readKeyFile = async (file: string): Promise<Uint8Array | undefined> => {
  try {
    return await readFile(file);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
};

/** Makes the file whole or not at all, also when two servers start at once: the first wins and both read its key. */
const createKeyFile = async (file: string, source: KeySource): Promise<Uint8Array> => {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${Buffer.from(source.random.bytes(8)).toString("hex")}`;
  const handle = await open(draft, "wx", 0o600);
  try {
    await handle.writeFile(newKey(source));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  } finally {
    await unlink(draft);
  }
  return readFile(file);
};

/**
 * Reads the server key from `file`, or makes it there with mode 0600. Throws the file system's error when it can do neither,
 * and a plain one for a file that does not hold a key.
 */
export const loadServerKey = async ({ file, ...source }: KeySource & { readonly file: string }): Promise<ServerKey> => {
  const key = (await readKeyFile(file)) ?? (await createKeyFile(file, source));
  if (key.length !== SERVER_KEY_BYTES) {
    throw new Error(`${file} does not hold a server key: it has ${key.length} bytes instead of ${SERVER_KEY_BYTES}`);
  }
  return deriveServerKey(key);
};
