/** SHA-256 as the JavaScript SDK's signer wants it. */
import { createHash, createHmac } from "node:crypto";
import type { Hash, Hmac } from "node:crypto";

type Source = string | ArrayBuffer | ArrayBufferView;

const toBytes = (source: Source): Uint8Array => {
  if (typeof source === "string") return Buffer.from(source);
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
};

export class Sha256 {
  readonly #secret: Source | undefined;
  #inner: Hash | Hmac;

  constructor(secret?: Source) {
    this.#secret = secret;
    this.#inner = this.#create();
  }

  #create(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(this.#secret));
  }

  update(data: Source): void {
    this.#inner.update(toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#inner.digest());
  }

  reset(): void {
    this.#inner = this.#create();
  }
}
