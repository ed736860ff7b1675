/** The parent's handle on the load process, which is apart so that a client's CPU time is nobody's. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Job, JobResult } from "./jobs.ts";
import type { JobAnswer } from "./worker.ts";

export type Loader = {
  /** Does one job; one at a time. Rejects with what the server answered when it refused. */
  run(job: Job): Promise<JobResult>;
  stop(): void;
};

/** Starts the load process. */
export const startLoader = (): Loader => {
  const worker = fork(fileURLToPath(new URL("worker.ts", import.meta.url)), { stdio: "inherit" });
  const gone = once(worker, "exit").then(() => {
    throw new Error("the load process has ended");
  });
  // Whoever waits for a job is told; nobody need be waiting.
  gone.catch(() => undefined);
  return {
    async run(job) {
      const [answer] = (await Promise.race([(worker.send(job), once(worker, "message")), gone])) as [JobAnswer];
      if ("error" in answer) throw new Error(answer.error);
      return answer.result;
    },
    stop() {
      worker.removeAllListeners("exit");
      worker.kill();
    },
  };
};
