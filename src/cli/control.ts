/** Calls of a server's control plane, by plain HTTP. */
import { once } from "node:events";
import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { toUrl, UsageError } from "../config-values.ts";
import type { Arguments, SERVER_OPTIONS } from "./command.ts";

const DEFAULT_CONTROL_URL = "http://127.0.0.1:5001";

export type Control = {
  readonly world: string;
  /** A unary RPC, `AccountService/ListAccounts`. */
  readonly call: (rpc: string, message: object) => Promise<unknown>;
  /** The archive's bytes. */
  readonly getArchive: (query: Query) => Promise<AsyncIterable<Uint8Array>>;
  readonly putArchive: (query: Query, source: AsyncIterable<Uint8Array>) => Promise<unknown>;
};

type Query = Readonly<Record<string, string>>;

/** The control plane that a command's arguments name. What its server refuses is a `UsageError` with the server's words. */
export const controlOf = ({ one }: Pick<Arguments<keyof typeof SERVER_OPTIONS>, "one">): Control => {
  const baseUrl = toUrl({ name: "--control-url", text: one("control-url") ?? DEFAULT_CONTROL_URL });
  const token = one("control-token");
  const world = one("world") ?? "";
  const server: Server = { baseUrl, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } };
  const archivePath = (query: Query): string => {
    const parameters = Object.entries({ world, ...query }).filter(([, value]) => value !== "");
    return `/state/archive?${new URLSearchParams(parameters).toString()}`;
  };
  return {
    world,
    call: async (rpc, message) => {
      const headers = { "content-type": "application/json" };
      const body = onceOf(Buffer.from(JSON.stringify({ world, ...message })));
      return JSON.parse(
        await text(await exchange(server, { method: "POST", path: `/standin.v1.${rpc}`, headers, body })),
      );
    },
    getArchive: (query) => exchange(server, { method: "GET", path: archivePath(query) }),
    putArchive: async (query, body) =>
      JSON.parse(await text(await exchange(server, { method: "PUT", path: archivePath(query), body }))),
  };
};

async function* onceOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

type Server = { readonly baseUrl: string; readonly headers: Readonly<Record<string, string>> };

type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: AsyncIterable<Uint8Array>;
};

const exchange = async (server: Server, { method, path, headers, body }: Exchange): Promise<IncomingMessage> => {
  const url = new URL(path, server.baseUrl);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, { method, headers: { ...server.headers, ...headers } });
  const answered = once(request, "response") as Promise<[IncomingMessage]>;
  const sent = sendBody(request, body);
  // An answer may come before all was sent: then it is what counts.
  sent.catch(() => undefined);
  const [response] = await answered.catch((error: unknown) => {
    throw unreachable(server.baseUrl, error);
  });
  const { statusCode = 0 } = response;
  if (statusCode >= 200 && statusCode < 300) {
    await sent;
    return response;
  }
  throw new UsageError(
    refusalIn(await text(response)) ?? `${server.baseUrl} answers ${statusCode} to ${method} ${path}`,
  );
};

const sendBody = async (request: ClientRequest, body: AsyncIterable<Uint8Array> | undefined): Promise<void> => {
  if (body === undefined) request.end();
  else await pipeline(body, request);
};

const refusalIn = (answer: string): string | undefined => {
  try {
    const { message } = JSON.parse(answer) as { message?: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
};

const unreachable = (baseUrl: string, error: unknown): unknown => {
  if (!(error instanceof Error) || !("code" in error)) return error;
  // Several addresses were tried: the message is empty then.
  const reason = error.message === "" ? String(error.code) : error.message;
  return new UsageError(`no control plane at ${baseUrl} (--control-url): ${reason}`, { cause: error });
};
