/** The little HTTP that these endpoints need. */
import type { WireRequest, WireResponse } from "../../protocol/wire.ts";

/** Bytes of a body that these endpoints read at most. */
export const COMPAT_BODY_BYTES_MAX = 1_048_576;

/** Answered to the client as `status` with `{"Error": message}`. */
export class CompatError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "CompatError";
    this.status = status;
  }
}

export const json = (status: number, value: unknown): WireResponse => ({
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(value),
});

export const text = (status: number, body: string): WireResponse => ({
  status,
  headers: { "Content-Type": "text/plain; charset=utf-8" },
  body,
});

/** 501 for an endpoint that is known by name and does nothing here. */
export const notImplemented = (path: string): WireResponse => json(501, { Error: `${path} is not implemented.` });

/** Reads the whole body. Throws `CompatError` 413 when it is larger than `COMPAT_BODY_BYTES_MAX`. */
export const readBody = async (request: WireRequest): Promise<string> => {
  request.continueBody();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > COMPAT_BODY_BYTES_MAX) {
      throw new CompatError(413, `The body is larger than ${COMPAT_BODY_BYTES_MAX} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};

/** Reads the body as a JSON object. Throws `CompatError` 400 for anything else. */
export const readJsonObject = async (request: WireRequest): Promise<Readonly<Record<string, unknown>>> => {
  const value = parseJson(await readBody(request));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CompatError(400, "The body must be a JSON object.");
  }
  return value as Record<string, unknown>;
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
