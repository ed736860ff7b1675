/** Pages of lists: how many entries, and the tokens that say where the next page begins. */
import { invalidField } from "./errors.ts";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from "./limits.ts";

/** 0 means the default; more than the most is answered as the most. */
export const readPageSize = (pageSize: number): number =>
  pageSize === 0 ? PAGE_SIZE_DEFAULT : Math.min(pageSize, PAGE_SIZE_MAX);

export type PageTokens<Position extends readonly string[]> = {
  /** The position that a request's token names; undefined on the first page. Throws INVALID_ARGUMENT for no token of this list. */
  read(token: string): Position | undefined;
  /** The token for going on after `position`. */
  write(position: Position): string;
};

/** Tokens of the list called `list`, whose positions have `parts` texts each. One list's tokens are none of another's. */
export const createPageTokens = <Position extends readonly string[]>(
  list: string,
  { parts }: { parts: Position["length"] },
): PageTokens<Position> => ({
  read: (token) => {
    if (token === "") return undefined;
    const [owner, ...position] = parseTexts(Buffer.from(token, "base64url").toString());
    if (owner !== list || position.length !== parts)
      throw invalidField("pageToken", "must be the nextPageToken of this list");
    return position as readonly string[] as Position;
  },
  write: (position) => Buffer.from(JSON.stringify([list, ...position])).toString("base64url"),
});

/** The texts of a JSON array; none if it is anything else. */
const parseTexts = (json: string): string[] => {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) && parsed.every(isText) ? parsed : [];
  } catch {
    return [];
  }
};

const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed();
