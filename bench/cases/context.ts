/** What every case has at hand. */
import type { Loader } from "../load/loader.ts";
import type { Peer, PeerName, Server } from "../peers/peer.ts";
import { PeerMissing, startPeer } from "../peers/peer.ts";
import type { Settings } from "../settings.ts";

export type Context = {
  readonly settings: Settings;
  readonly loader: Loader;
  readonly scratch: string;
  readonly peers: Readonly<Record<PeerName, Peer>>;
  /** Standin over a data directory. */
  standinOn(dataDir: string): Peer;
  /** Those that were asked for. */
  readonly wanted: readonly PeerName[];
  /** Tells the person who waits. */
  say(text: string): void;
};

/** Runs `use` with a started peer and stops it whatever happens. */
export const withPeer = async <T>(
  context: Context,
  name: PeerName,
  use: (server: Server) => Promise<T>,
): Promise<T> => {
  const server = await startPeer(context.peers[name], context.scratch);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
};

/** Starts several peers, leaving out those that are not installed, and stops all of them whatever happens. */
export const withPeers = async <T>(
  context: Context,
  names: readonly PeerName[],
  use: (servers: readonly Server[], remarks: readonly string[]) => Promise<T>,
): Promise<T> => {
  const servers: Server[] = [];
  const remarks: string[] = [];
  try {
    for (const name of names) {
      try {
        servers.push(await startPeer(context.peers[name], context.scratch));
      } catch (error) {
        if (!(error instanceof PeerMissing)) throw error;
        remarks.push(`${name} is left out: ${error.message}`);
      }
    }
    return await use(servers, remarks);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
};
