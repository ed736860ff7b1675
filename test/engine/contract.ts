/** What every engine must do, as one suite that each engine runs. The order of commits is the order of arrival. */
import type { TestFn } from "ava";
import { concurrencyContract } from "./contract/concurrency.ts";
import { countersContract } from "./contract/counters.ts";
import { lifetimeContract } from "./contract/lifetime.ts";
import { modelContract } from "./contract/model.ts";
import { rangesContract } from "./contract/ranges.ts";
import { valuesContract } from "./contract/values.ts";
import { viewsContract } from "./contract/views.ts";
import type { EngineUnderTest } from "./contract/under-test.ts";

/** Declares the suite's tests, their titles prefixed with the engine's. */
export const engineContract = (test: TestFn, engine: EngineUnderTest): void => {
  valuesContract(test, engine);
  rangesContract(test, engine);
  countersContract(test, engine);
  concurrencyContract(test, engine);
  viewsContract(test, engine);
  modelContract(test, engine);
  lifetimeContract(test, engine);
};
