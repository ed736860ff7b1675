/** What a website configuration may not say, in AWS's words. */
import { CreateBucketCommand, PutBucketWebsiteCommand, type WebsiteConfiguration } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = "site";
await s3.send(new CreateBucketCommand({ Bucket }));
test.after.always(() => server.close());

type Refusal = { readonly name: string; readonly message: string; readonly fields?: Readonly<Record<string, string>> };

const INDEX = { Suffix: "index.html" };
const SUFFIX: Refusal = {
  name: "InvalidArgument",
  message: "The IndexDocument Suffix is not well formed",
  fields: { ArgumentName: "IndexDocument" },
};

const CASES: readonly (readonly [what: string, website: WebsiteConfiguration, refusal: Refusal])[] = [
  ["a suffix with a slash", { IndexDocument: { Suffix: "docs/index.html" } }, SUFFIX],
  ["an empty suffix", { IndexDocument: { Suffix: "" } }, SUFFIX],
  [
    "no suffix at all",
    { ErrorDocument: { Key: "error.html" } },
    {
      name: "InvalidArgument",
      message: "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
      fields: { ArgumentName: "IndexDocument", ArgumentValue: "null" },
    },
  ],
  [
    "both forms of a replaced key",
    { IndexDocument: INDEX, RoutingRules: [{ Redirect: { ReplaceKeyWith: "a", ReplaceKeyPrefixWith: "b" } }] },
    { name: "InvalidRequest", message: "You can only define ReplaceKeyPrefix or ReplaceKey but not both." },
  ],
  [
    "a protocol that is none of the web's",
    { IndexDocument: INDEX, RoutingRules: [{ Redirect: { Protocol: "ftp" as "http" } }] },
    {
      name: "InvalidRequest",
      message:
        "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.",
    },
  ],
];

for (const [what, WebsiteConfiguration, { name, message, fields = {} }] of CASES) {
  test(`fact 62: ${what} is refused`, async (t) => {
    const error = await t.throwsAsync(s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration })), { name });
    t.is(error?.message, message);
    for (const [field, value] of Object.entries(fields)) {
      t.is((error as unknown as Record<string, unknown>)[field], value, field);
    }
  });
}
