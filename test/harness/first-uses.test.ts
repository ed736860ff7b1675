import test from "ava";
import { FIRST_USES_MAX, firstUseMs } from "../../src/harness/first-uses.ts";
import { withState } from "../support/state.ts";

test("the first use of a signature is remembered, in each world apart, until a thousand others came", async (t) => {
  await withState(async (state) => {
    const world = state.world("default");
    if (world === undefined) return t.fail();
    const fork = await state.fork({ name: "fork", fromWorld: world });
    t.is(firstUseMs(world, { signature: "a", realNowMs: 1 }), 1);
    t.is(firstUseMs(world, { signature: "a", realNowMs: 2 }), 1);
    t.is(firstUseMs(fork, { signature: "a", realNowMs: 3 }), 3);
    for (let other = 1; other < FIRST_USES_MAX; other += 1) {
      firstUseMs(world, { signature: String(other), realNowMs: 4 });
    }
    t.is(firstUseMs(world, { signature: "a", realNowMs: 5 }), 1);
    firstUseMs(world, { signature: "one more", realNowMs: 6 });
    t.is(firstUseMs(world, { signature: "1", realNowMs: 7 }), 4);
    t.is(firstUseMs(world, { signature: "a", realNowMs: 8 }), 8);
    return undefined;
  });
});
