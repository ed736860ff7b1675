/** Who may use the endpoints that steer the server from the data port. They must be out of reach of web pages and strangers. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { WireRequest } from "../../protocol/wire.ts";

export type CompatGuard = {
  /** Host names under which the data port is known, in lower case and without port; names below them count too. */
  readonly baseHosts: readonly string[];
  /** Whether the data port listens on loopback alone. */
  readonly loopback: boolean;
  /** `open` waives the token on a data port that is not loopback. */
  readonly endpoints: "guarded" | "open";
  /** The control plane's token, where one is set. */
  readonly controlToken: string | undefined;
};

/** Why `request` is refused; undefined when it may pass. */
export const refusal = (request: WireRequest, guard: CompatGuard): string | undefined => {
  if (!isKnownHost(hostName(request.host), guard.baseHosts)) {
    return "The Host header names no host that this server knows; see --base-host.";
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `${request.secure ? "https" : "http"}://${request.host}`) {
    return "Requests from web pages of another origin are refused.";
  }
  if (guard.loopback || guard.endpoints === "open" || hasToken(request, guard.controlToken)) return undefined;
  return "The data port is not loopback: send the control token as Authorization: Bearer, or start with --compat-endpoints=open.";
};

/** The host without its port, in lower case; an IPv6 address without its brackets. */
const hostName = (host: string): string =>
  host
    .toLowerCase()
    .replace(/:[0-9]*$/, "")
    .replace(/^\[(.*)\]$/, "$1");

// DNS rebinding needs a name: an address in the Host header is harmless.
const isKnownHost = (name: string, baseHosts: readonly string[]): boolean =>
  isIP(name) !== 0 || baseHosts.some((base) => name === base || name.endsWith(`.${base}`));

const hasToken = ({ headers }: WireRequest, token: string | undefined): boolean => {
  const given = /^Bearer +(\S+)$/i.exec(headers["authorization"] ?? "")?.[1];
  if (token === undefined || given === undefined) return false;
  return timingSafeEqual(digest(given), digest(token));
};

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
