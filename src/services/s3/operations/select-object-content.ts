import { Readable } from "node:stream";
import type { ObjectVersion } from "../../../state/model.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { assertCustomerKey, readCustomerKey } from "../encryption.ts";
import { S3Error } from "../errors.ts";
import { assertReadable } from "../storage-class.ts";
import { readStoredVersion } from "../stored-version.ts";
import type { SelectObject } from "../select/rows.ts";

/**
 * The records of an object that an SQL expression asks for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html
 */
export const selectObjectContent: S3Handler<"SelectObjectContent"> = async (context, input) => {
  if (context.caller.principal.kind === "Anonymous") throw new S3Error("AccessDenied");
  // The parsers of SQL and of the formats are loaded when someone asks for them: most servers never do.
  const { assertSelectable, beginSelect, readQuery, readSelectRequest } = await import("../select/select.ts");
  const request = readSelectRequest(input);
  const query = readQuery(request.sql);
  const bucket = bucketOf(context);
  const givenKey = readCustomerKey(input);
  const { object, hold } = await context.world.read(async (view) => {
    const found = await readStoredVersion(view, bucket, { key: input.Key, versionId: undefined, method: "GET" });
    assertCustomerKey(found.attributes.encryption, givenKey);
    assertReadable(found, { nowMs: context.nowMs });
    assertSelectable(found.storageClass);
    const range = { offsetBytes: 0, lengthBytes: found.sizeBytes };
    return { object: found, hold: await context.bodies.openContent(view, { bucket, object: found, range }) };
  });
  const source = objectOf(context, { object, hold });
  return { Payload: await beginSelect(source, { query, request, nowMs: context.nowMs }) };
};

/**
 * The object for as long as the query takes. `hold`, all of it, opened with its record: few bytes are read from it, and a stream
 * of many keeps them from being thrown away when the object is.
 */
const objectOf = (
  context: S3Context,
  { object, hold }: { readonly object: ObjectVersion; readonly hold: Uint8Array | Readable },
): SelectObject => ({
  sizeBytes: object.sizeBytes,
  open: async (start, end) => {
    if (hold instanceof Uint8Array) return hold.subarray(start, end);
    const range = { offsetBytes: start, lengthBytes: end - start };
    return await context.world.read((view) =>
      context.bodies.openContent(view, { bucket: bucketOf(context), object, range }),
    );
  },
  close: () => {
    if (hold instanceof Readable) hold.destroy();
  },
});
