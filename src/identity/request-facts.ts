/** What identity reads of a request: the part of `WireRequest` that can be signed. */
import type { WireRequest } from "../protocol/wire.ts";

/** Texts hold one byte a character (latin1), as Node gives them. */
export type RequestFacts = Pick<WireRequest, "method" | "rawPath" | "rawQuery" | "headers" | "valuesOf">;
