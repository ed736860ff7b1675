/**
 * Where a website sends requests instead of answering them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-page-redirect.html
 */
import type { Redirect as RedirectTarget, RoutingRule, WebsiteConfiguration } from "../../../protocol/generated/s3.ts";

/** A request to a website, as rules see it. */
export type WebsiteRequest = {
  /** The key that was asked for, before an index document is added to it. */
  readonly key: string;
  /** The path as it was sent, with its first slash, and the query behind its `?`; empty where there is none. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** The Host header. */
  readonly host: string;
  readonly secure: boolean;
};

export type Redirect = { readonly status: number; readonly location: string };

const MOVED = 301;

const withQuery = (path: string, rawQuery: string): string => (rawQuery === "" ? path : `${path}?${rawQuery}`);

const protocolOf = ({ secure }: WebsiteRequest): string => (secure ? "https" : "http");

/** Every request of a website that redirects all of them: path and query stay. */
export const redirectAll = (website: WebsiteConfiguration, request: WebsiteRequest): Redirect | undefined => {
  const target = website.RedirectAllRequestsTo;
  if (target === undefined) return undefined;
  const { HostName, Protocol = protocolOf(request) } = target;
  return { status: MOVED, location: `${Protocol}://${HostName}${withQuery(request.rawPath, request.rawQuery)}` };
};

const holds = ({ Condition = {} }: RoutingRule, { key, status }: { key: string; status: number }): boolean => {
  const { KeyPrefixEquals: prefix, HttpErrorCodeReturnedEquals: code } = Condition;
  return (prefix === undefined || key.startsWith(prefix)) && (code === undefined || Number(code) === status);
};

/** The first routing rule that holds for a request which would be answered with `status`. */
export const redirectByRule = (
  website: WebsiteConfiguration,
  request: WebsiteRequest,
  { status }: { readonly status: number },
): Redirect | undefined => {
  const rule = (website.RoutingRules ?? []).find((each) => holds(each, { key: request.key, status }));
  if (rule === undefined) return undefined;
  const target = rule.Redirect ?? {};
  const { HostName = request.host, Protocol = protocolOf(request), HttpRedirectCode } = target;
  const path = pathOf(target, { request, prefix: rule.Condition?.KeyPrefixEquals ?? "" });
  return {
    status: HttpRedirectCode === undefined ? MOVED : Number(HttpRedirectCode),
    location: `${Protocol}://${HostName}/${path}`,
  };
};

/** A key that takes the place of the whole one takes that of the query too. */
const pathOf = (
  { ReplaceKeyWith, ReplaceKeyPrefixWith }: RedirectTarget,
  { request, prefix }: { request: WebsiteRequest; prefix: string },
): string => {
  if (ReplaceKeyWith !== undefined) return ReplaceKeyWith;
  if (ReplaceKeyPrefixWith === undefined) return withQuery(request.rawPath.slice(1), request.rawQuery);
  return withQuery(ReplaceKeyPrefixWith + encodePath(request.key.slice(prefix.length)), request.rawQuery);
};

/** A key as the path of a URL. */
const encodePath = (key: string): string => key.split("/").map(encodeURIComponent).join("/");
