/** TLS and plain HTTP on one port. */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import tls from "node:tls";
import type { HttpLimits } from "../../platform/limits.ts";
import { isTlsHello, routeByFirstBytes, type TakeConnection } from "../first-bytes.ts";

/** A certificate chain and its private key, as PEM. */
export type TlsMaterial = { readonly cert: string; readonly key: string };

type AlsoSpeakTlsOptions = {
  readonly material: TlsMaterial;
  readonly limits: HttpLimits;
  /** Told of every connection, decrypted if need be, before `server` takes it; answers false for one that is gone. */
  readonly accept: (socket: Socket) => boolean;
};

/** Connections to `server` that begin with a TLS handshake are decrypted first. Throws for material that is not valid PEM. */
export const alsoSpeakTls = (server: Server, { material, limits, accept }: AlsoSpeakTlsOptions): void => {
  const secure = tls.createServer({ ...material, ALPNProtocols: ["http/1.1"], handshakeTimeout: limits.headersMsMax });
  secure.on("tlsClientError", (_error, socket) => void socket.destroy());
  const takePlain = routeByFirstBytes(server, (own) => ({
    choose: (head) => (isTlsHello(head) ? takeSecure : accepted(own)),
    waitMsMax: limits.headersMsMax,
  }));
  const accepted =
    (take: TakeConnection): TakeConnection =>
    (socket) => {
      if (accept(socket)) take(socket);
      else socket.destroy();
    };
  const takeSecure = (socket: Socket): void => void secure.emit("connection", socket);
  secure.on("secureConnection", accepted(takePlain));
};
