/**
 * The verifier against other signers, on random requests with hostile paths and queries, and against every flipped bit.
 * STANDIN_TEST_RUNS=10000 for the whole of it.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import { parseAuthorization } from "../../src/identity/authorization.ts";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import { checkSignature } from "../../src/identity/signature.ts";
import { isThere } from "../interop/programs.ts";
import { run } from "./identities.ts";
import {
  bodySha256,
  byAws4,
  byJavaScript,
  KEYS,
  pathOf,
  plainRequests,
  queryOf,
  type Plain,
  type Service,
} from "./signed-requests.ts";

const RUNS = Number(process.env["STANDIN_TEST_RUNS"] ?? 300);
const SERVICES = ["s3", "sts"] as const;

const verifies = (
  request: RequestFacts,
  plain: Plain,
  { service, secret = KEYS.secretAccessKey }: { service: Service; secret?: string },
) => {
  const family = service === "s3" ? "s3" : "query";
  const authorization = parseAuthorization(request, family);
  if (authorization === undefined) throw new Error("not signed");
  const bound = { request, family, authorization, settings: {}, bodySha256: bodySha256(plain) } as const;
  return checkSignature({ ...bound, secretAccessKey: secret }).matches;
};

/** It verifies, with the right secret alone. */
const agree = (t: ExecutionContext, request: RequestFacts, plain: Plain, service: Service): void => {
  const shown = JSON.stringify(request);
  if (!verifies(request, plain, { service })) t.fail(`refused: ${shown}`);
  if (verifies(request, plain, { service, secret: "other" })) t.fail(`believed with another secret: ${shown}`);
};

for (const service of SERVICES) {
  for (const inQuery of [false, true]) {
    const where = `${service}, in ${inQuery ? "the query" : "headers"}`;
    // What a presigned URL says of its body is nothing for S3, and the empty body for others.
    const bodied = (plain: Plain): Plain => (inQuery ? { ...plain, body: "" } : plain);

    test(`aws4 and the verifier agree on any request (${where})`, (t) => {
      fc.assert(
        fc.property(plainRequests(service), (plain) =>
          agree(t, byAws4(bodied(plain), { service, inQuery }), bodied(plain), service),
        ),
        { numRuns: RUNS },
      );
      t.pass();
    });

    test(`the JavaScript SDK's signer and the verifier agree on any request (${where})`, async (t) => {
      await fc.assert(
        fc.asyncProperty(plainRequests(service), async (plain) =>
          agree(t, await byJavaScript(bodied(plain), { service, inQuery }), bodied(plain), service),
        ),
        { numRuns: RUNS },
      );
      t.pass();
    });
  }
}

type Batch = { readonly service: Service; readonly inQuery: boolean; readonly plain: Plain };

/** boto3's signer, one process for all of them. */
const signByBotocore = async (batch: readonly Batch[]): Promise<RequestFacts[]> => {
  const child = spawn("python3", [join(import.meta.dirname, "..", "interop", "botocore_sign.py")]);
  const lines = batch.map(({ service, inQuery, plain }) => {
    const { method, headers, body } = plain;
    return JSON.stringify({
      service,
      inQuery,
      method,
      path: pathOf(plain),
      query: queryOf(plain.query),
      headers,
      body,
    });
  });
  const chunks: Buffer[] = [];
  let problems = "";
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => (problems += String(chunk)));
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.stdin.end(lines.join("\n"));
  if ((await ended) !== 0) throw new Error(problems);
  return Buffer.concat(chunks)
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RequestFacts);
};

test("boto3's signer and the verifier agree on any request", async (t) => {
  if (!(await isThere(t, "python3", "-c", "import botocore"))) return;
  const batch = SERVICES.flatMap((service) =>
    [false, true].flatMap((inQuery) =>
      fc
        .sample(plainRequests(service), Math.ceil(RUNS / 4))
        .map((plain) => ({ service, inQuery, plain: inQuery ? { ...plain, body: "" } : plain })),
    ),
  );
  const signed = await signByBotocore(batch);
  t.is(signed.length, batch.length);
  for (const [index, { service, plain }] of batch.entries()) {
    const request = signed[index];
    if (request !== undefined) agree(t, request, plain, service);
  }
});

/** What a request means, however it is written: two of the same meaning may share a signature. */
const meaning = ({ method, rawPath, rawQuery, headers }: RequestFacts): string => {
  const decoded = (part: string): string =>
    Buffer.from(
      part.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      "latin1",
    ).toString("latin1");
  const pairs = rawQuery
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
      return [decoded(name.replaceAll("+", " ")), decoded(value.replaceAll("+", " "))];
    })
    .sort(([a = "", b = ""], [c = "", d = ""]) =>
      a === c ? Number(b > d) - Number(b < d) : Number(a > c) - Number(a < c),
    );
  const folded = Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/ +/g, " ").trim()]);
  return JSON.stringify([method, decoded(rawPath), pairs, folded]);
};

const STRICT = { settings: { authMode: "strict" } } as const;

const flip = (value: string, at: number, bit: number): string => {
  const bytes = Buffer.from(value, "latin1");
  const place = at % bytes.length;
  bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
  return bytes.toString("latin1");
};

/** The request with one bit of one of its texts changed. */
const flipped = (
  request: RequestFacts,
  { where, at, bit }: { where: number; at: number; bit: number },
): RequestFacts => {
  const names = Object.keys(request.headers);
  const places = ["method", "rawPath", "rawQuery", ...names];
  const place = places[where % places.length] ?? "method";
  const value = place in request ? request[place as "rawPath"] : (request.headers[place] ?? "");
  if (value === "") return request;
  const changed = flip(value, at, bit);
  return place in request
    ? { ...request, [place]: changed }
    : { ...request, headers: { ...request.headers, [place]: changed } };
};

for (const inQuery of [false, true]) {
  test(`one flipped bit anywhere signed is refused (${inQuery ? "presigned" : "in headers"})`, async (t) => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(
        plainRequests("s3"),
        fc.record({ where: fc.nat(100), at: fc.nat(2000), bit: fc.nat(7) }),
        async (plain, place) => {
          const request = byAws4({ ...plain, body: "" }, { service: "s3", inQuery });
          if ((await run(request, STRICT)).verified.signature !== "verified")
            t.fail(`refused: ${JSON.stringify(request)}`);
          const other = flipped(request, place);
          if (meaning(other) === meaning(request)) return;
          changed += 1;
          const signature = await run(other, STRICT).then(
            ({ verified }) => verified.signature,
            () => "refused",
          );
          if (signature === "verified") t.fail(`believed: ${JSON.stringify(other)}`);
        },
      ),
      { numRuns: RUNS * 2 },
    );
    t.true(changed > RUNS / 2);
  });
}
