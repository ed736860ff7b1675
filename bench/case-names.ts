/** The cases by name, in the order in which they run. */

export const LOAD_CASE_NAMES = ["put1k", "get1k", "head", "put8m", "get8m", "multipart", "list", "delete"] as const;

export const CASE_NAMES = [
  "boot",
  "memory",
  ...LOAD_CASE_NAMES,
  "state",
  "worlds",
  "layers",
  "strict",
  "five-gib",
] as const;

export type LoadCaseName = (typeof LOAD_CASE_NAMES)[number];
export type CaseName = (typeof CASE_NAMES)[number];

export const isCaseName = (name: string): name is CaseName => (CASE_NAMES as readonly string[]).includes(name);
export const isLoadCaseName = (name: string): name is LoadCaseName =>
  (LOAD_CASE_NAMES as readonly string[]).includes(name);
