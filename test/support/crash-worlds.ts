/** What worlds hold, as a plain model, and steps that change it: each is one request, or a few of which the last one counts. */
import { createHash, randomInt } from "node:crypto";

/** Numbers of bodies by keys. */
export type Contents = ReadonlyMap<string, number>;

/** What one driver's worlds and their snapshots (`<world>/<name>`) hold. */
export type Model = {
  readonly worlds: ReadonlyMap<string, Contents>;
  readonly snapshots: ReadonlyMap<string, Contents>;
};

const BODY_BYTES_MAX = 120_000;
const pool = createHash("shake256", { outputLength: 2 * BODY_BYTES_MAX })
  .update("pool")
  .digest();

/** A body is told by its number. Every fourth is a file. */
export const bodyOf = (number: number): Buffer => {
  const size = 1 + ((number * 7_919) % (number % 4 === 0 ? BODY_BYTES_MAX : 2_000));
  return pool.subarray(number % BODY_BYTES_MAX, (number % BODY_BYTES_MAX) + size);
};

export type Step =
  | { readonly kind: "put"; readonly world: string; readonly key: string; readonly body: number }
  | { readonly kind: "remove"; readonly world: string; readonly key: string }
  | { readonly kind: "copy"; readonly world: string; readonly from: string; readonly to: string }
  | { readonly kind: "snapshot" | "restore" | "forget"; readonly world: string; readonly name: string }
  | { readonly kind: "reset" | "drop"; readonly world: string }
  | { readonly kind: "fork"; readonly world: string; readonly name: string; readonly snapshot: string | undefined };

const changed = <T>(map: ReadonlyMap<string, T>, key: string, value: T | undefined): ReadonlyMap<string, T> => {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
};

/** The model after a step that was taken. */
export const after = (model: Model, step: Step): Model => {
  const { worlds, snapshots } = model;
  const contents = worlds.get(step.world) ?? new Map<string, number>();
  const world = (next: Contents): Model => ({ ...model, worlds: changed(worlds, step.world, next) });
  switch (step.kind) {
    case "put":
      return world(changed(contents, step.key, step.body));
    case "remove":
      return world(changed(contents, step.key, undefined));
    case "copy":
      return world(changed(contents, step.to, contents.get(step.from)));
    case "reset":
      return world(new Map());
    case "snapshot":
      return { ...model, snapshots: changed(snapshots, `${step.world}/${step.name}`, contents) };
    case "forget":
      return { ...model, snapshots: changed(snapshots, `${step.world}/${step.name}`, undefined) };
    case "restore":
      return world(snapshots.get(`${step.world}/${step.name}`) ?? contents);
    case "fork": {
      const origin = step.snapshot === undefined ? contents : snapshots.get(`${step.world}/${step.snapshot}`);
      return { ...model, worlds: changed(worlds, step.name, origin) };
    }
    case "drop":
      return {
        worlds: changed(worlds, step.world, undefined),
        snapshots: new Map([...snapshots].filter(([name]) => !name.startsWith(`${step.world}/`))),
      };
  }
};

const KEYS = 10;
const WORLDS_MAX = 6;
const SNAPSHOTS = ["s0", "s1"];

const pickOf = <T>(items: readonly T[]): T | undefined =>
  items.length === 0 ? undefined : items[randomInt(items.length)];

/** Some step that the model allows. `prefix` begins the names of the driver's worlds; its first one stays. */
export const chooseStep = (model: Model, { prefix, count }: { prefix: string; count: number }): Step => {
  const names = [...model.worlds.keys()];
  const world = pickOf(names) ?? `${prefix}0`;
  const keys = [...(model.worlds.get(world)?.keys() ?? [])];
  const key = `k${randomInt(KEYS)}`;
  const held = SNAPSHOTS.filter((name) => model.snapshots.has(`${world}/${name}`));
  const dice = randomInt(100);
  const put: Step = { kind: "put", world, key, body: count };
  const [from, snapshot] = [pickOf(keys), pickOf(held)];
  if (dice < 40) return put;
  if (dice < 48) return from === undefined ? put : { kind: "remove", world, key: from };
  if (dice < 58) return from === undefined || from === key ? put : { kind: "copy", world, from, to: key };
  if (dice < 70) return { kind: "snapshot", world, name: pickOf(SNAPSHOTS) ?? "s0" };
  if (dice < 78) return snapshot === undefined ? put : { kind: "restore", world, name: snapshot };
  if (dice < 81) return snapshot === undefined ? put : { kind: "forget", world, name: snapshot };
  if (dice < 84) return { kind: "reset", world };
  const name = `${prefix}${count}`;
  if (dice < 93)
    return names.length >= WORLDS_MAX
      ? put
      : { kind: "fork", world, name, snapshot: randomInt(2) === 0 ? undefined : snapshot };
  return world === `${prefix}0` ? put : { kind: "drop", world };
};
