/** What a website answers beside objects: redirects and the pages of errors. */
import type { AwsError } from "../protocol/aws-error.ts";
import type { WireResponse } from "../protocol/wire.ts";
import { S3_ERRORS, type S3ErrorCode } from "../services/s3/errors.ts";
import { errorHeaders, errorPage, headerText, type PageError } from "../services/s3/website/error-page.ts";
import type { Redirect } from "../services/s3/website/redirects.ts";
import { noteError } from "./note-error.ts";
import { commonHeaders } from "./s3-steps.ts";
import type { RequestScope } from "./scope.ts";

const HTML = "text/html; charset=utf-8";

/** Sends a visitor elsewhere, without a page. */
export const answerRedirect = (scope: RequestScope, { status, location }: Redirect): WireResponse => ({
  status,
  headers: { ...commonHeaders(scope), Location: headerText(location) },
});

/** A folder's page stands behind its slash. */
export const answerFound = (scope: RequestScope, location: string): WireResponse => {
  const error: PageError = { code: "Found", message: "Resource Found", fields: {} };
  const { requestId, hostId } = scope.draw;
  return {
    status: 302,
    headers: { ...commonHeaders(scope), ...errorHeaders(error), Location: headerText(location), "Content-Type": HTML },
    body: errorPage({ ...error, status: 302, requestId, hostId }),
  };
};

/** The page of an error; HEAD has it in headers. `noErrorDocument`: why the website's own page cannot be shown. */
export const answerError = (scope: RequestScope, error: AwsError, noErrorDocument?: PageError): WireResponse => {
  const status = statusOf(error);
  const page = pageErrorOf(error);
  noteError(scope, { status, ...page });
  const headers = { ...commonHeaders(scope), ...error.headers };
  if (status === 304) return { status, headers };
  const { requestId, hostId } = scope.draw;
  if (scope.request.method === "HEAD") return { status, headers: { ...headers, ...errorHeaders(page) } };
  return {
    status,
    headers: { ...headers, "Content-Type": HTML },
    body: errorPage({ ...page, status, requestId, hostId, noErrorDocument }),
  };
};

const rowOf = ({ code }: AwsError) => (Object.hasOwn(S3_ERRORS, code) ? S3_ERRORS[code as S3ErrorCode] : undefined);

/** The status that an error is answered with. */
export const statusOf = (error: AwsError): number => error.status ?? rowOf(error)?.status ?? 400;

/** What a page says of an error. */
export const pageErrorOf = (error: AwsError): PageError => {
  const { code, message, fields } = error;
  return { code, message: message === "" ? (rowOf(error)?.message ?? "") : message, fields };
};
