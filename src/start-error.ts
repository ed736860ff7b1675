/** What can go wrong at a start that the user can put right, in one line each. */
import manifest from "../package.json" with { type: "json" };
import { UsageError } from "./config.ts";
import { EngineLockedError, EngineOpenError } from "./engine/errors.ts";
import { StoreFormatError } from "./state/errors.ts";

const NODE_MAJOR_MIN = 22;

/** Throws {@link UsageError} for a Node that is too old: it would fail later, in words that say nothing. */
export const assertNodeVersion = (version: string): void => {
  if (Number.parseInt(version, 10) < NODE_MAJOR_MIN)
    throw new UsageError(`Node ${manifest.engines.node} is needed, this is ${version}`);
};

type SystemError = Error & {
  readonly code: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly path?: string;
};

/** The error itself, then what caused it. */
const chain = (error: unknown): Error[] => (error instanceof Error ? [error, ...chain(error.cause)] : []);

const hasCode = (error: Error): error is SystemError => "code" in error && typeof error.code === "string";

const LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another program",
  EACCES: "may not be used by this user",
  EADDRNOTAVAIL: "is not an address of this machine",
};

const FILES: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left",
  ENOTDIR: "a part of the path is not a directory",
  EEXIST: "is not a directory",
  ENOENT: "no such file",
  EISDIR: "is a directory",
};

const explainOne = (error: Error, dataDir: string): string | undefined => {
  if (error instanceof EngineLockedError) return `data directory ${dataDir} is in use by another Standin`;
  if (error instanceof EngineOpenError) return `data directory ${dataDir}: ${error.message}`;
  if (error instanceof StoreFormatError) return `data directory ${dataDir}: ${error.message}`;
  return hasCode(error) ? explainCode(error) : undefined;
};

const explainCode = (error: SystemError): string | undefined => {
  const { code, syscall, address, port, path } = error;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `host ${error.hostname ?? ""} cannot be resolved`;
  if (syscall === "listen") {
    const problem = LISTENING[code];
    return problem === undefined ? undefined : `port ${port} on ${address} ${problem}`;
  }
  const problem = FILES[code];
  return problem === undefined || path === undefined ? undefined : `${path}: ${problem}`;
};

/** One line for a {@link UsageError}, a port that cannot be had, or a data directory that cannot be used; else `undefined`: a bug. */
export const explainStartError = (error: unknown, { dataDir }: { readonly dataDir: string }): string | undefined => {
  if (error instanceof UsageError) return error.message;
  for (const each of chain(error)) {
    const line = explainOne(each, dataDir);
    if (line !== undefined) return line;
  }
  return undefined;
};
