/** Does the jobs. A job fails on the first answer that is not a success. */
import { RawConnection } from "./connection.ts";
import type { Job, JobResult } from "./jobs.ts";
import { performDelete, performMultipart, performRequest } from "./perform.ts";
import type { Perform } from "./perform.ts";
import { streamObject } from "./stream-object.ts";

type NumberedJob = Exclude<Job, { kind: "stream" }>;

const performerOf = (job: NumberedJob): Perform => {
  if (job.kind === "requests") return performRequest(job);
  return job.kind === "multipart" ? performMultipart(job) : performDelete(job);
};

/** Each connection takes the next number as soon as it is free. */
const runNumbered = async (job: NumberedJob): Promise<number> => {
  const end = job.first + job.count;
  let next = job.first;
  let receivedBytes = 0;
  const work = async (connection: RawConnection): Promise<void> => {
    const perform = performerOf(job);
    while (next < end) {
      const number = next;
      next += 1;
      receivedBytes += await perform(connection, number);
    }
  };
  const connections = Array.from(
    { length: Math.min(job.connections, job.count) },
    () => new RawConnection(job.address),
  );
  try {
    await Promise.all(connections.map(work));
  } finally {
    for (const connection of connections) connection.close();
  }
  return receivedBytes;
};

/** Does one job to its end. */
export const runJob = async (job: Job): Promise<JobResult> => {
  const begun = performance.now();
  const receivedBytes = job.kind === "stream" ? await streamObject(job) : await runNumbered(job);
  return { wallMs: performance.now() - begun, receivedBytes };
};
