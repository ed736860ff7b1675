/** What a website says of an error to people. https://docs.aws.amazon.com/AmazonS3/latest/userguide/CustomErrorDocSupport.html */
import { STATUS_CODES } from "node:http";

export type PageError = {
  readonly code: string;
  readonly message: string;
  /** Elements of its own, such as `Key`. */
  readonly fields: Readonly<Record<string, string>>;
};

export type ErrorPage = PageError & {
  readonly status: number;
  readonly requestId: string;
  readonly hostId: string;
  /** Why the website's own error document could not be shown. */
  readonly noErrorDocument?: PageError | undefined;
};

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? found);

const list = (entries: readonly (readonly [name: string, value: string])[]): string =>
  ["<ul>", ...entries.map(([name, value]) => `<li>${name}: ${escapeHtml(value)}</li>`), "</ul>"].join("\n");

const entriesOf = ({ code, message, fields }: PageError): [string, string][] => [
  ["Code", code],
  ["Message", message],
  ...Object.entries(fields),
];

/** The page of an error. */
export const errorPage = (error: ErrorPage): string => {
  const title = `${error.status} ${STATUS_CODES[error.status] ?? ""}`.trimEnd();
  const { requestId, hostId, noErrorDocument } = error;
  const lines = [
    "<html>",
    `<head><title>${title}</title></head>`,
    "<body>",
    `<h1>${title}</h1>`,
    list([...entriesOf(error), ["RequestId", requestId], ["HostId", hostId]]),
  ];
  if (noErrorDocument !== undefined) {
    lines.push("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>");
    lines.push(list(entriesOf(noErrorDocument)));
  }
  return [...lines, "<hr/>", "</body>", "</html>", ""].join("\n");
};

/**
 * The error in headers, as a website gives it beside its own error document and in place of a page to HEAD. Header values are
 * one line of Latin letters: others are written as percent-escapes.
 */
export const errorHeaders = ({ code, message, fields }: PageError): Record<string, string> => ({
  "x-amz-error-code": code,
  "x-amz-error-message": message,
  ...Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`x-amz-error-detail-${name}`, headerText(value)]),
  ),
});

/** A text as a header's value can hold it. */
export const headerText = (text: string): string => text.replaceAll(/[^\x20-\x7e]/gu, encodeURIComponent);
