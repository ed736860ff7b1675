/** A query whose request is fine, begun: what is wrong with it or the data shows before the answer begins, if it shows early. */
import { SelectError } from "./errors.ts";
import { parseQuery } from "./sql/parse-query.ts";
import { selectEvents, type SelectEvent } from "./events.ts";
import type { SelectRequest } from "./request.ts";
import type { SelectObject } from "./rows.ts";

export { readSelectRequest } from "./request.ts";

/** The SQL expression, understood. Errors: its own. */
export const readQuery = parseQuery;

/** Those that cannot be queried although they can be read. */
const UNSUPPORTED_CLASSES: ReadonlySet<string> = new Set(["REDUCED_REDUNDANCY"]);

/** Errors: UnsupportedStorageClass. */
export const assertSelectable = (storageClass: string): void => {
  if (UNSUPPORTED_CLASSES.has(storageClass)) throw new SelectError("UnsupportedStorageClass");
};

type Options = {
  readonly query: ReturnType<typeof parseQuery>;
  readonly request: SelectRequest;
  readonly nowMs: number;
};

/**
 * Runs a query up to its first event, and gives all of them. Errors of later ones are thrown as they are reached. Whoever does
 * not read to the end must end the iteration.
 */
export const beginSelect = async (object: SelectObject, options: Options): Promise<AsyncIterable<SelectEvent>> => {
  const events = selectEvents(object, options);
  let first: IteratorResult<SelectEvent, void> | undefined = await events.next();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const result = first ?? (await events.next());
        first = undefined;
        return result;
      },
      return: async () => await events.return(),
    }),
  };
};
