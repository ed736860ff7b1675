/** Many clients at once, where only one may win. */
import test from "ava";
import { startTestServer, type RawResponse } from "./support/server.ts";
import { element, keysOf, sendSigned } from "./support/signed.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const CLIENTS = 64;
const OWNER = keysOf("123456789012");

const all = <T>(run: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: CLIENTS }, (_, index) => run(index)));

const countOf = (answers: readonly RawResponse[], status: number): number =>
  answers.filter((answer) => answer.status === status).length;

for (const [name, sizeBytes] of [
  ["small", 10],
  ["large", 100_000],
] as const) {
  test(`of 64 ${name} uploads that must not overwrite, one is kept and 63 are told so`, async (t) => {
    const bucket = `once-${name}`;
    await server.request("PUT", `/${bucket}`);
    const bodyOf = (index: number): string =>
      String(index)
        .padStart(2, "0")
        .repeat(sizeBytes / 2);
    const answers = await all((index) =>
      server.request("PUT", `/${bucket}/k`, { headers: { "if-none-match": "*" }, body: bodyOf(index) }),
    );
    t.is(countOf(answers, 200), 1);
    t.is(countOf(answers, 412), CLIENTS - 1);
    const winner = answers.findIndex(({ status }) => status === 200);
    t.is(String((await sendSigned(server, OWNER, { path: `/${bucket}/k` })).body), bodyOf(winner));
    t.is(element(answers.find(({ status }) => status === 412) ?? { body: Buffer.of() }, "Condition"), "If-None-Match");
  });
}

test("of 64 accounts that make a bucket of one name, one has it and 63 are told so", async (t) => {
  const accountOf = (index: number): string => String(100_000_000_000 + index);
  const answers = await all((index) =>
    sendSigned(server, keysOf(accountOf(index)), { method: "PUT", path: "/contended" }),
  );
  t.is(countOf(answers, 200), 1);
  t.is(answers.filter((answer) => element(answer, "Code") === "BucketAlreadyExists").length, CLIENTS - 1);
  const lists = await all((index) => sendSigned(server, keysOf(accountOf(index))));
  const owners = lists.flatMap(({ body }, index) => (String(body).includes("contended") ? [index] : []));
  t.deepEqual(owners, [answers.findIndex(({ status }) => status === 200)]);
});

test("64 replacements that each expect the same object leave one of them", async (t) => {
  await server.request("PUT", "/replaced");
  const { etag = "" } = (await server.request("PUT", "/replaced/k", { body: "first" })).headers;
  const answers = await all((index) =>
    server.request("PUT", "/replaced/k", { headers: { "if-match": etag }, body: String(index) }),
  );
  t.is(countOf(answers, 200), 1);
  t.is(countOf(answers, 412), CLIENTS - 1);
});

test("64 versions put at once are all there, each with an id of its own", async (t) => {
  await server.request("PUT", "/versions");
  const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  t.is((await server.request("PUT", "/versions?versioning", { body })).status, 200);
  const answers = await all((index) => server.request("PUT", "/versions/k", { body: String(index) }));
  t.is(new Set(answers.map(({ headers }) => headers["x-amz-version-id"])).size, CLIENTS);
  const list = String((await server.request("GET", "/versions?versions")).body);
  t.is(list.split("<Version>").length - 1, CLIENTS);
  t.is(list.split("<IsLatest>true</IsLatest>").length - 1, 1);
});

test("64 deletions of one bucket are answered once 204, then 404", async (t) => {
  await server.request("PUT", "/deleted");
  const answers = await all(() => server.request("DELETE", "/deleted"));
  t.is(countOf(answers, 204), 1);
  t.is(countOf(answers, 404), CLIENTS - 1);
});

test("objects put while their bucket is deleted are refused or keep the bucket", async (t) => {
  for (let round = 0; round < 8; round += 1) {
    const bucket = `raced-${round}`;
    await server.request("PUT", `/${bucket}`);
    const [put, deletion] = await Promise.all([
      server.request("PUT", `/${bucket}/k`, { body: "v" }),
      server.request("DELETE", `/${bucket}`),
    ]);
    const pair = `${put.status} ${deletion.status}`;
    t.true(["200 409", "404 204"].includes(pair), pair);
  }
});
