import type { Draw } from "../../../state/id-stream.ts";

const UUID = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/;

/** A random UUID; another one at each call. */
export const drawUuid = (draw: Draw): string =>
  draw.bytes("uuid", 16).toString("hex").replace(UUID, "$1-$2-4$3-a$4-$5");

/** The id of a rule that came without one: a random UUID's text in base64, 48 characters, as S3 makes them. */
export const drawRuleId = (draw: Draw): string => Buffer.from(drawUuid(draw)).toString("base64");
