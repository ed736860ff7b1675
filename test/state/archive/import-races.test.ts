/** Imports beside requests, and beside one another. */
import test from "ava";
import { DEFAULT_WORLD } from "../../../src/state/state.ts";
import { withState } from "../../support/state.ts";
import { ACCOUNT, newBucket } from "../fixtures.ts";
import { archiveOf, importInto } from "./archives.ts";

test("no id is drawn twice while accounts are imported", (t) =>
  withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    await newBucket(world, "bucket");
    const archive = await archiveOf(world, { accountIds: [ACCOUNT] });
    const positions: number[] = [];
    const drawn = { isOver: false };
    const drawing = (async () => {
      while (!drawn.isOver) {
        positions.push((await world.draw()).position);
        await new Promise(setImmediate);
      }
    })();
    for (let at = 0; at < 5; at += 1) await importInto(world, archive);
    drawn.isOver = true;
    await drawing;
    t.is(new Set(positions).size, positions.length);
  }));
