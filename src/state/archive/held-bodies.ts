/** Bodies that were received and whose records are still to come. */
import type { Bodies, ReceivedBody } from "../bodies/bodies.ts";

export type HeldBody = {
  readonly body: ReceivedBody;
  /** Ends the wait: a body that no commit has named by then is thrown away. */
  release(): void;
};

/** Receives the bytes of `source`. Release what it answers. */
export const holdBody = (bodies: Bodies, source: AsyncIterable<Uint8Array>): Promise<HeldBody> =>
  new Promise((resolve, reject) => {
    const released = Promise.withResolvers<void>();
    const use = (body: ReceivedBody): Promise<void> => {
      resolve({ body, release: () => released.resolve() });
      return released.promise;
    };
    bodies.storing(source, use).catch(reject);
  });
