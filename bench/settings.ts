/** How long and how often things are measured. */

export type Settings = {
  /** Interleaved rounds of a load case; the median counts. */
  readonly rounds: number;
  /** So many more rounds where the rounds of standin or its yardstick lie apart. */
  readonly extraRoundsMax: number;
  /** Beyond this spread there are more rounds. */
  readonly spreadMax: number;
  /** How much of its case's round length each load case gets. */
  readonly share: number;
  readonly boots: number;
  readonly memoryStarts: number;
  readonly memoryPauseMs: number;
  /** Ascending. */
  readonly stateObjects: readonly number[];
  readonly stateRounds: number;
  /** Objects of the world that others are forked from. */
  readonly baseObjects: number;
  /** Forks that are timed from the call to their first answer. */
  readonly firstAnswers: number;
  /** Forks that live at the same time. */
  readonly liveWorlds: number;
  readonly largeBytes: number;
  readonly largeBytesSlow: number;
};

const MIB = 1024 * 1024;

export const FULL: Settings = {
  rounds: 5,
  extraRoundsMax: 4,
  spreadMax: 0.1,
  share: 1,
  boots: 15,
  memoryStarts: 5,
  memoryPauseMs: 2000,
  stateObjects: [1000, 100_000, 1_000_000],
  stateRounds: 21,
  baseObjects: 100_000,
  firstAnswers: 51,
  liveWorlds: 500,
  largeBytes: 5 * 1024 * MIB,
  largeBytesSlow: 256 * MIB,
};

export const QUICK: Settings = {
  rounds: 3,
  extraRoundsMax: 0,
  spreadMax: 0.1,
  share: 0.4,
  boots: 7,
  memoryStarts: 1,
  memoryPauseMs: 1000,
  stateObjects: [1000, 10_000, 100_000],
  stateRounds: 9,
  baseObjects: 10_000,
  firstAnswers: 21,
  liveWorlds: 500,
  largeBytes: 256 * MIB,
  largeBytesSlow: 64 * MIB,
};
