/** Lists in pages, as IAM has them. */
import { IamError } from "./errors.ts";
import { PAGE_ITEMS } from "./limits.ts";

export type PageOptions = { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined };

export type Page<T> = { readonly items: readonly T[]; readonly IsTruncated: boolean; readonly Marker?: string };

const write = (name: string): string => Buffer.from(`after:${name}`).toString("base64url");

const read = (marker: string): string => {
  const text = Buffer.from(marker, "base64url").toString();
  if (!text.startsWith("after:")) throw new IamError("ValidationError", "Invalid Marker.");
  return text.slice("after:".length);
};

/**
 * The page of `all` that was asked for. `nameOf` is unique among them; a list goes on behind the name where its last page ended. Where
 * that is gone by now, it goes on with the next name, without regard to case.
 */
export const pageOf = <T>(
  all: readonly T[],
  { Marker, MaxItems = PAGE_ITEMS }: PageOptions,
  nameOf: (item: T) => string,
): Page<T> => {
  const start = Marker === undefined ? 0 : startAfter(all.map(nameOf), read(Marker));
  const items = all.slice(start, start + MaxItems);
  const last = items.at(-1);
  if (last === undefined || start + items.length >= all.length) return { items, IsTruncated: false };
  return { items, IsTruncated: true, Marker: write(nameOf(last)) };
};

const startAfter = (names: readonly string[], name: string): number => {
  const at = names.indexOf(name);
  if (at >= 0) return at + 1;
  const next = names.findIndex((other) => other.toLowerCase() > name.toLowerCase());
  return next < 0 ? names.length : next;
};
