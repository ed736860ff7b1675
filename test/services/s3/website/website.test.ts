/** Website endpoints, as browsers ask them. */
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  type WebsiteConfiguration,
} from "@aws-sdk/client-s3";
import test from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer, type RawResponse } from "../../../support/server.ts";

// Everybody may read everything: who may read what is the affair of policies and ACLs.
const server = await startTestServer({ authMode: "off" });
test.after.always(() => server.close());

const s3 = server.s3();
let buckets = 0;

type Site = { readonly bucket: string; get(path: string, options?: Visit): Promise<RawResponse> };
type Visit = { readonly method?: string; readonly headers?: Record<string, string>; readonly host?: string };

const siteWith = async (website: WebsiteConfiguration | undefined, objects: readonly string[] = []): Promise<Site> => {
  const Bucket = `site-${(buckets += 1)}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of objects) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: `page ${Key}`, ContentType: "text/html" }));
  }
  if (website !== undefined) {
    await s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: website }));
  }
  return {
    bucket: Bucket,
    get: (path, { method = "GET", headers = {}, host = `${Bucket}.s3-website.localhost:5000` } = {}) =>
      server.request(method, path, { headers: { ...headers, host } }),
  };
};

const INDEX: WebsiteConfiguration = { IndexDocument: { Suffix: "index.html" } };

/** What an error's page lists. */
const listed = ({ body }: RawResponse): [string, string][] =>
  [...String(body).matchAll(/<li>([^:]+): (.*)<\/li>/g)].map(([, name = "", value = ""]) => [name, value]);

const titleOf = ({ body }: RawResponse): string | undefined => /<title>(.*)<\/title>/.exec(String(body))?.[1];

test("both forms of the endpoint answer the index document of the root and of folders", async (t) => {
  const site = await siteWith(INDEX, ["index.html", "docs/index.html", "docs/a b.html"]);
  for (const suffix of ["s3-website.localhost", "s3-website-us-east-1.localhost", "s3-website.us-east-1.localhost"]) {
    const answer = await site.get("/", { host: `${site.bucket}.${suffix}:5000` });
    t.is(answer.status, 200);
    t.is(String(answer.body), "page index.html");
    t.is(answer.headers["content-type"], "text/html");
  }
  t.is(String((await site.get("/docs/")).body), "page docs/index.html");
  t.is(String((await site.get("/docs/a%20b.html?x=1")).body), "page docs/a b.html");
});

test("fact 61: a folder without its slash is found behind it", async (t) => {
  const site = await siteWith(INDEX, ["index.html", "docs/index.html", "both", "both/index.html"]);
  const answer = await site.get("/docs");
  t.is(answer.status, 302);
  t.is(answer.headers["location"], "/docs/");
  t.is(answer.headers["x-amz-error-code"], "Found");
  t.is(titleOf(answer), "302 Found");
  t.is(String((await site.get("/both")).body), "page both");
});

test("fact 61: an error is a page with code, message, key and ids", async (t) => {
  const site = await siteWith(INDEX, ["index.html"]);
  const answer = await site.get("/no%3Csuch");
  t.is(answer.status, 404);
  t.is(answer.headers["content-type"], "text/html; charset=utf-8");
  t.is(titleOf(answer), "404 Not Found");
  t.true(String(answer.body).includes("<h1>404 Not Found</h1>"));
  t.deepEqual(listed(answer), [
    ["Code", "NoSuchKey"],
    ["Message", "The specified key does not exist."],
    ["Key", "no&lt;such"],
    ["RequestId", String(answer.headers["x-amz-request-id"])],
    ["HostId", String(answer.headers["x-amz-id-2"])],
  ]);
  const folder = await site.get("/folder/");
  t.deepEqual(listed(folder)[2], ["Key", "folder/index.html"]);
});

test("fact 61: the error document has the error's status; without it the page says so", async (t) => {
  const website = { ...INDEX, ErrorDocument: { Key: "error.html" } };
  const site = await siteWith(website, ["error.html"]);
  const answer = await site.get("/missing");
  t.is(answer.status, 404);
  t.is(String(answer.body), "page error.html");
  t.is(answer.headers["x-amz-error-code"], "NoSuchKey");
  t.is(answer.headers["x-amz-error-detail-key"], "missing");
  const without = await (await siteWith(website)).get("/missing");
  t.is(without.status, 404);
  t.true(
    String(without.body).includes("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>"),
  );
  t.deepEqual(listed(without).slice(-3), [
    ["Code", "NoSuchKey"],
    ["Message", "The specified key does not exist."],
    ["Key", "error.html"],
  ]);
});

test("fact 61: only GET and HEAD are allowed", async (t) => {
  const site = await siteWith(INDEX, ["index.html"]);
  for (const method of ["POST", "DELETE", "PUT"]) {
    const answer = await site.get("/index.html", { method });
    t.is(answer.status, 405);
    t.is(titleOf(answer), "405 Method Not Allowed");
    t.deepEqual(listed(answer).slice(0, 4), [
      ["Code", "MethodNotAllowed"],
      ["Message", "The specified method is not allowed against this resource."],
      ["Method", method],
      ["ResourceType", "OBJECT"],
    ]);
  }
  t.is(String((await site.get("/index.html")).body), "page index.html");
});

test("HEAD is answered by headers alone", async (t) => {
  const site = await siteWith({ ...INDEX, ErrorDocument: { Key: "index.html" } }, ["index.html"]);
  const page = await site.get("/", { method: "HEAD" });
  t.is(page.status, 200);
  t.is(page.headers["content-length"], "15");
  const missing = await site.get("/missing", { method: "HEAD" });
  t.is(missing.status, 404);
  t.is(missing.headers["x-amz-error-code"], "NoSuchKey");
  t.is(missing.headers["x-amz-error-message"], "The specified key does not exist.");
  t.is(missing.body.length, 0);
});

test("a bucket that has no website, and one that is not there, are named", async (t) => {
  const site = await siteWith(undefined, ["index.html"]);
  const answer = await site.get("/");
  t.is(answer.status, 404);
  t.deepEqual(listed(answer).slice(0, 3), [
    ["Code", "NoSuchWebsiteConfiguration"],
    ["Message", "The specified bucket does not have a website configuration"],
    ["BucketName", site.bucket],
  ]);
  const none = await site.get("/", { host: "no-such-site.s3-website.localhost" });
  t.is(none.status, 404);
  t.deepEqual(listed(none)[0], ["Code", "NoSuchBucket"]);
  t.deepEqual(listed(none)[2], ["BucketName", "no-such-site"]);
});

test("conditions and ranges hold, an error document does not take them over", async (t) => {
  const site = await siteWith({ ...INDEX, ErrorDocument: { Key: "index.html" } }, ["index.html"]);
  const range = await site.get("/", { headers: { range: "bytes=5-9" } });
  t.is(range.status, 206);
  t.is(String(range.body), "index");
  t.is(range.headers["content-range"], "bytes 5-9/15");
  const { etag = "" } = range.headers;
  const unchanged = await site.get("/", { headers: { "if-none-match": etag } });
  t.is(unchanged.status, 304);
  t.is(unchanged.body.length, 0);
  const failed = await site.get("/", { headers: { "if-match": '"0"', range: "bytes=5-9" } });
  t.is(failed.status, 412);
  t.is(String(failed.body), "page index.html");
});

test("fact 61: an object's redirect is followed with 301", async (t) => {
  const site = await siteWith(INDEX, ["index.html"]);
  for (const WebsiteRedirectLocation of ["/index.html", "https://example.com/x"]) {
    await s3.send(new PutObjectCommand({ Bucket: site.bucket, Key: "old", Body: "x", WebsiteRedirectLocation }));
    const answer = await site.get("/old");
    t.is(answer.status, 301);
    t.is(answer.headers["location"], WebsiteRedirectLocation);
    t.is(answer.body.length, 0);
  }
});

test("a redirect beyond ASCII is escaped once", async (t) => {
  const site = await siteWith(INDEX, ["index.html"]);
  const header = Buffer.from("/\u00e9?q=%C3%A9").toString("latin1");
  const headers = {
    authorization: "AWS4-HMAC-SHA256 Credential=123456789012/20200101/us-east-1/s3/aws4_request",
    "x-amz-website-redirect-location": header,
  };
  const put = await server.request("PUT", `/${site.bucket}/moved`, { headers });
  t.is(put.status, 200);
  t.is((await site.get("/moved")).headers.location, "/%C3%A9?q=%C3%A9");
});

test("a website that redirects all requests keeps their paths", async (t) => {
  const site = await siteWith({ RedirectAllRequestsTo: { HostName: "example.com", Protocol: "https" } });
  const answer = await site.get("/a%20b/c?d=e");
  t.is(answer.status, 301);
  t.is(answer.headers["location"], "https://example.com/a%20b/c?d=e");
  const plain = await siteWith({ RedirectAllRequestsTo: { HostName: "example.com" } });
  t.is((await plain.get("/", { method: "HEAD" })).headers["location"], "http://example.com/");
});

test("fact 61: routing rules go in order, and the first that holds redirects", async (t) => {
  const site = await siteWith(
    {
      ...INDEX,
      RoutingRules: [
        { Condition: { KeyPrefixEquals: "docs/" }, Redirect: { ReplaceKeyPrefixWith: "documents/" } },
        {
          Condition: { KeyPrefixEquals: "images/", HttpErrorCodeReturnedEquals: "404" },
          Redirect: {
            HostName: "img.example.com",
            Protocol: "https",
            ReplaceKeyWith: "none.png",
            HttpRedirectCode: "307",
          },
        },
        { Condition: { HttpErrorCodeReturnedEquals: "404" }, Redirect: { ReplaceKeyPrefixWith: "404/" } },
        { Condition: { KeyPrefixEquals: "images/" }, Redirect: { ReplaceKeyWith: "never" } },
      ],
    },
    ["index.html", "docs/a", "images/there"],
  );
  const host = `${site.bucket}.s3-website.localhost:5000`;
  const go = async (path: string) => {
    const { status, headers } = await site.get(path);
    return [status, headers["location"]];
  };
  t.deepEqual(await go("/docs/a"), [301, `http://${host}/documents/a`]);
  t.deepEqual(await go("/docs/b%20c?q=1"), [301, `http://${host}/documents/b%20c?q=1`]);
  t.deepEqual(await go("/images/missing"), [307, "https://img.example.com/none.png"]);
  t.deepEqual(await go("/other"), [301, `http://${host}/404/other`]);
  t.deepEqual(await go("/images/there"), [301, `http://${host}/never`]);
  t.deepEqual(await go("/"), [200, undefined]);
});

