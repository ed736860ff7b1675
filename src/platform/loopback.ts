import { isIPv4 } from "node:net";

/** True for `localhost`, 127.0.0.0/8 and ::1: what is bound to them is reached from this machine alone. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
