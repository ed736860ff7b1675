/** Counts calls as requests to the worlds that they name, so that none is deleted as unused beneath them. */
import type { Interceptor } from "@connectrpc/connect";
import type { Clock } from "../platform/platform.ts";
import { DEFAULT_WORLD, type State } from "../state/state.ts";
import { WorldService } from "./generated/standin/v1/world_pb.ts";

/** Fields that hold a world's name, in requests and in the places that some of them name. */
const NAMING_FIELDS = ["world", "fromWorld"] as const;
const NAMING_PLACES = ["from", "to"] as const;

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const namesIn = (request: object, { ofWorldService }: { ofWorldService: boolean }): string[] => {
  const fields = ofWorldService ? [...NAMING_FIELDS, "name"] : NAMING_FIELDS;
  const message: Fields = { ...request };
  const places = [message, ...NAMING_PLACES.map((place) => message[place]).filter(isObject)];
  const named = places.flatMap((place) => fields.map((field) => place[field]));
  return named.flatMap((name) => (typeof name === "string" ? [name === "" ? DEFAULT_WORLD : name] : []));
};

export const holdWorlds = ({ state, clock }: { readonly state: State; readonly clock: Clock }): Interceptor => {
  const hold = (names: readonly string[]): (() => void) => {
    const worlds = [...new Set(names)].map((name) => state.world(name)).filter((world) => world !== undefined);
    for (const world of worlds) world.activity.begin(clock.now());
    return () => {
      for (const world of worlds.splice(0)) world.activity.end(clock.now());
    };
  };
  return (next) => async (request) => {
    const ofWorldService = request.method.parent.typeName === WorldService.typeName;
    if (!request.stream) {
      const release = hold(namesIn(request.message, { ofWorldService }));
      try {
        return await next(request);
      } finally {
        release();
      }
    }
    // A call that streams says its worlds in its first message, and needs them until its last answer.
    let release = (): void => {};
    const message = tapFirst(request.message, (first) => {
      release = hold(namesIn(first, { ofWorldService }));
    });
    try {
      const response = await next({ ...request, message });
      if (!response.stream) throw new Error("a call that streams has one answer");
      return { ...response, message: untilEnd(response.message, () => release()) };
    } catch (error) {
      release();
      throw error;
    }
  };
};

async function* tapFirst<T>(messages: AsyncIterable<T>, tap: (first: T) => void): AsyncGenerator<T> {
  let isFirst = true;
  for await (const message of messages) {
    if (isFirst) tap(message);
    isFirst = false;
    yield message;
  }
}

async function* untilEnd<T>(messages: AsyncIterable<T>, end: () => void): AsyncGenerator<T> {
  try {
    yield* messages;
  } finally {
    end();
  }
}
