import test from "ava";
import { createLogger } from "../../src/platform/logger.ts";
import { count, listen, rawClient } from "./raw.ts";

const host = "Host: localhost\r\n";

test("a handler that throws, or answers what HTTP forbids, is logged with its stack and answered as InternalError", async (t) => {
  const lines: string[] = [];
  const { port } = await listen(
    t,
    async ({ rawPath }) => {
      if (rawPath === "/throw") throw new Error("a bug");
      if (rawPath === "/header") return { status: 200, headers: { "x-a": "b\r\nc: d" } };
      return { status: 200, headers: { "Content-Length": "3" }, body: "four" };
    },
    { logger: createLogger({ level: "info", write: (line) => lines.push(line) }) },
  );
  const client = await rawClient(port);
  for (const [index, path] of ["/throw", "/header", "/length"].entries()) {
    client.send(`GET ${path} HTTP/1.1\r\n${host}\r\n`);
    const text = await client.until((text) => count(text, "</Error>") === index + 1);
    t.is(count(text, "500 Internal Server Error"), index + 1);
  }
  t.is(lines.length, 3);
  t.regex(lines[0] ?? "", /a bug\\n\s+at /);
  t.true(
    client
      .received()
      .includes("<Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message>"),
  );
});
