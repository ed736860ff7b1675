/** Readers of single settings, wherever they come from: each takes the text and throws one clear line for what it is not. */
import { isIP } from "node:net";
import path from "node:path";
import { isLogLevel, type LogLevel } from "./platform/logger.ts";

/** The user told us something we cannot do. The message is one clear line; the program ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A setting as it was written, and where: `--port` `STANDIN_PORT` or `port`. */
export type Given = { readonly name: string; readonly text: string };

export const wrong = ({ name, text }: Given, expected: string): UsageError =>
  new UsageError(`${name}: ${JSON.stringify(text)} is not ${expected}`);

export const toPort = (given: Given): number => {
  const port = Number(given.text);
  if (!/^\d{1,5}$/.test(given.text) || port > 65_535) throw wrong(given, "a port, 0 to 65535");
  return port;
};

/** Both ends included. */
export type PortRange = { readonly first: number; readonly last: number };

export const toPortRange = (given: Given): PortRange => {
  const found = /^(\d{1,5})-(\d{1,5})$/.exec(given.text);
  const [first, last] = [Number(found?.[1]), Number(found?.[2])];
  if (found === null || first < 1 || first > last || last > 65_535)
    throw wrong(given, "a range of ports, like 15000-15999");
  return { first, last };
};

export const toSeed = (given: Given): number => {
  const seed = Number(given.text);
  if (!/^\d+$/.test(given.text) || !Number.isSafeInteger(seed)) throw wrong(given, "a whole number from 0 to 2^53 - 1");
  return seed;
};

/** S3's own slowest restore. */
const RESTORE_SECONDS_MAX = 48 * 3_600;

export const toRestoreSeconds = (given: Given): number => {
  const seconds = Number(given.text);
  if (!/^\d+(\.\d{1,3})?$/.test(given.text) || seconds > RESTORE_SECONDS_MAX)
    throw wrong(given, `a number of seconds, 0 to ${RESTORE_SECONDS_MAX}`);
  return seconds;
};

export const toAccount = (given: Given): string => {
  if (!/^\d{12}$/.test(given.text)) throw wrong(given, "an account id of twelve digits");
  return given.text;
};

export const toUrl = (given: Given): string => {
  if (!/^https?:\/\/[^/]/i.test(given.text) || !URL.canParse(given.text))
    throw wrong(given, "a URL that begins with http:// or https://");
  return given.text;
};

export const toHost = (given: Given): string => {
  if (isIP(given.text) === 0 && !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(given.text))
    throw wrong(given, "a host name or an IP address");
  return given.text;
};

/** As a Host header has it: `minio:9000`, `[::1]:9000`. */
export const toHostAndPort = (given: Given): string => {
  if (!/^[A-Za-z0-9.\-_:[\]]{1,255}$/.test(given.text)) throw wrong(given, "a host, with its port if it has one");
  return given.text;
};

export const toPath = (given: Given): string => {
  if (given.text === "") throw wrong(given, "a path");
  return path.resolve(given.text);
};

export const toToken = (given: Given): string => {
  // It travels in a header.
  if (!/^[\x21-\x7e]{1,1024}$/.test(given.text))
    throw wrong({ ...given, text: "***" }, "1 to 1024 visible ASCII characters");
  return given.text;
};

export const toBoolean = (given: Given): boolean => {
  const text = given.text.toLowerCase();
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw wrong(given, "true or false");
};

export const toLogLevel = (given: Given): LogLevel => {
  if (!isLogLevel(given.text)) throw wrong(given, "one of debug, info, warn, error, silent");
  return given.text;
};

export const oneOf =
  <const T extends string>(allowed: readonly T[]) =>
  (given: Given): T => {
    const found = allowed.find((value) => value === given.text);
    if (found === undefined) throw wrong(given, `one of ${allowed.join(", ")}`);
    return found;
  };
