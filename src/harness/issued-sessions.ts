/**
 * The temporary credentials that a world issued of late, for finding those that a suite left. Nothing is verified by them: they
 * verify themselves. They are counted, so that what came after a snapshot is known whatever the world's clock shows.
 */
import type { World } from "../state/world.ts";

/** Sessions remembered for one world; the oldest is forgotten first. */
export const ISSUED_SESSIONS_MAX = 10_000;
/** Snapshots of one world of which is remembered when they were taken; the oldest is forgotten first. */
const SNAPSHOTS_MAX = 10_000;

export type IssuedSession = {
  readonly accessKeyId: string;
  /** The account that it acts in. */
  readonly accountId: string;
  readonly principalArn: string;
  /** The operation of STS that issued it. */
  readonly operation: string;
  /** World time, in milliseconds since 1970, like `expiresAtMs`. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
};

type Issued = {
  /** By their access key ids, oldest first, with how many were issued before. */
  readonly sessions: Map<string, IssuedSession & { readonly at: number }>;
  /** By the names of snapshots, how many were issued before each. */
  readonly snapshots: Map<string, number>;
  count: number;
};

const issuedIn = new WeakMap<World, Issued>();

const issuedOf = (world: World): Issued => {
  let issued = issuedIn.get(world);
  if (issued === undefined) issuedIn.set(world, (issued = { sessions: new Map(), snapshots: new Map(), count: 0 }));
  return issued;
};

const forgetOldest = (map: Map<string, unknown>, sizeMax: number): void => {
  for (const oldest of map.keys()) {
    if (map.size <= sizeMax) return;
    map.delete(oldest);
  }
};

export const rememberSession = (world: World, session: IssuedSession): void => {
  const issued = issuedOf(world);
  // The same id may come again, with a seed that was rewound: then it is the newest.
  issued.sessions.delete(session.accessKeyId);
  issued.sessions.set(session.accessKeyId, { ...session, at: issued.count });
  issued.count += 1;
  forgetOldest(issued.sessions, ISSUED_SESSIONS_MAX);
};

/** Begins a snapshot; call what it answers once it was taken. Sessions that are issued from now on came after it. */
export const beginSnapshot = (world: World, name: string): (() => void) => {
  const { count } = issuedOf(world);
  return () => {
    const { snapshots } = issuedOf(world);
    snapshots.delete(name);
    snapshots.set(name, count);
    forgetOldest(snapshots, SNAPSHOTS_MAX);
  };
};

/**
 * Sessions that have not expired, oldest first: those that were issued after the snapshot was taken, all where none is named.
 * A snapshot that is not remembered was taken before this run of the server began, and so before all of them, or imported.
 */
export const sessionsSince = (
  world: World,
  options: {
    readonly snapshot?: string | undefined;
    /** Absent: of all accounts. */
    readonly accountIds?: readonly string[] | undefined;
    /** World time. */
    readonly nowMs: number;
  },
): IssuedSession[] => {
  const { snapshot, nowMs } = options;
  const { sessions, snapshots } = issuedOf(world);
  const accountIds = options.accountIds === undefined ? undefined : new Set(options.accountIds);
  const since = (snapshot === undefined ? undefined : snapshots.get(snapshot)) ?? 0;
  return [...sessions.values()].filter(
    ({ at, accountId, expiresAtMs }) =>
      at >= since && expiresAtMs > nowMs && (accountIds === undefined || accountIds.has(accountId)),
  );
};
