/** The load process: does jobs one after another, as its parent sends them. */
import type { Job, JobResult } from "./jobs.ts";
import { runJob } from "./run-job.ts";

export type JobAnswer = { readonly result: JobResult } | { readonly error: string };

const answerJob = async (job: Job): Promise<JobAnswer> => {
  try {
    return { result: await runJob(job) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};

process.on("message", (job: Job) => {
  void answerJob(job).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => process.exit(0));
