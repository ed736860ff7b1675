/** TLS and plain HTTP on one port. */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import tls from "node:tls";
import type { HttpLimits } from "../../platform/limits.ts";
import { isTlsHello, routeByFirstBytes } from "../first-bytes.ts";

/** A certificate chain and its private key, as PEM. */
export type TlsMaterial = { readonly cert: string; readonly key: string };

/** Connections to `server` that begin with a TLS handshake are decrypted first. Throws for material that is not valid PEM. */
export const alsoSpeakTls = (server: Server, options: { material: TlsMaterial; limits: HttpLimits }): void => {
  const { material, limits } = options;
  const secure = tls.createServer({ ...material, ALPNProtocols: ["http/1.1"], handshakeTimeout: limits.headersMsMax });
  secure.on("tlsClientError", (_error, socket) => void socket.destroy());
  const takePlain = routeByFirstBytes(server, (own) => ({
    choose: (head) => (isTlsHello(head) ? takeSecure : own),
    waitMsMax: limits.headersMsMax,
  }));
  const takeSecure = (socket: Socket): void => void secure.emit("connection", socket);
  secure.on("secureConnection", takePlain);
};
