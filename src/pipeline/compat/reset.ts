/** The reset of moto and LocalStack: everything, except who the default account is. */
import { forgetAccess } from "../../access/kept-decisions.ts";
import { resetEverything } from "../../state/snapshots.ts";
import type { World } from "../../state/world.ts";

/** Takes the world back to its creation, but leaves the default account as it is. */
export const resetKeepingAccount = async (world: World): Promise<void> => {
  await resetEverything(world, { keep: ["accountOverride", "fallbackAccount"] });
  forgetAccess(world);
};
