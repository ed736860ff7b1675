/** What the kernel says about a process and its descendants: CPU time and resident memory, from /proc (Linux). */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

const MS_PER_SECOND = 1000;
const NS_PER_MS = 1e6;
/** Where `man 5 proc` puts utime, stime, cutime and cstime, counted after the command's closing bracket. */
const CPU_FIELDS = [11, 12, 13, 14] as const;

let ticksPerSecond: number | undefined;

const clockTicks = (): number => {
  ticksPerSecond ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return ticksPerSecond;
};

/** What one tick of the kernel's CPU accounts is, in milliseconds. */
export const tickMs = (): number => MS_PER_SECOND / clockTicks();

/** A process may end between two readings: then it has nothing more to say. */
const readProc = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
};

const threadsOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
};

/** The process and all its descendants. */
const familyOf = (pid: number): number[] => {
  const children = threadsOf(pid).flatMap((thread) =>
    readProc(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
};

const cpuTicksOf = (pid: number): number => {
  const stat = readProc(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return CPU_FIELDS.reduce((sum, field) => sum + Number(fields[field] ?? 0), 0);
};

/** User and system time of the process, its descendants and its ended children, in milliseconds; steps of `tickMs()`. */
export const cpuMsOf = (pid: number): number =>
  familyOf(pid).reduce((sum, member) => sum + cpuTicksOf(member), 0) * tickMs();

const runMsOf = (pid: number, thread: string): number => {
  const [runNs = "0"] = readProc(`/proc/${pid}/task/${thread}/schedstat`).split(" ");
  return Number(runNs) / NS_PER_MS;
};

/** CPU time of the process's living threads by name, in milliseconds; the main thread is called "main". */
export const cpuMsByThread = (pid: number): Map<string, number> => {
  const times = new Map<string, number>();
  for (const thread of threadsOf(pid)) {
    const name = thread === String(pid) ? "main" : readProc(`/proc/${pid}/task/${thread}/comm`).trim();
    times.set(name, (times.get(name) ?? 0) + runMsOf(pid, thread));
  }
  return times;
};

/**
 * CPU time of the process's own living threads, in milliseconds, to the nanosecond: for spans too short for ticks. What ended
 * threads used is not in it.
 */
export const threadCpuMsOf = (pid: number): number =>
  threadsOf(pid).reduce((sum, thread) => sum + runMsOf(pid, thread), 0);

const statusKib = (pid: number, field: "VmRSS" | "VmHWM"): number => {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readProc(`/proc/${pid}/status`));
  return Number(match?.[1] ?? 0);
};

/** Resident memory of the process and its descendants, in MiB. */
export const residentMibOf = (pid: number): number =>
  familyOf(pid).reduce((sum, member) => sum + statusKib(member, "VmRSS"), 0) / 1024;

/** The highest resident memory that each of them ever had, summed, in MiB. */
export const peakResidentMibOf = (pid: number): number =>
  familyOf(pid).reduce((sum, member) => sum + statusKib(member, "VmHWM"), 0) / 1024;
