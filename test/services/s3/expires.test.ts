/** The header `Expires`, which S3 keeps word for word. */
import test from "ava";
import { startTestServer } from "../../support/server.ts";

const server = await startTestServer();
test.after.always(() => server.close());

/** An unsigned read would be anonymous. */
const headers = { authorization: "AWS AKIDEXAMPLE:signature" };
const expiresOf = async (path: string): Promise<(string | undefined)[]> =>
  Promise.all(
    ["HEAD", "GET"].map(async (method) => (await server.request(method, path, { headers })).headers["expires"]),
  );

test("Expires is kept as it was sent, a date or not, and copied", async (t) => {
  await server.request("PUT", "/texts");
  for (const expires of ["Thu, 01 Dec 1994 16:00:00 GMT", "1994-12-01", "tomorrow", "0"]) {
    await server.request("PUT", "/texts/kept", { headers: { expires }, body: "x" });
    t.deepEqual(await expiresOf("/texts/kept"), [expires, expires]);
    await server.request("PUT", "/texts/copied", { headers: { "x-amz-copy-source": "/texts/kept" } });
    t.deepEqual(await expiresOf("/texts/copied"), [expires, expires]);
  }
  await server.request("PUT", "/texts/none", { body: "x" });
  t.deepEqual(await expiresOf("/texts/none"), [undefined, undefined]);
});
