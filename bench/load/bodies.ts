/** Bodies of objects: made once per size, the same for every server. */

const bodies = new Map<number, Buffer>();

/** A body of `sizeBytes` whose bytes are neither all alike nor random. */
export const bodyOf = (sizeBytes: number): Buffer => {
  const known = bodies.get(sizeBytes);
  if (known !== undefined) return known;
  const body = Buffer.alloc(sizeBytes);
  for (let at = 0; at < sizeBytes; at++) body[at] = (at * 31 + (at >>> 8)) & 0xff;
  bodies.set(sizeBytes, body);
  return body;
};
