/** What is said to a value that an enum does not have: those that it has. */
import { createRegistry, type DescEnum, type DescService } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import type { UniversalServerResponse } from "@connectrpc/connect/protocol";
import { invalidField } from "./errors.ts";

/** The first says that no value was given. */
const namesOf = ({ values }: DescEnum): string =>
  values
    .filter(({ number }) => number !== 0)
    .map(({ name }) => name)
    .join(", ");

/** INVALID_ARGUMENT for a field whose value is none of its enum's, or not given. */
export const notNamed = (field: string, choices: DescEnum): ConnectError =>
  invalidField(field, `must be one of ${namesOf(choices)}`);

const UNKNOWN_NAME = /cannot decode enum ([\w.]+) from JSON/;

/** Adds the names of an enum to the library's refusal of JSON that has another one. Other answers stay as they are. */
export const nameValues = (
  services: readonly DescService[],
): ((answer: UniversalServerResponse) => Promise<UniversalServerResponse>) => {
  const registry = createRegistry(...services.map(({ file }) => file));
  return async (answer) => {
    const { status, body, header } = answer;
    if (status !== 400 || body === undefined || header?.has("content-encoding") === true) return answer;
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const [, typeName = ""] = UNKNOWN_NAME.exec(bytes.toString()) ?? [];
    const choices = registry.getEnum(typeName);
    if (choices === undefined) return { ...answer, body: iterate(bytes) };
    const refusal = JSON.parse(bytes.toString()) as { readonly message: string };
    const message = `${refusal.message}; it is one of ${namesOf(choices)}`;
    const named = Buffer.from(JSON.stringify({ ...refusal, message }));
    header?.set("content-length", String(named.byteLength));
    return { ...answer, body: iterate(named) };
  };
};

/** As a body has it. */
async function* iterate(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
