/** The SDK's clients without a network: their requests are caught, and answers are made up. */
import { Readable } from "node:stream";
import { buildQueryString, HttpResponse, type HttpRequest } from "@smithy/core/protocols";
import { NormalizedSchema } from "@smithy/core/schema";
import type { WireResponse } from "../../../src/protocol/wire.ts";
import type { Values } from "./filler.ts";

export type SdkOperation = {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  readonly command: new (input: Values) => object;
};

/** Every operation that a client's package exports. */
export const operationsOf = (module: Readonly<Record<string, unknown>>): readonly SdkOperation[] =>
  Object.values(module)
    .filter((value): value is [9, string, string, unknown, never, never] => Array.isArray(value) && value[0] === 9)
    .map(([, , name, , input, output]) => ({
      name,
      input: NormalizedSchema.of(input),
      output: NormalizedSchema.of(output),
      command: module[`${name}Command`] as SdkOperation["command"],
    }));

export type CaughtRequest = {
  readonly method: string;
  readonly rawPath: string;
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

const bytesOf = async (body: unknown): Promise<Uint8Array> => {
  if (body === undefined) return new Uint8Array();
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  return Buffer.concat(await (body as Readable).toArray());
};

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** A client's `requestHandler` that keeps the last request and answers with `answer`. */
export class Exchange {
  caught: CaughtRequest | undefined;
  answer: WireResponse = { status: 200, headers: {} };

  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    this.caught = {
      method: request.method,
      rawPath: request.path,
      rawQuery: buildQueryString(request.query),
      headers: lowerCased(request.headers),
      body: await bytesOf(request.body),
    };
    const { status, headers, body } = this.answer;
    const bytes = await bytesOf(body);
    const response = new HttpResponse({
      statusCode: status,
      headers: lowerCased(headers),
      body: Readable.from([bytes]),
    });
    return { response };
  }
}
