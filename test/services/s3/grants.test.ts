/** Grants as headers name them. */
import test from "ava";
import { S3Error } from "../../../src/services/s3/errors.ts";
import { grantsOfHeaders } from "../../../src/services/s3/grants.ts";

const ID = "a".repeat(64);

test("a grantee may stand in quotes or without, with blanks around all that it is made of", (t) => {
  const granted = [{ grantee: { id: ID }, permission: "READ" }];
  for (const text of [`id=${ID}`, `id="${ID}"`, ` id = "${ID}" `, `\tid= ${ID}\t`]) {
    t.deepEqual(grantsOfHeaders({ GrantRead: text }), granted, text);
  }
  t.is(grantsOfHeaders({ GrantWrite: `id=${ID}, id="${ID}"` }).length, 2);
});

test("what names no grantee is refused with what it says", (t) => {
  for (const text of ["", ID, "=", `id="${ID}`, `id=${ID}"`, `id="${ID}"x`, `i d=${ID}`, `ID=${ID}`, `=${ID}`]) {
    const error = t.throws(() => grantsOfHeaders({ GrantRead: text }), { instanceOf: S3Error }, text);
    t.is(error?.message, "Argument format not recognized", text);
    t.deepEqual(error?.fields, { ArgumentName: "x-amz-grant-read", ArgumentValue: text });
  }
});

test("a long text that is none is refused at once", (t) => {
  const begunMs = performance.now();
  t.throws(() => grantsOfHeaders({ GrantRead: `id=${" ".repeat(4_000)}x"` }), { instanceOf: S3Error });
  t.true(performance.now() - begunMs < 1_000);
});
