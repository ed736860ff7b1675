/** Tables of a service's operations, each of which is run once through the AWS SDK. */
import type { ExecutionContext } from "ava";

type Shapes = Readonly<Record<string, { readonly input: unknown; readonly output: unknown }>>;

/** What rows that were run before answered. */
type Answers<Operations extends Shapes> = {
  readonly [Name in keyof Operations]?: Operations[Name]["output"];
};

/** Members of an answer, and what the SDK adds, as `t.like` takes them. */
type Shown<Output> = { readonly [Member in keyof Output | "$metadata"]?: unknown };

/** The input of a command of the SDK. */
type InputOf<Command> = Command extends { readonly prototype: { readonly input: infer Input } } ? Input : never;

type Row<Stage, Operations extends Shapes, Sdk, Name extends keyof Operations & string> = {
  /** Operations whose rows are run before it on the same stage. */
  readonly after?: readonly (keyof Operations & string)[];
  /** What it is asked. It may prepare the stage first. */
  readonly input: (
    stage: Stage,
    answers: Answers<Operations>,
  ) => InputOf<Sdk[`${Name}Command` & keyof Sdk]> | Promise<InputOf<Sdk[`${Name}Command` & keyof Sdk]>>;
  /** 200 unless it is said. */
  readonly status?: number;
  /** The code of AWS's refusal, where nobody is answered otherwise. */
  readonly refused?: string;
  /** What the answer says, beside its status. */
  readonly shows?: Shown<Operations[Name]["output"]> | ((stage: Stage) => Shown<Operations[Name]["output"]>);
};

/** A row for every operation: one without does not compile. `Sdk` is the module of the service's client. */
export type OperationRows<Stage, Operations extends Shapes, Sdk> = {
  readonly [Name in keyof Operations & string]: Row<Stage, Operations, Sdk, Name>;
};

type AnyRow = {
  readonly after?: readonly string[];
  readonly input: (stage: never, answers: never) => unknown;
  readonly status?: number;
  readonly refused?: string;
  readonly shows?: object | ((stage: never) => object);
};

type Run = {
  readonly client: { send(command: never): Promise<unknown> };
  /** The module of the client's package. */
  readonly sdk: object;
  readonly rows: Readonly<Record<string, AnyRow>>;
  readonly stage: unknown;
};

const MAY_BE_STREAMS = ["Body", "AnnotationPayload", "Payload"];

const isEvents = (value: unknown): value is AsyncIterable<{ readonly Records?: { readonly Payload?: Uint8Array } }> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** A stream's text; what is none, as it is. */
const textOf = async (value: unknown): Promise<unknown> => {
  const { transformToString } = (value ?? {}) as { transformToString?: () => Promise<string> };
  if (transformToString !== undefined) return transformToString();
  if (!isEvents(value)) return value;
  let text = "";
  for await (const { Records } of value) text += Buffer.from(Records?.Payload ?? []).toString();
  return text;
};

const send = async ({ client, sdk, rows, stage }: Run, name: string, answers: object): Promise<object> => {
  const Command = (sdk as Readonly<Record<string, unknown>>)[`${name}Command`] as new (input: unknown) => never;
  const input = await rows[name]?.input(stage as never, answers as never);
  const answer = (await client.send(new Command(input))) as Record<string, unknown>;
  const streams = MAY_BE_STREAMS.filter((member) => answer[member] !== undefined);
  const texts = await Promise.all(streams.map(async (member) => [member, await textOf(answer[member])]));
  return { ...answer, ...Object.fromEntries(texts) };
};

type Refused = { readonly name: string; readonly $metadata: { readonly httpStatusCode?: number } };

/** Runs an operation by its row, after those that its row names, and looks at the answer. */
export const runOperation = async (t: ExecutionContext, name: string, run: Run): Promise<void> => {
  const { after = [], status = 200, refused, shows = {} } = run.rows[name] ?? {};
  const answers: Record<string, object> = {};
  for (const earlier of after) answers[earlier] = await send(run, earlier, answers);
  const sent = send(run, name, answers);
  if (refused !== undefined) {
    const error = await sent.then(
      () => undefined,
      (reason: unknown) => reason as Refused,
    );
    t.deepEqual([error?.name, error?.$metadata.httpStatusCode], [refused, status]);
    return;
  }
  const shown = typeof shows === "function" ? (shows as (stage: unknown) => object)(run.stage) : shows;
  t.like(await sent, { ...shown, $metadata: { httpStatusCode: status } });
};
