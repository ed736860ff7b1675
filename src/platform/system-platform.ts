/** The outside world as it is: the system's clock and randomness. */
import { randomBytes } from "node:crypto";
import type { Logger } from "./logger.ts";
import type { Platform } from "./platform.ts";

export const createSystemPlatform = ({ logger }: { logger: Logger }): Platform => ({
  clock: { now: () => Date.now() },
  random: { bytes: (size) => randomBytes(size) },
  logger,
});
