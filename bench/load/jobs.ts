/** What the load process can be asked to do, as plain data. */
import type { Address } from "./connection.ts";
import type { Credentials, Method } from "./request.ts";

type Common = {
  readonly address: Address;
  readonly credentials: Credentials;
  readonly connections: number;
  /** Numbers `first` to `first + count - 1` are done, each once. */
  readonly first: number;
  readonly count: number;
};

/** One request per number. */
export type RequestsJob = Common & {
  readonly kind: "requests";
  readonly method: Method;
  /** The first `#` becomes the number, in eight digits. */
  readonly target: string;
  readonly bodyBytes?: number;
  /** The number in the target is `(n * stride) % modulo`: keys or pages in a ring. */
  readonly modulo?: number;
  readonly stride?: number;
};

/** One multipart upload per number: create, `parts` parts one after another, complete. */
export type MultipartJob = Common & {
  readonly kind: "multipart";
  /** Path of the object; `#` becomes the number. */
  readonly path: string;
  readonly parts: number;
  readonly partBytes: number;
  /** For servers that know no uploads: one PUT per part instead. */
  readonly asPuts: boolean;
  readonly modulo: number;
};

/** One quiet DeleteObjects per number n: the keys `prefix` + (n * keys ... n * keys + keys - 1). */
export type DeleteJob = Common & {
  readonly kind: "delete";
  readonly bucket: string;
  readonly prefix: string;
  readonly keys: number;
};

/** One large object up or down, streamed; its body repeats one block. */
export type StreamJob = {
  readonly kind: "stream";
  readonly address: Address;
  readonly credentials: Credentials;
  readonly method: "PUT" | "GET";
  readonly target: string;
  readonly sizeBytes: number;
};

export type Job = RequestsJob | MultipartJob | DeleteJob | StreamJob;

export type JobResult = {
  readonly wallMs: number;
  /** Bytes of response bodies. */
  readonly receivedBytes: number;
};
