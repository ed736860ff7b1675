/**
 * Documents that were changed at random: each is accepted or refused as a client's mistake, and what is refused changes nothing.
 * RUNS=2000 for more of them.
 */
import { createHash } from "node:crypto";
import { PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import test from "ava";
import * as fc from "fast-check";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";

const RUNS = Number(process.env["RUNS"] ?? 40);

const server = await startTestServer();
const s3 = server.s3();
const versioned = async (): Promise<string> => {
  const Bucket = await makeBucket(s3, "random");
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  return Bucket;
};
const target = await versioned();

test.after.always(() => server.close());

const TAGS = "<Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>l</Key><Value/></Tag>";
const BUCKET_ARN = `<Bucket>arn:aws:s3:::${target}</Bucket>`;

/** A document of each kind that says all it can. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  abac: "<AbacStatus><Status>Enabled</Status></AbacStatus>",
  accelerate: "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
  "analytics&id=a": `<AnalyticsConfiguration><Id>a</Id><Filter><And><Prefix>a</Prefix>${TAGS}</And></Filter><StorageClassAnalysis><DataExport><OutputSchemaVersion>V_1</OutputSchemaVersion><Destination><S3BucketDestination><Format>CSV</Format>${BUCKET_ARN}<Prefix>p</Prefix></S3BucketDestination></Destination></DataExport></StorageClassAnalysis></AnalyticsConfiguration>`,
  cors: "<CORSConfiguration><CORSRule><ID>i</ID><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><AllowedHeader>x-*</AllowedHeader><ExposeHeader>e</ExposeHeader><MaxAgeSeconds>1</MaxAgeSeconds></CORSRule></CORSConfiguration>",
  "intelligent-tiering&id=a": `<IntelligentTieringConfiguration><Id>a</Id><Status>Enabled</Status><Filter><And>${TAGS}</And></Filter><Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier><Days>90</Days></Tiering><Tiering><AccessTier>DEEP_ARCHIVE_ACCESS</AccessTier><Days>180</Days></Tiering></IntelligentTieringConfiguration>`,
  "inventory&id=a": `<InventoryConfiguration><Id>a</Id><IsEnabled>false</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule><Filter><Prefix>a</Prefix></Filter><OptionalFields><Field>Size</Field><Field>ETag</Field></OptionalFields><Destination><S3BucketDestination>${BUCKET_ARN}<Format>CSV</Format><Encryption><SSE-S3/></Encryption></S3BucketDestination></Destination></InventoryConfiguration>`,
  lifecycle: `<LifecycleConfiguration><Rule><ID>i</ID><Status>Enabled</Status><Filter><And><Prefix>a</Prefix>${TAGS}<ObjectSizeGreaterThan>1</ObjectSizeGreaterThan></And></Filter><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>60</Days><StorageClass>GLACIER</StorageClass></Transition><Expiration><Days>90</Days></Expiration><NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays><StorageClass>ONEZONE_IA</StorageClass></NoncurrentVersionTransition><NoncurrentVersionExpiration><NoncurrentDays>60</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule><Rule><Status>Enabled</Status><Filter/><Expiration><Date>2040-01-01T00:00:00Z</Date></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>`,
  logging: `<BucketLoggingStatus><LoggingEnabled><TargetBucket>${target}</TargetBucket><TargetPrefix>p</TargetPrefix><TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat></LoggingEnabled></BucketLoggingStatus>`,
  "metrics&id=a": `<MetricsConfiguration><Id>a</Id><Filter><And><Prefix>a</Prefix>${TAGS}</And></Filter></MetricsConfiguration>`,
  notification: `<NotificationConfiguration><QueueConfiguration><Id>i</Id><Queue>arn:aws:sqs:us-east-1:111111111111:q</Queue><Event>s3:ObjectCreated:Put</Event><Filter><S3Key><FilterRule><Name>prefix</Name><Value>a</Value></FilterRule><FilterRule><Name>suffix</Name><Value>b</Value></FilterRule></S3Key></Filter></QueueConfiguration><TopicConfiguration><Topic>arn:aws:sns:us-east-1:111111111111:t</Topic><Event>s3:ObjectRemoved:*</Event></TopicConfiguration><EventBridgeConfiguration/></NotificationConfiguration>`,
  replication: `<ReplicationConfiguration><Role>arn:aws:iam::123456789012:role/r</Role><Rule><ID>i</ID><Status>Enabled</Status><Priority>1</Priority><Filter><And><Prefix>a</Prefix>${TAGS}</And></Filter><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><SourceSelectionCriteria><ReplicaModifications><Status>Enabled</Status></ReplicaModifications></SourceSelectionCriteria><Destination>${BUCKET_ARN}<StorageClass>GLACIER</StorageClass><ReplicationTime><Status>Enabled</Status><Time><Minutes>15</Minutes></Time></ReplicationTime><Metrics><Status>Enabled</Status><EventThreshold><Minutes>15</Minutes></EventThreshold></Metrics></Destination></Rule></ReplicationConfiguration>`,
  requestPayment: "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
  website:
    "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><ErrorDocument><Key>e</Key></ErrorDocument><RoutingRules><RoutingRule><Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition><Redirect><HostName>h</HostName><HttpRedirectCode>302</HttpRedirectCode><Protocol>https</Protocol><ReplaceKeyWith>b</ReplaceKeyWith></Redirect></RoutingRule></RoutingRules></WebsiteConfiguration>",
};

/** Tags and texts, one after another. */
const piecesOf = (document: string): string[] => document.match(/<[^>]+>|[^<]+/g) ?? [];

/** The piece that closes what one opens; itself for a text or an empty element. */
const endOf = (pieces: readonly string[], start: number): number => {
  const name = /^<([\w-]+)>$/.exec(pieces[start] ?? "")?.[1];
  if (name === undefined) return start;
  let depth = 0;
  for (let at = start; at < pieces.length; at += 1) {
    if (pieces[at] === `<${name}>`) depth += 1;
    if (pieces[at] === `</${name}>`) depth -= 1;
    if (depth === 0) return at;
  }
  return start;
};

const WORDS = [
  "",
  " ",
  "0",
  "-1",
  "1",
  "89",
  "2147483648",
  "9999999999999999",
  "true",
  "Enabled",
  "é",
  "a".repeat(1_100),
];

const changeOf = fc.record({
  at: fc.nat(),
  to: fc.nat(),
  how: fc.constantFrom("remove", "double", "move", "say", "empty"),
  word: fc.constantFrom(...WORDS),
});
type Change = typeof changeOf extends fc.Arbitrary<infer T> ? T : never;

/** A document with one element or text removed, doubled, moved, said otherwise or emptied; it stays well-formed. */
const changed = (document: string, { at, to, how, word }: Change): string => {
  const pieces = piecesOf(document);
  // Not the root, and nothing that closes.
  const starts = pieces.flatMap((piece, index) => (index > 0 && !piece.startsWith("</") ? [index] : []));
  const start = starts[at % starts.length] ?? 1;
  const end = endOf(pieces, start);
  const [before, element, after] = [pieces.slice(0, start), pieces.slice(start, end + 1), pieces.slice(end + 1)];
  switch (how) {
    case "remove":
      return [...before, ...after].join("");
    case "double":
      return [...before, ...element, ...element, ...after].join("");
    case "move": {
      const rest = [...before, ...after];
      const place = 1 + (to % Math.max(1, rest.length - 1));
      return [...rest.slice(0, place), ...element, ...rest.slice(place)].join("");
    }
    case "say":
      return [...before, ...(element.length > 2 ? [element[0], word, element.at(-1)] : [word]), ...after].join("");
    default:
      return [...before, ...(element.length > 1 ? [element[0], element.at(-1)] : []), ...after].join("");
  }
};

for (const [query, document] of Object.entries(DOCUMENTS)) {
  test(`${query}: whatever is changed in a document, it is accepted or a client's mistake`, async (t) => {
    const bucket = await versioned();
    const send = (body: string) => {
      const headers = { "Content-MD5": createHash("md5").update(body).digest("base64") };
      return server.request("PUT", `/${bucket}?${query}`, { body, headers });
    };
    const read = () => server.request("GET", `/${bucket}?${query}`);
    const accepted = await send(document);
    t.true(accepted.status < 300, String(accepted.body));
    let before = await read();
    await fc.assert(
      fc.asyncProperty(fc.array(changeOf, { minLength: 1, maxLength: 3 }), async (changes) => {
        const body = changes.reduce(changed, document);
        const { status, body: answer } = await send(body);
        if (status >= 300 && (status < 400 || status >= 500)) throw new Error(`${status} ${String(answer)} to ${body}`);
        const after = await read();
        if (after.status !== 200) throw new Error(`${after.status} ${String(after.body)} after ${body}`);
        if (status >= 400 && !after.body.equals(before.body)) throw new Error(`${body} was refused and kept`);
        before = after;
      }),
      { numRuns: RUNS },
    );
  });
}
