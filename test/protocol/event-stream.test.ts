import { EventStreamCodec } from "@smithy/core/event-streams";
import test from "ava";
import * as fc from "fast-check";
import { encodeEventMessage } from "../../src/protocol/event-stream.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);

test("property: AWS's own codec reads back what was written, and writes the same bytes", (t) => {
  // AWS's codec keeps headers in a plain object, where `__proto__` is no name like others.
  const name = fc
    .string({ unit: "binary", minLength: 1, maxLength: 60 })
    .filter((text) => text.isWellFormed() && text !== "__proto__");
  const value = fc.string({ unit: "grapheme", maxLength: 200 });
  const headers = fc.dictionary(name, value, { maxKeys: 6, noNullPrototype: true });
  fc.assert(
    fc.property(headers, fc.uint8Array({ maxLength: 2_000 }), (given, payload) => {
      const written = encodeEventMessage({ headers: given, payload });
      const read = codec.decode(written);
      const texts = Object.fromEntries(
        Object.entries(given).map(([key, text]) => [key, { type: "string", value: text }] as const),
      );
      t.deepEqual({ ...read.headers }, texts);
      t.deepEqual(Buffer.from(read.body), Buffer.from(payload));
      const theirs = codec.encode({ headers: texts, body: payload });
      t.deepEqual(Buffer.from(theirs), written);
    }),
    { numRuns: 500 },
  );
});

test("a message without a payload is its headers alone", (t) => {
  const message = encodeEventMessage({ headers: { ":event-type": "End" } });
  t.is(message.length, 16 + 1 + 11 + 3 + 3);
  t.is(codec.decode(message).body.length, 0);
});

test("a header has a name of 1 to 255 bytes and a value of at most 65,535", (t) => {
  t.notThrows(() => encodeEventMessage({ headers: { ["n".repeat(255)]: "v".repeat(65_535) } }));
  t.throws(() => encodeEventMessage({ headers: { "": "v" } }));
  t.throws(() => encodeEventMessage({ headers: { ["n".repeat(256)]: "v" } }));
  t.throws(() => encodeEventMessage({ headers: { n: "v".repeat(65_536) } }));
});
