/** Forms as bytes, however the network cuts them. */
import test, { type ExecutionContext } from "ava";
import * as fc from "fast-check";
import type { AwsError } from "../../../src/protocol/aws-error.ts";
import { readPostForm } from "../../../src/protocol/form-data/post-form.ts";
import { BOUNDARY, encodeForm, type FormPart } from "../../support/post-form.ts";

const contentType = `multipart/form-data; boundary=${BOUNDARY}`;

async function* cut(body: Buffer, sizes: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length;) {
    const end = at + sizes();
    yield body.subarray(at, end);
    at = end;
  }
}

const read = async (body: Buffer, { runBytes = body.length, bytesMax = 20_480 } = {}) => {
  const form = await readPostForm(
    cut(body, () => Math.max(runBytes, 1)),
    { contentType, bytesMax },
  );
  const runs: Uint8Array[] = [];
  for await (const run of form.file()) runs.push(run);
  const fields = [...form.fields].map(([key, { name, value }]) => [key, name, value]);
  return { fields, content: Buffer.concat(runs) };
};

const codeOf = async (t: ExecutionContext, reading: Promise<unknown>): Promise<string | undefined> =>
  (await t.throwsAsync<AwsError>(reading))?.code;

test("a form reads the same however it is cut", async (t) => {
  const content = Buffer.from(`a\r\n--${BOUNDARY.slice(0, -1)}\r\n-\r\n--\r\n\r`);
  const body = encodeForm([
    ["Key", "k\r\n--x"],
    ["x-amz-meta-A", ""],
    ["file", { content }],
    ["submit", "later"],
  ]);
  for (let runBytes = 1; runBytes <= body.length; runBytes += 1) {
    const form = await read(body, { runBytes });
    t.deepEqual(form.fields, [
      ["key", "Key", "k\r\n--x"],
      ["x-amz-meta-a", "x-amz-meta-A", ""],
    ]);
    t.true(content.equals(form.content), `in runs of ${runBytes}`);
  }
});

test("any bytes at all come through, but for the delimiter itself", async (t) => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  const pieces = fc.array(fc.oneof(bytes, fc.constantFrom("\r\n", "--", BOUNDARY, `\r\n--${BOUNDARY.slice(1)}`)), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(60), async (parts, runBytes) => {
      const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
      fc.pre(!content.includes(`\r\n--${BOUNDARY}`));
      const form = await read(
        encodeForm([
          ["key", "k"],
          ["file", { content }],
        ]),
        { runBytes },
      );
      t.true(content.equals(form.content));
    }),
    { numRuns: 300 },
  );
});

test("a form that ends too early is malformed, wherever that is", async (t) => {
  const parts: readonly FormPart[] = [
    ["key", "k"],
    ["file", { content: "content" }],
  ];
  const body = encodeForm(parts);
  // The last line need not end.
  for (let length = 0; length < body.length - 2; length += 1) {
    t.is(await codeOf(t, read(body.subarray(0, length))), "MalformedPOSTRequest", `after ${length} bytes`);
  }
  t.is(String((await read(body.subarray(0, -2))).content), "content");
});

test("fields of one name are one field, with a comma between their values", async (t) => {
  const { fields } = await read(
    encodeForm([
      ["x-amz-meta-tag", "Ninja"],
      ["X-Amz-Meta-Tag", "Stallman"],
      ["file", { content: "" }],
    ]),
  );
  t.deepEqual(fields, [["x-amz-meta-tag", "x-amz-meta-tag", "Ninja,Stallman"]]);
});

test("a part is the file by its name and disposition alone", async (t) => {
  const part = (disposition: string, content: string) =>
    `--${BOUNDARY}\r\nContent-Type: text/plain\r\ncontent-disposition: ${disposition}\r\n\r\n${content}\r\n`;
  const form = (...parts: readonly string[]) => read(Buffer.from(`${parts.join("")}--${BOUNDARY}--`));
  const one = await form(
    part('form-data; filename="key"; name="key"', "k"),
    part("Form-Data; name=plain", "p"),
    part('attachment; name="file"', "a field"),
    part('form-data; name="FILE"', "the file"),
  );
  t.deepEqual(
    one.fields.map(([name, , value]) => [name, value]),
    [
      ["key", "k"],
      ["plain", "p"],
      ["file", "a field"],
    ],
  );
  t.is(String(one.content), "the file");
  t.is(await codeOf(t, form(part("form-data", "x"))), "MalformedPOSTRequest");
});

test("a file's name is read as browsers and other clients write it", async (t) => {
  const nameOf = async (parameters: string) => {
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name=`;
    const value = "${filename}";
    const body = `${head}"key"\r\n\r\n${value}\r\n${head}"file"${parameters}\r\n\r\n\r\n--${BOUNDARY}--`;
    return (await read(Buffer.from(body))).fields[0]?.[2];
  };
  t.is(await nameOf(""), "${filename}");
  t.is(await nameOf('; filename=""'), "");
  t.is(await nameOf("; filename=cat.jpg"), "cat.jpg");
  t.is(await nameOf('; filename="a;b=\\"c\\".jpg"'), 'a;b="c".jpg');
  t.is(await nameOf('; filename="C:\\new\\table.txt"'), "table.txt");
  t.is(await nameOf('; filename="na\u00efve.txt"'), "na\u00efve.txt");
  t.is(await nameOf("; filename*=UTF-8''na%C3%AFve.txt"), "na\u00efve.txt");
  t.is(await nameOf("; filename*=UTF-8''%zz"), "%zz");
});

test("what stands before the file's content is counted to the byte", async (t) => {
  const parts = (value: string): readonly FormPart[] => [
    ["key", value],
    ["file", { content: Buffer.alloc(50_000) }],
  ];
  const headBytes = encodeForm(parts("k")).length - 50_000 - `\r\n--${BOUNDARY}--\r\n`.length;
  t.is((await read(encodeForm(parts("k")), { bytesMax: headBytes })).content.length, 50_000);
  for (const runBytes of [1, 100, 60_000]) {
    const code = await codeOf(t, read(encodeForm(parts("kk")), { bytesMax: headBytes, runBytes }));
    t.is(code, "MaxPostPreDataLengthExceededError");
  }
  const long = encodeForm([["key", "x".repeat(100_000)]]);
  t.is(await codeOf(t, read(long, { runBytes: 1000 })), "MaxPostPreDataLengthExceededError");
  const header = encodeForm([["k".repeat(100_000), "x"]]);
  t.is(await codeOf(t, read(header, { runBytes: 1000 })), "MalformedPOSTRequest");
});

test("what stands before the first part is not read for ever", async (t) => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (let run = 0; run < 1000; run += 1) yield Buffer.alloc(1000);
    await Promise.resolve();
    throw new Error("it was read to its end");
  }
  t.is(await codeOf(t, readPostForm(endless(), { contentType, bytesMax: 20_480 })), "MalformedPOSTRequest");
  const short = Buffer.concat([Buffer.from("preamble\r\n"), encodeForm([["file", { content: "x" }]])]);
  t.is((await read(short)).content.toString(), "x");
});
