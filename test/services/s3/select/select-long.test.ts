/** A long object goes through a query without being held in memory. By itself in its process, whose memory it measures. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PutObjectCommand, SelectObjectContentCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";

const MIB = 1024 * 1024;
const OBJECT_BYTES = 50 * MIB;
/** What a query of any length may hold at once, in the server and in the client, which share this process. */
const GROWTH_BYTES_MAX = 16 * MIB;
/** Events between two looks at the memory, each of which collects garbage first. */
const EVENTS_BETWEEN_LOOKS = 40;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const heldBytes = (): number => {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

test("50 MiB are queried in flat memory, with signs of life on the way", async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const s3 = server.s3();
  const Bucket = await makeBucket(s3, "select-long");
  const line = `{"n":1,"text":"${"x".repeat(985)}"}\n`;
  const lines = Math.ceil(OBJECT_BYTES / line.length);
  await s3.send(new PutObjectCommand({ Bucket, Key: "long", Body: Buffer.from(line.repeat(lines)) }));
  const select = async (Expression: string) => {
    const { Payload = [] } = await s3.send(
      new SelectObjectContentCommand({
        Bucket,
        Key: "long",
        Expression,
        ExpressionType: "SQL",
        InputSerialization: { JSON: { Type: "LINES" } },
        OutputSerialization: { CSV: {} },
      }),
    );
    const found = { text: "", bytes: 0, signs: 0, events: 0, heldBytesMax: 0 };
    for await (const event of Payload) {
      found.events += 1;
      if (found.events % EVENTS_BETWEEN_LOOKS === 0) found.heldBytesMax = Math.max(found.heldBytesMax, heldBytes());
      found.bytes += event.Records?.Payload?.length ?? 0;
      if (event.Records?.Payload !== undefined && found.text === "") {
        found.text = Buffer.from(event.Records.Payload).toString("latin1", 0, 100);
      }
      if (event.Cont !== undefined) found.signs += 1;
    }
    return found;
  };
  const sum = await select("SELECT SUM(s.n) FROM S3Object s");
  t.is(sum.text, `${lines}\n`);
  t.is(sum.signs, 6, "one for every 8 MiB");
  const before = heldBytes();
  const all = await select("SELECT s.text FROM S3Object s");
  t.is(all.bytes, lines * 986);
  t.true(all.events > EVENTS_BETWEEN_LOOKS * 5);
  const growth = all.heldBytesMax - before;
  t.true(growth < GROWTH_BYTES_MAX, `${growth / MIB} MiB`);
});
