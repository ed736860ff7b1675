/** The truth table, row by row, by signed requests in auth mode `strict`. docs/truth-table.md shows the same rows. */
import { readFile } from "node:fs/promises";
import test from "ava";
import { createControlClient } from "../../src/control/client.ts";
import { ALICE, BOB } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { element, sendSigned } from "../support/signed.ts";
import { registerKeys } from "./fixtures.ts";
import { makeTableBucket, OBJECT_KEYS, type Roots } from "./truth-table/buckets.ts";
import { makeCallers, type TableKeys } from "./truth-table/callers.ts";
import { CALLERS, type TableBucket, type TableOperation } from "./truth-table/dimensions.ts";
import { tablePage } from "./truth-table/page.ts";
import { rowsOf, SECTIONS, type Row } from "./truth-table/rows.ts";
import { RULES, type RuleName } from "./truth-table/rules.ts";

/** Requests under way at a time. */
const AT_ONCE = 8;
/** What was promised. */
const ROWS_MIN = 400;

const server = await startTestServer({ authMode: "strict" });
test.after.always(() => server.close());
const control = createControlClient({ baseUrl: server.running.controlUrl });

const rows: readonly Row[] = SECTIONS.flatMap(rowsOf);

const idOf = (bucket: TableBucket): string =>
  JSON.stringify([bucket.policy, bucket.acl, bucket.ownership, bucket.block]);

/** Buckets' names by what they are. */
const names = new Map<string, string>();
let keys: TableKeys = new Map();

test.before(async () => {
  const [owner, other] = [
    await registerKeys(server, { accountId: ALICE }),
    await registerKeys(server, { accountId: BOB }),
  ];
  keys = await makeCallers(server, { [ALICE]: owner, [BOB]: other });
  const clients: Roots = { owner: server.s3({ credentials: owner }), other: server.s3({ credentials: other }) };
  for (const { bucket } of rows) {
    const id = idOf(bucket);
    if (names.has(id)) continue;
    const name = `table-${names.size}`;
    names.set(id, name);
    const withOthers = rows.some((row) => row.object !== "owner's" && idOf(row.bucket) === id);
    await makeTableBucket(clients, name, { bucket, withOthers });
  }
});

let made = 0;

const REQUESTS: Readonly<Record<TableOperation, (key: string) => { method?: string; path: string; body?: string }>> = {
  GetObject: (key) => ({ path: `/${key}` }),
  // A key of its own, so that no row writes over what another wrote.
  PutObject: () => ({ method: "PUT", path: `/new-${(made += 1)}`, body: "body" }),
  DeleteObject: () => ({ method: "DELETE", path: `/gone-${(made += 1)}` }),
  ListObjectsV2: () => ({ path: "?list-type=2" }),
  GetObjectAcl: (key) => ({ path: `/${key}?acl` }),
  GetBucketAcl: () => ({ path: "?acl" }),
  GetBucketPolicy: () => ({ path: "?policy" }),
};

const send = async ({ caller, bucket, object, operation }: Row) => {
  const { path, ...rest } = REQUESTS[operation](OBJECT_KEYS[object]);
  const whole = `/${names.get(idOf(bucket))}${path}`;
  const credentials = keys.get(caller);
  if (credentials !== undefined) return sendSigned(server, credentials, { ...rest, path: whole });
  const { method = "GET", body } = rest;
  return server.request(method, whole, body === undefined ? {} : { body });
};

const textOf = ({ caller, bucket, object, operation, rule }: Row): string =>
  `${operation} of ${object} by ${CALLERS[caller].id}: ${JSON.stringify(bucket)}: ${RULES[rule].says}`;

/** What ExplainRequest leaves out of a refusal: that policies refused it, and what would have allowed it. */
const unexplained = async (row: Row, requestId: string): Promise<readonly string[]> => {
  const { refusedBy, decisions } = await control.access.explainRequest({ requestId });
  const refusing = decisions.find(({ allowed }) => !allowed);
  if (refusedBy === "policies" && refusing !== undefined && refusing.remedies.length > 0) return [];
  return [`not explained (${refusedBy}; ${refusing?.reason}): ${textOf(row)}`];
};

for (const section of SECTIONS) {
  test(`${section.title}: every row holds`, async (t) => {
    const wrong: string[] = [];
    const waiting = [...rowsOf(section)];
    const work = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
        const answer = await send(row);
        const found = answer.status < 300 ? "allowed" : `${answer.status} ${element(answer, "Code")}`;
        const expected = row.allowed ? "allowed" : "403 AccessDenied";
        if (found !== expected) wrong.push(`${expected} but ${found}: ${textOf(row)}`);
        else if (!row.allowed) wrong.push(...(await unexplained(row, String(answer.headers["x-amz-request-id"]))));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    t.deepEqual(wrong, []);
  });
}

test("the table has the rows that were promised, and every rule decides some", (t) => {
  t.true(rows.length >= ROWS_MIN, String(rows.length));
  const used = new Set<RuleName>(rows.map(({ rule }) => rule));
  t.deepEqual(
    Object.keys(RULES).filter((name) => !used.has(name as RuleName)),
    [],
  );
});

test("docs/truth-table.md shows these rows: node scripts/generate-truth-table.ts writes it", async (t) => {
  t.is(await readFile(new URL("../../docs/truth-table.md", import.meta.url), "utf8"), tablePage());
});