test("a custom domain is the name of a bucket with a website; the same host is path style for who signs", async (t) => {
  const Bucket = "www.example.test";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "index.html", Body: "hello" }));
  const host = `${Bucket}:5000`;
  const before = await server.request("GET", `/${Bucket}/index.html`, { headers: { host } });
  t.is(String(before.body), "hello");
  await s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: INDEX }));
  const page = await server.request("GET", "/", { headers: { host } });
  t.is(String(page.body), "hello");
  const put = await server.request("PUT", `/${Bucket}/other`, { headers: { host }, body: "x" });
  t.is(put.status, 200);
});

test("a website answers preflights by its bucket's rules, and errors as pages", async (t) => {
  const site = await siteWith(INDEX, ["index.html"]);
  const answer = await site.get("/", { method: "OPTIONS", headers: { origin: "http://a" } });
  t.is(answer.status, 403);
  t.is(titleOf(answer), "403 Forbidden");
  t.deepEqual(listed(answer)[0], ["Code", "AccessForbidden"]);
});

test("the wrong region's endpoint names the right one", async (t) => {
  const site = await siteWith(INDEX, ["index.html"]);
  const answer = await site.get("/", { host: `${site.bucket}.s3-website-eu-west-1.localhost` });
  t.is(answer.status, 301);
  t.deepEqual(listed(answer)[0], ["Code", "PermanentRedirect"]);
  t.deepEqual(listed(answer)[2], ["Endpoint", `${site.bucket}.s3-website-us-east-1.localhost`]);
});

