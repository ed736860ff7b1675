/** Faults of the server's own. */
import test from "ava";
import type { Engine } from "../../src/engine/port.ts";
import { startPipeline } from "./pipeline-server.ts";

/** An engine that fails while `armed`. */
const breakable = () => {
  const fault = { armed: false };
  const failing =
    <A extends unknown[], T>(run: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (fault.armed) throw new Error("the disk is on fire");
      return run(...args);
    };
  const wrap = (engine: Engine): Engine => ({
    ...engine,
    transact: (fn) => failing(() => engine.transact(fn))(),
    read: (fn) => failing(() => engine.read(fn))(),
    drop: (range) => engine.drop(range),
    close: () => engine.close(),
  });
  return { fault, wrap };
};

const OWNER = { "x-moto-account-id": "123456789012" };

test("a fault of the engine is InternalError with the request's id, and in the log with its stack", async (t) => {
  const { fault, wrap } = breakable();
  const { send, log } = await startPipeline(t, { wrap });
  await send("PUT /bucket");
  await send("PUT /bucket/k");
  fault.armed = true;
  for (const line of ["PUT /other", "PUT /bucket/k", "GET /bucket/k", "GET /", "DELETE /bucket"]) {
    const before = log.length;
    const answer = await send(line, OWNER);
    t.is(answer.status, 500, line);
    t.regex(answer.body, /<Code>InternalError<\/Code><Message>We encountered an internal error/);
    t.false(answer.body.includes("fire"), "the answer tells nothing of the inside");
    const requestId = /<RequestId>([^<]+)</.exec(answer.body)?.[1];
    t.is(requestId, answer.headers["x-amz-request-id"]?.toString());
    t.like(log[before], { level: "error", requestId, method: line.split(" ")[0] });
    t.regex(log[before]?.["error"] ?? "", /^Error: the disk is on fire\n\s+at /);
  }
  t.is((await send("HEAD /bucket/k", OWNER)).body, "");
  fault.armed = false;
  t.is((await send("GET /bucket/k", OWNER)).status, 200);
  t.is((await send("PUT /other")).status, 200);
});

test("a fault while STS answers is a fault of the receiver's", async (t) => {
  const { fault, wrap } = breakable();
  const { send, log } = await startPipeline(t, { wrap });
  await send("GET /");
  fault.armed = true;
  const answer = await send("GET /?Action=GetAccessKeyInfo&Version=2011-06-15&AccessKeyId=AKIAIOSFODNN7EXAMPLE");
  t.is(answer.status, 500);
  t.regex(answer.body, /<Type>Receiver<\/Type><Code>InternalError<\/Code>/);
  t.is(log.length, 1);
  fault.armed = false;
});

test("when not even an id can be drawn, the answer is still InternalError and the server lives", async (t) => {
  const { fault, wrap } = breakable();
  const { send, log } = await startPipeline(t, { wrap });
  fault.armed = true;
  const answer = await send("GET /");
  t.is(answer.status, 500);
  t.regex(answer.body, /<Code>InternalError<\/Code>/);
  t.is(log.length, 1);
  fault.armed = false;
  t.is((await send("GET /")).status, 200);
});
