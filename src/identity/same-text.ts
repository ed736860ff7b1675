import { timingSafeEqual } from "node:crypto";

/** Whether two signatures are the same, in a time that does not tell how much of them is. */
export const sameText = (calculated: string, provided: string): boolean => {
  const [a, b] = [Buffer.from(calculated), Buffer.from(provided)];
  return a.length === b.length && timingSafeEqual(a, b);
};
