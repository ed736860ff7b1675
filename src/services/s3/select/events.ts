/** A query's answer as events: records as they come, signs of life between them, statistics and the end. */
import type { Operations } from "../../../protocol/generated/s3.ts";
import { planQuery, type Plan } from "./evaluate/plan.ts";
import { SelectError } from "./errors.ts";
import type { Counts } from "./input/source.ts";
import { RECORD_CHARS_MAX, RECORDS_EVENT_BYTES_MAX, SILENT_BYTES_MAX } from "./limits.ts";
import type { WriteRecord } from "./output/csv.ts";
import type { SelectRequest } from "./request.ts";
import { openRows, type SelectObject } from "./rows.ts";
import type { Query } from "./sql/ast.ts";
import type { Struct, Value } from "./values/values.ts";

type Payload = NonNullable<Operations["SelectObjectContent"]["output"]["Payload"]>;
export type SelectEvent = Payload extends AsyncIterable<infer Event> ? Event : never;

type Options = {
  readonly query: Query;
  readonly request: SelectRequest;
  readonly nowMs: number;
};

/** Results on their way into events. */
type Outbox = {
  readonly returnedBytes: number;
  add(result: Struct): void;
  /** Events of the size that they may have; the rest waits. */
  full(): Iterable<SelectEvent>;
  /** What is left. */
  rest(): Iterable<SelectEvent>;
};

const createOutbox = (write: WriteRecord): Outbox => {
  let parts: string[] = [];
  let chars = 0;
  let pending: Buffer = Buffer.alloc(0);
  let returnedBytes = 0;

  const collect = (): void => {
    if (parts.length === 0) return;
    pending = Buffer.concat([pending, Buffer.from(parts.join(""))]);
    parts = [];
    chars = 0;
  };
  // A record may go on in the next event, as with S3.
  const take = (bytes: number): SelectEvent => {
    const Payload = pending.subarray(0, bytes);
    pending = pending.subarray(bytes);
    returnedBytes += Payload.length;
    return { Records: { Payload } };
  };

  return {
    get returnedBytes() {
      return returnedBytes;
    },
    add: (result) => {
      const record = write(result);
      if (record.length > RECORD_CHARS_MAX) throw new SelectError("OverMaxRecordSize");
      parts.push(record);
      chars += record.length;
    },
    full: function* () {
      if (chars + pending.length < RECORDS_EVENT_BYTES_MAX) return;
      collect();
      while (pending.length >= RECORDS_EVENT_BYTES_MAX) yield take(RECORDS_EVENT_BYTES_MAX);
    },
    rest: function* () {
      collect();
      while (pending.length > 0) yield take(RECORDS_EVENT_BYTES_MAX);
    },
  };
};

/** Puts results into the outbox, as many as the query wants. */
const createTaker = ({ limit = Infinity, outbox }: { limit: number | undefined; outbox: Outbox }) => {
  let taken = 0;
  return {
    isDone: () => taken >= limit,
    take: (result: Struct): void => {
      if (taken >= limit) return;
      taken += 1;
      outbox.add(result);
    },
  };
};

/** The results of some rows. One value of a document may have as many as the document is long. */
const resultsOf = function* (batch: readonly Value[], plan: Plan): Generator<Struct> {
  for (const value of batch) yield* plan.results(value);
};

/**
 * Runs a query. Errors, thrown where they are met: see {@link SelectError}. Ending the iteration early lets go of the object.
 */
export const selectEvents = async function* (
  object: SelectObject,
  options: Options,
): AsyncGenerator<SelectEvent, void> {
  try {
    yield* runQuery(object, options);
  } finally {
    object.close();
  }
};

const runQuery = async function* (
  object: SelectObject,
  { query, request, nowMs }: Options,
): AsyncGenerator<SelectEvent, void> {
  const counts: Counts = { scanned: 0, processed: 0 };
  const outbox = createOutbox(request.write);
  const { source, scanRange, reportsProgress } = request;
  const rows = await openRows(object, { source, query, scanRange, counts });
  const details = () => ({
    Details: {
      BytesScanned: counts.scanned,
      BytesProcessed: counts.processed,
      BytesReturned: outbox.returnedBytes,
    },
  });
  let heardAt = 0;
  try {
    const plan = planQuery(query, { names: rows.names, path: query.from.steps.slice(1), nowMs });
    const taker = createTaker({ limit: query.limit, outbox });
    for await (const batch of rows.batches) {
      for (const result of taker.isDone() ? [] : resultsOf(batch, plan)) {
        taker.take(result);
        for (const event of outbox.full()) {
          heardAt = counts.processed;
          yield event;
        }
        if (taker.isDone()) break;
      }
      if (taker.isDone()) break;
      if (counts.processed - heardAt < SILENT_BYTES_MAX) continue;
      heardAt = counts.processed;
      yield reportsProgress ? { Progress: details() } : { Cont: {} };
    }
    const last = plan.last();
    if (last !== undefined) taker.take(last);
  } finally {
    await rows.close();
  }
  yield* outbox.rest();
  if (reportsProgress) yield { Progress: details() };
  yield { Stats: details() };
  yield { End: {} };
};
