/** Who may call the control plane: nobody behind a foreign web page or a rebound name, and only holders of the token, if any. */
import { hash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { ControlRequest } from "./exchange.ts";

export type Guard = {
  /** Host names, in lower case, under which the port is known beside `localhost` and all addresses; names below them count too. */
  readonly allowedHosts: readonly string[];
  /** What callers must present as `Authorization: Bearer`. */
  readonly token: string | undefined;
};

export type Refusal = { readonly status: 400 | 401 | 403; readonly code: string; readonly message: string };

const forbidden = (message: string): Refusal => ({ status: 403, code: "permission_denied", message });

/** Why `request` is refused; undefined when it may pass. */
export const refusalOf = (request: ControlRequest, guard: Guard): Refusal | undefined => {
  const authority = authorityOf(request);
  const host = parseHost(authority);
  if (host === undefined)
    return { status: 400, code: "invalid_argument", message: "the Host header is missing or malformed" };
  if (!isKnownHost(host, guard.allowedHosts)) return forbidden(`this server is not known as ${host}`);
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${authority}` && origin !== `https://${authority}`)
    return forbidden("web pages of other origins may not use the control plane");
  if (guard.token !== undefined && !bearsToken(request, guard.token))
    return { status: 401, code: "unauthenticated", message: "send the control token as Authorization: Bearer" };
  return undefined;
};

const authorityOf = ({ headers }: ControlRequest): string => {
  const authority = headers[":authority"] ?? headers["host"];
  return typeof authority === "string" ? authority : "";
};

/** The host without its port, in lower case; an IPv6 address without its brackets. */
const parseHost = (authority: string): string | undefined => {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([0-9]{1,5}))?$/i.exec(authority);
  if (match === null || Number(match[3] ?? 0) > 65_535) return undefined;
  return (match[1] ?? match[2])?.toLowerCase();
};

// DNS rebinding needs a name: an address in the Host header is harmless, and nobody but this machine answers for localhost.
const isKnownHost = (host: string, allowedHosts: readonly string[]): boolean =>
  isIP(host) !== 0 || ["localhost", ...allowedHosts].some((known) => host === known || host.endsWith(`.${known}`));

const bearsToken = ({ headers }: ControlRequest, token: string): boolean => {
  const given = /^Bearer +(\S+)$/i.exec(headers["authorization"] ?? "")?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
};

const digest = (text: string): Buffer => hash("sha256", text, "buffer");
