/** Who does which kind of work when it falls due. */
import type { DueHandler, DueHandlers } from "../../harness/due-handler.ts";

/** A handler that is loaded with the first work of its kind. */
const late =
  (load: () => Promise<DueHandler>): DueHandler =>
  async (...work) =>
    (await load())(...work);

export const dueHandlers: DueHandlers = {
  lifecycle: late(async () => (await import("./lifecycle/run.ts")).runLifecycle),
  replication: late(async () => (await import("./replication/run.ts")).runReplication),
  event: late(async () => (await import("./events/deliver.ts")).runEvents),
  accessLog: late(async () => (await import("./access-log/deliver.ts")).deliverAccessLogs),
  inventory: late(async () => (await import("./inventory/run.ts")).makeInventories),
  analytics: late(async () => (await import("./analytics/run.ts")).exportAnalyses),
};
