/**
 * The layout of AWS's access key ids: a prefix of four letters and 80 bits in base32. Of these the first is 1 in the ids that
 * this server makes, then come the account's 40 bits and 39 free ones. Public decoders read the account at the same place.
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const WELL_FORMED = /^[A-Z]{4}[A-Z2-7]{16}$/;
const PREFIX_CHARACTERS = 4;
/** The first nine characters: 1 bit, the account, and the upper 4 of the free bits. */
const HEAD_CHARACTERS = 9;
const TAIL_CHARACTERS = 7;
const FIRST_BIT = 2 ** 44;
const ACCOUNTS_END = 10 ** 12;
const ACCOUNT_END = 2 ** 40;
const HEAD_FREE = 2 ** 4;
const TAIL_FREE = 2 ** 35;

/** Free bits of an id are a whole number below this: 2^39. */
export const FREE_BITS_END = HEAD_FREE * TAIL_FREE;

const valueOf = (text: string): number => {
  let value = 0;
  for (const character of text) value = value * 32 + ALPHABET.indexOf(character);
  return value;
};

/** The lowest `characters * 5` bits of `value`, which is below 2^53. */
const base32 = (value: number, characters: number): string => {
  let text = "";
  for (let rest = value; text.length < characters; rest = Math.floor(rest / 32))
    text = ALPHABET.charAt(rest % 32) + text;
  return text;
};

/** A 20-character id of the account. `freeBits`: a whole number from 0 up to, not including, `FREE_BITS_END`. */
export const encodeAccessKeyId = (options: {
  readonly prefix: "AKIA" | "ASIA" | "AROA" | "AIDA" | "ANPA";
  readonly accountId: string;
  readonly freeBits: number;
}): string => {
  const { prefix, accountId, freeBits } = options;
  if (!Number.isInteger(freeBits) || freeBits < 0 || freeBits >= FREE_BITS_END) {
    throw new RangeError(`free bits out of range: ${freeBits}`);
  }
  const head = FIRST_BIT + Number(accountId) * HEAD_FREE + Math.floor(freeBits / TAIL_FREE);
  return prefix + base32(head, HEAD_CHARACTERS) + base32(freeBits % TAIL_FREE, TAIL_CHARACTERS);
};

const readHead = (accessKeyId: string): number | undefined =>
  WELL_FORMED.test(accessKeyId)
    ? valueOf(accessKeyId.slice(PREFIX_CHARACTERS, PREFIX_CHARACTERS + HEAD_CHARACTERS))
    : undefined;

/**
 * The account in a well-formed id of anybody's, as public decoders read it; undefined for any other text. It proves nothing:
 * `AKIAIOSFODNN7EXAMPLE` decodes to a stranger.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
 */
export const decodeAccessKeyId = (accessKeyId: string): string | undefined => {
  const head = readHead(accessKeyId);
  if (head === undefined) return undefined;
  const account = Math.floor(head / HEAD_FREE) % ACCOUNT_END;
  return account < ACCOUNTS_END ? String(account).padStart(12, "0") : undefined;
};

/** True for an id that this server could have made. */
export const hasOwnLayout = (accessKeyId: string): boolean => {
  const head = readHead(accessKeyId);
  return head !== undefined && head >= FIRST_BIT && decodeAccessKeyId(accessKeyId) !== undefined;
};
