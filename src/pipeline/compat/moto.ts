/** moto's own endpoints below `/moto-api/`: https://docs.getmoto.org/en/latest/docs/server_mode.html */
import type { WireRequest, WireResponse } from "../../protocol/wire.ts";
import type { CompatDeps } from "./compat.ts";
import { CompatError, json, notImplemented, readBody, readJsonObject, text } from "./exchange.ts";
import { memoryOf, TRANSITIONS_MAX } from "./memory.ts";
import type { Transition } from "./memory.ts";
import { modelData } from "./model-data.ts";
import { resetKeepingAccount } from "./reset.ts";

type Endpoint = (request: WireRequest, deps: CompatDeps) => Promise<WireResponse>;

const reset: Endpoint = async (request, { world }) => {
  requirePost(request);
  await resetKeepingAccount(world);
  return json(200, { status: "ok" });
};

/**
 * moto counts so many actions and only then checks permissions. Here `inf` never checks (`lenient`) and `0` always does
 * (`strict`); nothing counts the actions between.
 */
const resetAuth: Endpoint = async (request, { world }) => {
  requirePost(request);
  const asked = (await readBody(request)).trim();
  const count = asked.toLowerCase() === "inf" ? Infinity : Number(asked || Number.NaN);
  if (Number.isNaN(count) || count < 0) throw new CompatError(400, "The body must be a number of actions, or inf.");
  if (count > 0 && count < Infinity) {
    throw new CompatError(501, "Only 0 (auth mode strict) and inf (auth mode lenient) are implemented.");
  }
  if (count === 0) await world.updateSettings({ authMode: "strict" });
  else if (world.settings.authMode === "strict") await world.updateSettings({ authMode: "lenient" });
  const memory = memoryOf(world);
  const previous = memory.noAuthActionCount;
  // moto prints Python floats.
  memory.noAuthActionCount = count === 0 ? "0.0" : "inf";
  return json(200, { status: "ok", PREVIOUS_INITIAL_NO_AUTH_ACTION_COUNT: previous });
};

const data: Endpoint = async (_request, { world }) => ({
  status: 200,
  headers: { "Content-Type": "application/javascript" },
  body: JSON.stringify(await modelData(world)),
});

const seed: Endpoint = async ({ rawQuery }, { reseed }) => {
  const asked = new URLSearchParams(rawQuery).get("a") ?? "";
  if (!/^-?[0-9]{1,15}$/.test(asked)) throw new CompatError(400, "The query parameter a must be a whole number.");
  await reseed(Number(asked));
  return text(200, "");
};

const CONFIG_NAMES: ReadonlySet<string> = new Set(["batch", "lambda", "stepfunctions"]);

const config: Endpoint = async (request, { world }) => {
  const memory = memoryOf(world);
  if (request.method === "POST") {
    const asked = Object.entries(await readJsonObject(request));
    const known = asked.filter(([name]) => CONFIG_NAMES.has(name));
    memory.config = { ...memory.config, ...Object.fromEntries(known) };
  }
  // moto answers 201 to a GET as well.
  return json(201, memory.config);
};

const TRANSITION_DEFAULT = { progression: "immediate" } as const;

const getTransition: Endpoint = async ({ rawQuery }, { world }) => {
  const modelName = new URLSearchParams(rawQuery).get("model_name");
  if (!modelName) throw new CompatError(400, "The query parameter model_name is missing.");
  return json(200, memoryOf(world).transitions.get(modelName) ?? TRANSITION_DEFAULT);
};

const setTransition: Endpoint = async (request, { world }) => {
  const body = await readJsonObject(request);
  const { transitions } = memoryOf(world);
  const { transition } = body;
  if (typeof transition !== "object" || transition === null) {
    throw new CompatError(400, "The member transition must be an object.");
  }
  const modelName = modelNameOf(body);
  if (transitions.size >= TRANSITIONS_MAX && !transitions.has(modelName)) {
    throw new CompatError(400, `No more than ${TRANSITIONS_MAX} transitions may be set.`);
  }
  transitions.set(modelName, transition as Transition);
  return text(201, "");
};

const unsetTransition: Endpoint = async (request, { world }) => {
  memoryOf(world).transitions.delete(modelNameOf(await readJsonObject(request)));
  return text(201, "");
};

const modelNameOf = (body: Readonly<Record<string, unknown>>): string => {
  const modelName = body["model_name"];
  if (typeof modelName !== "string") throw new CompatError(400, "The member model_name is missing.");
  return modelName;
};

// Nothing records, so there is nothing to stop or to forget.
const stopRecording: Endpoint = async () => text(200, "Recording is set to False");
const resetRecording: Endpoint = async () => text(200, "");

const requirePost = ({ method, rawPath }: WireRequest): void => {
  if (method !== "POST") throw new CompatError(400, `${rawPath} needs a POST.`);
};

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ["/moto-api/reset", reset],
  ["/moto-api/reset-auth", resetAuth],
  ["/moto-api/data.json", data],
  ["/moto-api/seed", seed],
  ["/moto-api/config", config],
  ["/moto-api/state-manager/get-transition", getTransition],
  ["/moto-api/state-manager/set-transition", setTransition],
  ["/moto-api/state-manager/unset-transition", unsetTransition],
  ["/moto-api/recorder/stop-recording", stopRecording],
  ["/moto-api/recorder/reset-recording", resetRecording],
]);

/** Answers a request whose path begins with `/moto-api/`: what is not built answers 501 by its path. */
export const answerMoto = async (request: WireRequest, deps: CompatDeps): Promise<WireResponse> => {
  const endpoint = ENDPOINTS.get(request.rawPath);
  return endpoint ? endpoint(request, deps) : notImplemented(request.rawPath);
};
