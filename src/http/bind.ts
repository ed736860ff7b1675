/** Opens the sockets that a listener accepts on. */
import type { AddressInfo, Server } from "node:net";
import type { Logger } from "../platform/logger.ts";

/** A bound address; `host` is a numeric IPv4 or IPv6 address. */
export type BoundAddress = { readonly host: string; readonly port: number };

export type Bound<S extends Server> = { readonly servers: readonly S[]; readonly addresses: readonly BoundAddress[] };

type BindOptions<S extends Server> = {
  /** `127.0.0.1` and `localhost` stand for both loopback addresses. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Makes one server for each address. */
  readonly createServer: () => S;
  readonly logger: Logger;
};

const listen = (server: Server, address: BoundAddress): Promise<BoundAddress> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      const { address: host, port } = server.address() as AddressInfo;
      resolve({ host, port });
    });
  });

/**
 * Listens on `host` and, if that is the IPv4 loopback, on the IPv6 one too where the machine has it: `localhost` means
 * one to some clients and the other to the rest. Rejects with Node's error (`EADDRINUSE`, `EACCES`, ...) if `host` cannot
 * be bound; `::1` may fail, with a line in the log.
 */
export const bind = async <S extends Server>(options: BindOptions<S>): Promise<Bound<S>> => {
  const { host, port, createServer, logger } = options;
  const both = host === "127.0.0.1" || host === "localhost";
  const first = createServer();
  const address = await listen(first, { host: both ? "127.0.0.1" : host, port });
  if (!both) return { servers: [first], addresses: [address] };
  const second = createServer();
  try {
    const twin = await listen(second, { host: "::1", port: address.port });
    return { servers: [first, second], addresses: [address, twin] };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // A machine without IPv6 is nothing to talk about; another program on that port is.
    if (code === "EADDRINUSE") logger.warn("another program listens on the IPv6 loopback", { port: address.port });
    return { servers: [first], addresses: [address] };
  }
};
