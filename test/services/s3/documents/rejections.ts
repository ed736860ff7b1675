/** Documents that S3 refuses, as data: each is sent as it stands, and what was there before must stay. */
import { createHash } from "node:crypto";
import test from "ava";
import type { TestServer } from "../../../support/server.ts";
import { elementsOf, MALFORMED, type Fields } from "../error-cases.ts";

/** A document, and the whole of its error. */
export type Rejection = {
  readonly what: string;
  /** The number of the recorded fact that it shows. */
  readonly fact?: number;
  /** What stands in the root element. */
  readonly content?: string;
  /** The whole of it, where it is no document of this kind at all. */
  readonly body?: string | Uint8Array;
  /** Instead of the kind's own. */
  readonly query?: string;
  readonly headers?: Fields;
  /** 400, unless it says so. */
  readonly status?: number;
  readonly error: Fields;
};

export type DocumentKind = {
  readonly operation: string;
  /** How the operation is addressed: `PUT /bucket?<query>`, and read again by GET. */
  readonly query: string;
  readonly method?: "POST" | "PUT";
  readonly root: string;
  /** Attributes of the root, with a blank before them. */
  readonly attributes?: string;
  /** What stands in a root that is accepted. */
  readonly content: string;
  /** An element in it that may stand there once. */
  readonly once: string;
  /** Absent: an empty root is malformed. */
  readonly emptyRoot?: "accepted" | Fields;
  /** Absent: MissingRequestBodyError. */
  readonly emptyBody?: Fields;
  /** What MalformedXML is called here. */
  readonly malformedCode?: string;
  /** How it is read, where it is by another query. */
  readonly readQuery?: string;
  readonly rejections: readonly Rejection[];
};

export const malformed = (Code = "MalformedXML"): Fields => ({ Code, Message: MALFORMED });

const NO_BODY: Fields = { Code: "MissingRequestBodyError", Message: "Request Body is empty" };

const bodyOf = ({ root, attributes = "" }: DocumentKind, content: string): string =>
  `<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"${attributes}>${content}</${root}>`;

const md5 = (body: string | Uint8Array): string => createHash("md5").update(body).digest("base64");

/** What no document of any kind may be. */
const structural = (kind: DocumentKind): Rejection[] => {
  const { root, content, once, malformedCode, emptyRoot, emptyBody = NO_BODY } = kind;
  const error = malformed(malformedCode);
  const whole = bodyOf(kind, content);
  const element = new RegExp(`<${once}(?: [^>]*)?(?:/>|>.*?</${once}>)`, "s").exec(content)?.[0] ?? "";
  if (element === "") throw new Error(`${kind.operation}: there is no ${once} in what is accepted`);
  return [
    { what: "a text that is no XML", body: "{}", error },
    { what: "another root", body: whole.replaceAll(root, `${root}s`), error },
    { what: "an element that is not closed", body: whole.slice(0, -root.length - 3), error },
    { what: "bytes that are no UTF-8", body: Buffer.from(whole.replace(once, `${once}\u00ff`), "latin1"), error },
    { what: "a document type declaration", body: `<!DOCTYPE ${root} [<!ENTITY e "e">]>${whole}`, error },
    { what: "an unknown element in the root", content: `${content}<Unknown/>`, error },
    { what: `an unknown element before ${once}`, content: content.replace(element, `<Unknown/>${element}`), error },
    { what: `${once} twice`, content: content.replace(element, element + element), error },
    { what: "text between elements", content: `text${content}`, error },
    { what: "a second root", body: whole + whole, error },
    { what: "no body", body: "", error: emptyBody },
    ...(emptyRoot === "accepted"
      ? []
      : [{ what: "an empty root", content: "", error: emptyRoot ?? error } satisfies Rejection]),
  ];
};

/**
 * A test for each document that is refused, in a bucket that has an accepted one: status and elements are S3's, and what is read
 * afterwards is byte for byte what was read before.
 */
export const testRejections = (
  kind: DocumentKind,
  { server, makeBucket }: { readonly server: TestServer; readonly makeBucket: () => Promise<string> },
): void => {
  const { operation, query, method = "PUT", readQuery = query } = kind;
  const send = (
    bucket: string,
    { body, query: own = query, headers = {} }: Rejection & { body: string | Uint8Array },
  ) => server.request(method, `/${bucket}?${own}`, { body, headers: { "Content-MD5": md5(body), ...headers } });
  const read = (bucket: string) => server.request("GET", `/${bucket}?${readQuery}`);

  let prepared: { readonly bucket: string; readonly document: Buffer } | undefined;
  test.before(async (t) => {
    const bucket = await makeBucket();
    const accepted = await send(bucket, { what: "accepted", error: {}, body: bodyOf(kind, kind.content) });
    t.true(accepted.status < 300, `${operation}: ${String(accepted.body)}`);
    const { status, body } = await read(bucket);
    t.is(status, 200, String(body));
    prepared = { bucket, document: body };
  });

  for (const rejection of [...structural(kind), ...kind.rejections]) {
    const { what, fact, status = 400, error, content = "", body = bodyOf(kind, content) } = rejection;
    const number = fact === undefined ? "" : `fact ${fact}: `;
    test(`${number}${operation} answers ${error["Code"]} to ${what}, and nothing changes`, async (t) => {
      if (prepared === undefined) throw new Error("the bucket was not made");
      const answer = await send(prepared.bucket, { ...rejection, body });
      t.deepEqual(elementsOf(String(answer.body)), error);
      t.is(answer.status, status);
      t.deepEqual((await read(prepared.bucket)).body, prepared.document);
    });
  }
};
