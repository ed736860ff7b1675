/** Writes the few kinds of ASN.1 values that a certificate is made of, in DER (ITU-T X.690). */

const value = (tag: number, content: Uint8Array): Buffer => {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
};

/** Up to 65,535 bytes of content, as all of this module. */
export const sequence = (...items: readonly Uint8Array[]): Buffer => value(0x30, Buffer.concat(items));
export const set = (...items: readonly Uint8Array[]): Buffer => value(0x31, Buffer.concat(items));
export const octets = (content: Uint8Array): Buffer => value(0x04, content);
export const bits = (content: Uint8Array, options: { readonly unused: number } = { unused: 0 }): Buffer =>
  value(0x03, Buffer.concat([Buffer.from([options.unused]), content]));
export const utf8 = (text: string): Buffer => value(0x0c, Buffer.from(text));
export const yes = (): Buffer => value(0x01, Buffer.from([0xff]));

/** A positive integer, big-endian. */
export const integer = (bytes: Uint8Array): Buffer =>
  value(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);

/** `1.2.840.10045.4.3.2`: the first two numbers share a byte, the others are base 128, all but the last digit flagged. */
export const objectId = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return value(0x06, Buffer.from(bytes));
};

/** To the second, for years up to 2049 (later ones have another form). */
export const utcTime = (ms: number): Buffer => {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return value(0x17, Buffer.from(text.slice(2)));
};

/** A field with the context's own tag: around a whole value, or in the place of its tag. */
export const explicit = (tag: number, content: Uint8Array): Buffer => value(0xa0 | tag, content);
export const implicit = (tag: number, content: Uint8Array): Buffer => value(0x80 | tag, content);
