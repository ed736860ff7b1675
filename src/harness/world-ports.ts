/** The ports of worlds: which are free to take, and who has which. */
import type { World } from "../state/world.ts";

/** A port that is listened on. */
export type OpenPort = { readonly port: number; readonly close: () => Promise<void> };

/** Listens for a world. 0 picks any free port. Rejects with Node's error if the port cannot be had. */
export type PortOpener = (options: { readonly port: number; readonly world: string }) => Promise<OpenPort>;

/** Both ends included. */
export type PortRange = { readonly first: number; readonly last: number };

/** A port that was asked for cannot be had. */
export class PortUnavailableError extends Error {
  readonly port: number;
  readonly reason: string;
  constructor({ port, reason }: { port: number; reason: string }) {
    super(`port ${port} ${reason}`);
    this.name = "PortUnavailableError";
    this.port = port;
    this.reason = reason;
  }
}

export class NoFreePortError extends Error {
  constructor({ first, last }: PortRange) {
    super(`none of the ports ${first} to ${last} is free`);
    this.name = "NoFreePortError";
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["EADDRINUSE", "is taken"],
  ["EACCES", "may not be used by this user"],
]);

const reasonOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? REASONS.get(String(error.code)) : undefined;

export type WorldPorts = {
  /** Listens for a world on `port`, or on a free one for 0. Throws `PortUnavailableError`, `NoFreePortError`. */
  open(options: { readonly port: number; readonly world: string }): Promise<OpenPort>;
  /** From now on the port is the world's; what it had before is closed. */
  give(world: World, port: OpenPort): void;
  /** Closes the world's port, if it has one; requests under way on it may end. */
  take(world: World): void;
  portOf(world: World): number | undefined;
};

type Options = {
  readonly openPort: PortOpener;
  /** Where free ports come from; absent: any. */
  readonly range: PortRange | undefined;
  /** Told of a port that could not be closed in order. */
  readonly onCloseError: (error: unknown) => void;
};

export const createWorldPorts = ({ openPort, range, onCloseError }: Options): WorldPorts => {
  const ports = new Map<World, OpenPort>();
  // Goes round, so that a client that still knows a deleted world's port does not soon meet another there.
  let next = range?.first ?? 0;

  const openNamed = async (options: { port: number; world: string }): Promise<OpenPort> => {
    try {
      return await openPort(options);
    } catch (error) {
      const reason = reasonOf(error);
      throw reason === undefined ? error : new PortUnavailableError({ port: options.port, reason });
    }
  };

  const openOneOf = async ({ first, last }: PortRange, world: string): Promise<OpenPort> => {
    for (let tried = 0; tried <= last - first; tried += 1) {
      const port = next;
      next = port === last ? first : port + 1;
      try {
        return await openNamed({ port, world });
      } catch (error) {
        if (!(error instanceof PortUnavailableError)) throw error;
      }
    }
    throw new NoFreePortError({ first, last });
  };

  const close = (port: OpenPort | undefined): void => void port?.close().catch(onCloseError);

  return {
    open: ({ port, world }) =>
      port === 0 && range !== undefined ? openOneOf(range, world) : openNamed({ port, world }),
    give: (world, port) => {
      close(ports.get(world));
      ports.set(world, port);
    },
    take: (world) => {
      close(ports.get(world));
      ports.delete(world);
    },
    portOf: (world) => ports.get(world)?.port,
  };
};
