/** A bucket as a website. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html */
import type { Redirect, RoutingRule, WebsiteConfiguration } from "../../../protocol/generated/s3.ts";
import { invalidRequest } from "../errors.ts";
import { ROUTING_RULES_MAX } from "../limits.ts";
import { argumentError, assertSchema, countGiven } from "./checks.ts";

const PROTOCOLS: ReadonlySet<string> = new Set(["http", "https"]);
/** Redirects, but for the one that offers a choice. */
const REDIRECT_CODE = /^3(?!00)\d\d$/;
const ERROR_CODE = /^[45]\d\d$/;

/** A website that is put. Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const readWebsite = (configuration: WebsiteConfiguration): WebsiteConfiguration => {
  const { RedirectAllRequestsTo: all, IndexDocument: index, ErrorDocument: error, RoutingRules: rules } = configuration;
  if (all !== undefined) {
    if (countGiven(index, error, rules) > 0) {
      throw argumentError(
        "RedirectAllRequestsTo",
        "not null",
        "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
      );
    }
    assertSchema(all.HostName !== "");
    assertProtocol(all.Protocol);
    return configuration;
  }
  if (index === undefined) {
    throw argumentError(
      "IndexDocument",
      "null",
      "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
    );
  }
  const { Suffix: suffix } = index;
  if (suffix === "" || suffix.includes("/")) {
    throw argumentError("IndexDocument", suffix, "The IndexDocument Suffix is not well formed");
  }
  assertSchema(error?.Key !== "");
  assertRules(rules);
  return configuration;
};

const assertRules = (rules: WebsiteConfiguration["RoutingRules"]): void => {
  if (rules === undefined) return;
  assertSchema(rules.length > 0);
  if (rules.length > ROUTING_RULES_MAX) {
    throw invalidRequest(
      `${rules.length} routing rules provided, the number of routing rules in a website configuration is limited to ${ROUTING_RULES_MAX}.`,
    );
  }
  for (const rule of rules) assertRule(rule);
};

const assertRule = ({ Condition: condition, Redirect: redirect }: RoutingRule): void => {
  assertRedirect(redirect);
  if (condition === undefined) return;
  const { HttpErrorCodeReturnedEquals: code, KeyPrefixEquals: prefix } = condition;
  if (countGiven(code, prefix) === 0) {
    throw invalidRequest(
      "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    );
  }
  if (code === undefined || ERROR_CODE.test(code)) return;
  throw invalidRequest(`The provided HTTP error code (${code}) is not valid. Valid codes are 4XX or 5XX.`);
};

const assertRedirect = (redirect: Redirect): void => {
  const { HttpRedirectCode: code, Protocol: protocol, ReplaceKeyPrefixWith, ReplaceKeyWith } = redirect;
  assertSchema(Object.keys(redirect).length > 0 && redirect.HostName !== "");
  if (countGiven(ReplaceKeyPrefixWith, ReplaceKeyWith) > 1) {
    throw invalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  }
  assertProtocol(protocol);
  if (code === undefined || REDIRECT_CODE.test(code)) return;
  throw invalidRequest(`The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`);
};

const assertProtocol = (protocol: string | undefined): void => {
  if (protocol === undefined || PROTOCOLS.has(protocol)) return;
  throw invalidRequest(
    "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.",
  );
};

/** Reads what was kept. */
export const parseWebsite = (document: string): WebsiteConfiguration => JSON.parse(document) as WebsiteConfiguration;
