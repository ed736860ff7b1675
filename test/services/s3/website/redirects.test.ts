/** Where routing rules send requests. */
import test from "ava";
import type { WebsiteConfiguration } from "../../../../src/protocol/generated/s3.ts";
import { redirectAll, redirectByRule, type WebsiteRequest } from "../../../../src/services/s3/website/redirects.ts";

const REQUEST: WebsiteRequest = {
  key: "docs/a b",
  rawPath: "/docs/a%20b",
  rawQuery: "q=1",
  host: "site.s3-website.localhost:5000",
  secure: false,
};

const byRule = (
  rule: NonNullable<WebsiteConfiguration["RoutingRules"]>[number],
  change: Partial<WebsiteRequest> = {},
) => redirectByRule({ RoutingRules: [rule] }, { ...REQUEST, ...change }, { status: 404 })?.location;

test("what a redirect leaves out stays as the request had it", (t) => {
  t.is(byRule({ Redirect: { HostName: "other" } }), "http://other/docs/a%20b?q=1");
  t.is(byRule({ Redirect: { Protocol: "https" } }), "https://site.s3-website.localhost:5000/docs/a%20b?q=1");
  t.is(byRule({ Redirect: { HostName: "other" } }, { secure: true, rawQuery: "" }), "https://other/docs/a%20b");
});

test("a prefix is replaced where the condition names it, and put before the key where it does not", (t) => {
  const Redirect = { HostName: "other", ReplaceKeyPrefixWith: "pages/" };
  t.is(byRule({ Condition: { KeyPrefixEquals: "docs/" }, Redirect }), "http://other/pages/a%20b?q=1");
  t.is(byRule({ Redirect }), "http://other/pages/docs/a%20b?q=1");
  const hash = { HostName: "other", ReplaceKeyPrefixWith: "#!/" };
  t.is(byRule({ Condition: { HttpErrorCodeReturnedEquals: "404" }, Redirect: hash }), "http://other/#!/docs/a%20b?q=1");
});

test("a replaced key takes the query with it", (t) => {
  t.is(byRule({ Redirect: { HostName: "other", ReplaceKeyWith: "one page" } }), "http://other/one page");
});

test("both conditions of a rule must hold", (t) => {
  const Redirect = { HostName: "other" };
  t.is(byRule({ Condition: { KeyPrefixEquals: "docs/", HttpErrorCodeReturnedEquals: "403" }, Redirect }), undefined);
  t.is(byRule({ Condition: { KeyPrefixEquals: "x", HttpErrorCodeReturnedEquals: "404" }, Redirect }), undefined);
});

test("a website that redirects nothing answers itself", (t) => {
  t.is(redirectAll({ IndexDocument: { Suffix: "i" } }, REQUEST), undefined);
  t.deepEqual(redirectByRule({ IndexDocument: { Suffix: "i" } }, REQUEST, { status: 200 }), undefined);
});
