import type { Draw } from "../../../state/id-stream.ts";
import { uuidOf } from "../uuid.ts";

/** A random UUID; another one at each call. */
export const drawUuid = (draw: Draw): string => uuidOf(draw.bytes("uuid", 16));

/** The id of a rule that came without one: a random UUID's text in base64, 48 characters, as S3 makes them. */
export const drawRuleId = (draw: Draw): string => Buffer.from(drawUuid(draw)).toString("base64");
