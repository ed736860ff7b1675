/** Queries over bytes in memory, without a server. */
import { Readable } from "node:stream";
import { readSelectRequest, type SelectInput } from "../../../../src/services/s3/select/request.ts";
import { beginSelect, readQuery } from "../../../../src/services/s3/select/select.ts";

type Options = {
  readonly input?: SelectInput["InputSerialization"];
  readonly output?: SelectInput["OutputSerialization"];
  readonly scanRange?: SelectInput["ScanRange"];
  /** How many bytes the object's chunks have; all of them unless told otherwise. */
  readonly chunkBytes?: number;
  /** How many events are read before the client is gone; all of them unless told otherwise. */
  readonly eventsMax?: number;
};

export type Outcome = {
  readonly text: string;
  readonly events: readonly string[];
  /** The object was let go of, and so was every stream of it that was opened. */
  readonly closed: boolean;
};

const NOW_MS = Date.UTC(2026, 1, 3, 4, 5, 6, 789);

const chunksOf = function* (bytes: Uint8Array, chunkBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
};

/** Runs a query to its end. */
export const runSelect = async (sql: string, content: string | Uint8Array, options: Options = {}): Promise<Outcome> => {
  const bytes = Buffer.from(content);
  const {
    input = { JSON: { Type: "LINES" } },
    output = { JSON: {} },
    scanRange,
    chunkBytes,
    eventsMax = Infinity,
  } = options;
  const request = readSelectRequest({
    Expression: sql,
    ExpressionType: "SQL",
    InputSerialization: input,
    OutputSerialization: output,
    ScanRange: scanRange,
  });
  let closed = false;
  const streams: Readable[] = [];
  const object = {
    sizeBytes: bytes.length,
    open: async (start: number, end: number) => {
      const part = bytes.subarray(start, end);
      if (chunkBytes === undefined) return part;
      const stream = Readable.from(chunksOf(part, chunkBytes));
      streams.push(stream);
      return stream;
    },
    close: () => {
      closed = true;
    },
  };
  const parts: Uint8Array[] = [];
  const events: string[] = [];
  for await (const event of await beginSelect(object, { query: readQuery(sql), request, nowMs: NOW_MS })) {
    events.push(Object.keys(event)[0] ?? "");
    if (event.Records?.Payload !== undefined) parts.push(event.Records.Payload);
    if (events.length >= eventsMax) break;
  }
  closed &&= streams.every(({ destroyed }) => destroyed);
  return { text: Buffer.concat(parts).toString(), events, closed };
};

/** The results of a query, a line each. */
export const resultsOf = async (
  sql: string,
  content: string | Uint8Array,
  options: Options = {},
): Promise<string[]> => {
  const { text } = await runSelect(sql, content, options);
  return text.split("\n").slice(0, -1);
};

/** What an expression gives for one JSON row, as JSON; `undefined` for MISSING. */
export const valueOf = async (expression: string, row = "{}"): Promise<string | undefined> => {
  const [result = ""] = await resultsOf(`SELECT ${expression} AS v FROM S3Object s`, row);
  return /^\{"v":(.*)\}$/.exec(result)?.[1];
};

/** The code of the error that a query ends with. */
export const errorOf = async (
  sql: string,
  content: string | Uint8Array = "{}",
  options: Options = {},
): Promise<string> => {
  try {
    await runSelect(sql, content, options);
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
  return "no error";
};
