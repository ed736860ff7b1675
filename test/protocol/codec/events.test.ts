import { Readable } from "node:stream";
import { EventStreamCodec, type Message } from "@smithy/core/event-streams";
import test from "ava";
import { AwsError } from "../../../src/protocol/aws-error.ts";
import { encodeS3Output } from "../../../src/protocol/codec/s3-encoder.ts";
import type { Operations } from "../../../src/protocol/generated/s3.ts";

type Payload = NonNullable<Operations["SelectObjectContent"]["output"]["Payload"]>;

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
);

const bodyOf = (events: Payload): Readable => {
  const { body } = encodeS3Output("SelectObjectContent", { Payload: events }, {});
  if (!(body instanceof Readable)) throw new Error("the body is no stream");
  return body;
};

const messagesOf = async (body: Readable): Promise<Message[]> => {
  const bytes = Buffer.concat((await body.toArray()) as Uint8Array[]);
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    messages.push(codec.decode(bytes.subarray(at, at + bytes.readUInt32BE(at))));
  }
  return messages;
};

const headersOf = ({ headers }: Message): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value]));

test("an error of AWS's is the stream's last message", async (t) => {
  const events = async function* (): Payload & AsyncGenerator {
    yield { Records: { Payload: Buffer.from("a") } };
    throw new AwsError("CastFailed", {}, { message: "It failed: é" });
  };
  const messages = await messagesOf(bodyOf(events()));
  t.deepEqual(messages.map(headersOf), [
    { ":message-type": "event", ":event-type": "Records", ":content-type": "application/octet-stream" },
    { ":message-type": "error", ":error-code": "CastFailed", ":error-message": "It failed: é" },
  ]);
});

test("any other error breaks the body off", async (t) => {
  const events = async function* (): Payload & AsyncGenerator {
    yield { End: {} };
    throw new Error("a fault of ours");
  };
  await t.throwsAsync(messagesOf(bodyOf(events())), { message: "a fault of ours" });
});

test("an event that the union does not have breaks the body off", async (t) => {
  const events = async function* (): Payload & AsyncGenerator {
    yield {};
  };
  await t.throwsAsync(messagesOf(bodyOf(events())), { message: /^no member of/ });
});

test("who destroys the body ends what makes the events, whether it was begun or not", async (t) => {
  for (const begun of [true, false]) {
    let ended = 0;
    const body = bodyOf({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: { Cont: {} } }),
        return: async () => {
          ended += 1;
          return { done: true, value: undefined };
        },
      }),
    });
    if (begun) for await (const _chunk of body) break;
    else body.destroy();
    await new Promise((resolve) => void (body.closed ? resolve(undefined) : body.once("close", resolve)));
    t.is(ended, 1);
  }
});

test("an output without events has no body", (t) => {
  t.is(encodeS3Output("SelectObjectContent", {}, {}).body, undefined);
});