for (const authMode of ["lenient", "strict"] as const) {
  test(`in ${authMode} a website shows what everybody may read, whoever asks`, async (t) => {
    const judged = await startTestServer({ authMode });
    t.teardown(() => judged.close());
    const { accounts } = createControlClient({ baseUrl: judged.running.controlUrl });
    const { accessKeyId, secretAccessKey } = await accounts.createAccessKey({ accountId: "123456789012" });
    const owner = judged.s3({ credentials: { accessKeyId, secretAccessKey } });
    const Bucket = "public-site";
    await owner.send(new CreateBucketCommand({ Bucket }));
    for (const Key of ["index.html", "docs/index.html"]) {
      await owner.send(new PutObjectCommand({ Bucket, Key, Body: `page ${Key}` }));
    }
    await owner.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: INDEX }));
    const headers = { host: `${Bucket}.s3-website.localhost`, "x-moto-account-id": "123456789012" };
    const get = (path: string) => judged.request("GET", path, { headers });
    const refused = await get("/");
    t.is(refused.status, 403);
    t.is(titleOf(refused), "403 Forbidden");
    t.deepEqual(listed(refused)[0], ["Code", "AccessDenied"]);
    await owner.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const allow = async (...statements: object[]) => {
      const Statement = statements.map((each) => ({ Effect: "Allow", Principal: "*", ...each }));
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
      await owner.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    };
    const read = { Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` };
    await allow(read);
    t.is(String((await get("/")).body), "page index.html");
    // Whoever may not list is not told what is missing, but finds folders.
    t.is((await get("/docs")).headers["location"], "/docs/");
    t.is((await get("/missing")).status, 403);
    await allow(read, { Action: "s3:ListBucket", Resource: `arn:aws:s3:::${Bucket}` });
    t.is((await get("/missing")).status, 404);
  });
}
