import {
  DeleteBucketWebsiteCommand,
  GetBucketWebsiteCommand,
  PutBucketWebsiteCommand,
  type WebsiteConfiguration,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest } from "../error-cases.ts";
import { malformed, testRejections } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const put = (Bucket: string, website: WebsiteConfiguration) =>
  s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: website }));
const get = async (Bucket: string) => {
  const { $metadata: _, ...website } = await s3.send(new GetBucketWebsiteCommand({ Bucket }));
  return website;
};

test("a website comes back as it was put", async (t) => {
  const Bucket = await makeBucket(s3, "website");
  const pages: WebsiteConfiguration = {
    IndexDocument: { Suffix: "index.html" },
    ErrorDocument: { Key: "error.html" },
    RoutingRules: [
      {
        Condition: { KeyPrefixEquals: "old/", HttpErrorCodeReturnedEquals: "404" },
        Redirect: { ReplaceKeyPrefixWith: "new/", HttpRedirectCode: "302", Protocol: "https", HostName: "a.example" },
      },
      { Redirect: { ReplaceKeyWith: "found.html" } },
    ],
  };
  await put(Bucket, pages);
  t.deepEqual(await get(Bucket), pages);
  const redirect: WebsiteConfiguration = { RedirectAllRequestsTo: { HostName: "b.example", Protocol: "http" } };
  await put(Bucket, redirect);
  t.deepEqual(await get(Bucket), redirect);
});

test("fact 8: without a website there is none to get, and a second delete succeeds as the first", async (t) => {
  const Bucket = await makeBucket(s3, "website");
  await put(Bucket, { IndexDocument: { Suffix: "index.html" } });
  for (const _ of [1, 2]) {
    const { $metadata } = await s3.send(new DeleteBucketWebsiteCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    const error = await failure(get(Bucket));
    t.is(error.name, "NoSuchWebsiteConfiguration");
    t.is(error["BucketName"], Bucket);
    t.is(error.$metadata.httpStatusCode, 404);
  }
});

const INDEX = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";
const HOST = "<HostName>a.example</HostName>";
const rules = (...content: string[]): string =>
  `${INDEX}<RoutingRules>${content.map((rule) => `<RoutingRule>${rule}</RoutingRule>`).join("")}</RoutingRules>`;
const redirect = (content: string): string => rules(`<Redirect>${content}</Redirect>`);
const PROTOCOL = invalidRequest(
  "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.",
);
const SUFFIX = "The IndexDocument Suffix is not well formed";
const NO_SUFFIX = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty";

testRejections(
  {
    operation: "PutBucketWebsite",
    query: "website",
    root: "WebsiteConfiguration",
    content: `${INDEX}<ErrorDocument><Key>error.html</Key></ErrorDocument>`,
    once: "IndexDocument",
    emptyRoot: invalidArgument(NO_SUFFIX, "IndexDocument", "null"),
    rejections: [
      {
        what: "an error document alone",
        fact: 62,
        content: "<ErrorDocument><Key>error.html</Key></ErrorDocument>",
        error: invalidArgument(NO_SUFFIX, "IndexDocument", "null"),
      },
      {
        what: "an index with a slash",
        fact: 62,
        content: "<IndexDocument><Suffix>a/index.html</Suffix></IndexDocument>",
        error: invalidArgument(SUFFIX, "IndexDocument", "a/index.html"),
      },
      {
        what: "an empty index",
        fact: 62,
        content: "<IndexDocument><Suffix/></IndexDocument>",
        error: invalidArgument(SUFFIX, "IndexDocument", ""),
      },
      {
        what: "both replacements",
        fact: 62,
        content: redirect("<ReplaceKeyPrefixWith>a</ReplaceKeyPrefixWith><ReplaceKeyWith>b</ReplaceKeyWith>"),
        error: invalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both."),
      },
      { what: "another protocol", fact: 62, content: redirect("<Protocol>ftp</Protocol>"), error: PROTOCOL },
      {
        what: "another protocol for all requests",
        fact: 62,
        content: `<RedirectAllRequestsTo>${HOST}<Protocol>HTTP</Protocol></RedirectAllRequestsTo>`,
        error: PROTOCOL,
      },
      {
        what: "a redirect of all requests beside an index",
        content: `${INDEX}<RedirectAllRequestsTo>${HOST}</RedirectAllRequestsTo>`,
        error: invalidArgument(
          "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
          "RedirectAllRequestsTo",
          "not null",
        ),
      },
      {
        what: "a redirect of all requests to nowhere",
        content: "<RedirectAllRequestsTo><Protocol>http</Protocol></RedirectAllRequestsTo>",
        error: malformed(),
      },
      {
        what: "a redirect of all requests to an empty host",
        content: "<RedirectAllRequestsTo><HostName/></RedirectAllRequestsTo>",
        error: malformed(),
      },
      { what: "an index without its suffix", content: "<IndexDocument/>", error: malformed() },
      {
        what: "an error document without its key",
        content: `${INDEX}<ErrorDocument/>`,
        error: malformed(),
      },
      {
        what: "an error document with an empty key",
        content: `${INDEX}<ErrorDocument><Key/></ErrorDocument>`,
        error: malformed(),
      },
      { what: "a rule without a redirect", content: rules("<Condition/>"), error: malformed() },
      { what: "an empty redirect", content: redirect(""), error: malformed() },
      { what: "no routing rules where some are announced", content: rules(), error: malformed() },
      {
        what: "an empty condition",
        content: rules(`<Condition/><Redirect>${HOST}</Redirect>`),
        error: invalidRequest(
          "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
        ),
      },
      {
        what: "a redirect code that redirects nothing",
        content: redirect("<HttpRedirectCode>300</HttpRedirectCode>"),
        error: invalidRequest("The provided HTTP redirect code (300) is not valid. Valid codes are 3XX except 300."),
      },
      {
        what: "an error code that is no error's",
        content: rules(
          `<Condition><HttpErrorCodeReturnedEquals>302</HttpErrorCodeReturnedEquals></Condition><Redirect>${HOST}</Redirect>`,
        ),
        error: invalidRequest("The provided HTTP error code (302) is not valid. Valid codes are 4XX or 5XX."),
      },
      {
        what: "51 routing rules",
        content: rules(...Array<string>(51).fill(`<Redirect>${HOST}</Redirect>`)),
        error: invalidRequest(
          "51 routing rules provided, the number of routing rules in a website configuration is limited to 50.",
        ),
      },
    ],
  },
  { server, makeBucket: () => makeBucket(s3, "website") },
);
