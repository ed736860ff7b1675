import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest } from "../error-cases.ts";
import { malformed, testRejections, type Rejection } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const STATUS = "<Status>Enabled</Status>";
const FILTER = "<Filter><Prefix>a/</Prefix></Filter>";
const EXPIRATION = "<Expiration><Days>1</Days></Expiration>";
const RULE = `<Rule><ID>only</ID>${STATUS}${FILTER}${EXPIRATION}</Rule>`;

/** A rule that has all that every rule needs. */
const rule = (content: string, filter = FILTER): string => `<Rule>${STATUS}${filter}${content}</Rule>`;
const filtered = (filter: string, action = EXPIRATION): string => rule(action, `<Filter>${filter}</Filter>`);
const transition = (when: string, storageClass: string): string =>
  `<Transition>${when}<StorageClass>${storageClass}</StorageClass></Transition>`;
const days = (count: number): string => `<Days>${count}</Days>`;
const noncurrent = (count: number, storageClass: string): string =>
  `<NoncurrentVersionTransition><NoncurrentDays>${count}</NoncurrentDays><StorageClass>${storageClass}</StorageClass></NoncurrentVersionTransition>`;
const tag = (key: string, value = "v"): string => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;

const FILTERS: Rejection[] = [
  { what: "a rule without filter and prefix", fact: 43, content: rule(EXPIRATION, ""), error: malformed() },
  { what: "a rule with both", content: rule(EXPIRATION, `<Prefix>a/</Prefix>${FILTER}`), error: malformed() },
  {
    what: "two predicates in a filter",
    content: filtered(`<Prefix>a</Prefix>${tag("k")}`),
    error: malformed(),
  },
  { what: "an And of one prefix", content: filtered("<And><Prefix>a</Prefix></And>"), error: malformed() },
  { what: "an empty And", content: filtered("<And/>"), error: malformed() },
  { what: "a tag without its value", content: filtered("<Tag><Key>k</Key></Tag>"), error: malformed() },
  {
    what: "tags with the same key",
    fact: 44,
    content: filtered(`<And>${tag("k", "a")}${tag("k", "b")}</And>`),
    error: invalidRequest("Duplicate Tag Keys are not allowed."),
  },
  {
    what: "a tag with an empty key",
    content: filtered(tag("")),
    error: { Code: "InvalidTag", Message: "The TagKey you have provided is invalid", TagKey: "" },
  },
  {
    what: "a prefix that is longer than a key",
    content: filtered(`<Prefix>${"p".repeat(1_025)}</Prefix>`),
    error: invalidRequest("The maximum size of a prefix is 1024."),
  },
  {
    what: "a size below none",
    content: filtered("<ObjectSizeLessThan>0</ObjectSizeLessThan>"),
    error: invalidRequest("'ObjectSizeLessThan' should be between 1 and 1099511627776000."),
  },
  {
    what: "a size that no object has",
    content: filtered("<ObjectSizeGreaterThan>1099511627776001</ObjectSizeGreaterThan>"),
    error: invalidRequest("'ObjectSizeGreaterThan' should be between 0 and 1099511627776000."),
  },
  {
    what: "sizes that exclude each other",
    content: filtered(
      "<And><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>5</ObjectSizeLessThan></And>",
    ),
    error: invalidRequest("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."),
  },
  {
    what: "a filter after a rule in the old form",
    content: rule(EXPIRATION, "<Prefix>b/</Prefix>") + rule(EXPIRATION),
    error: invalidRequest("Filter element can only be used in Lifecycle V2."),
  },
  {
    what: "a rule in the old form after a filter",
    content: rule(EXPIRATION) + rule(EXPIRATION, "<Prefix>b/</Prefix>"),
    error: invalidRequest(
      "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.",
    ),
  },
  {
    what: "rules in the old form that overlap",
    content: rule(EXPIRATION, "<Prefix/>") + rule(EXPIRATION, "<Prefix>a</Prefix>"),
    error: invalidRequest("Found overlapping prefixes '' and 'a' for same action type 'Expiration'"),
  },
  {
    what: "a count of newer versions in the old form",
    content: rule(
      "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
      "<Prefix>a</Prefix>",
    ),
    error: invalidRequest("NewerNoncurrentVersions element can only be used in Lifecycle V2."),
  },
];

const POSITIVE = (name: string, action: string, value = "0") =>
  invalidArgument(`'${name}' for ${action} action must be a positive integer`, name, value);

const EXPIRATIONS: Rejection[] = [
  {
    what: "a rule without an action",
    content: rule(""),
    error: invalidRequest("At least one action needs to be specified in a rule"),
  },
  { what: "an empty expiration", content: rule("<Expiration/>"), error: malformed() },
  {
    what: "an expiration by days and of markers",
    content: rule("<Expiration><Days>1</Days><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"),
    error: malformed(),
  },
  {
    what: "an expiration after no days",
    content: rule("<Expiration><Days>0</Days></Expiration>"),
    error: POSITIVE("Days", "Expiration"),
  },
  {
    what: "days that are no number",
    content: rule("<Expiration><Days>1.5</Days></Expiration>"),
    error: malformed(),
  },
  {
    what: "days that no 32 bits hold",
    content: rule("<Expiration><Days>2147483648</Days></Expiration>"),
    error: malformed(),
  },
  {
    what: "a date that is not at midnight",
    fact: 44,
    content: rule("<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>"),
    error: invalidArgument("'Date' must be at midnight GMT", "Date", "Mon Dec 31 17:00:00 PST 2029"),
  },
  { what: "a date that is none", content: rule("<Expiration><Date>soon</Date></Expiration>"), error: malformed() },
  {
    what: "an expiration of markers by tag",
    content: filtered(tag("k"), "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"),
    error: invalidRequest("ExpiredObjectDeleteMarker cannot be specified with Tags."),
  },
  {
    what: "an expiration of markers by size",
    content: filtered(
      "<ObjectSizeLessThan>1</ObjectSizeLessThan>",
      "<Expiration><ExpiredObjectDeleteMarker>false</ExpiredObjectDeleteMarker></Expiration>",
    ),
    error: invalidRequest("ExpiredObjectDeleteMarker cannot be specified with Object Size."),
  },
  {
    what: "an empty noncurrent expiration",
    fact: 43,
    content: rule("<NoncurrentVersionExpiration/>"),
    error: malformed(),
  },
  {
    what: "a noncurrent expiration after no days",
    content: rule("<NoncurrentVersionExpiration><NoncurrentDays>0</NoncurrentDays></NoncurrentVersionExpiration>"),
    error: POSITIVE("NoncurrentDays", "NoncurrentVersionExpiration"),
  },
  {
    what: "more than 100 newer versions",
    content: rule(
      "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>101</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
    ),
    error: invalidArgument(
      "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be between 1 and 100",
      "NewerNoncurrentVersions",
      "101",
    ),
  },
  {
    what: "no newer versions",
    content: rule(
      "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>0</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
    ),
    error: POSITIVE("NewerNoncurrentVersions", "NoncurrentVersionExpiration"),
  },
  {
    what: "an abort without days",
    content: rule("<AbortIncompleteMultipartUpload/>"),
    error: malformed(),
  },
  {
    what: "an abort after no days",
    content: rule(
      "<AbortIncompleteMultipartUpload><DaysAfterInitiation>0</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
    ),
    error: POSITIVE("DaysAfterInitiation", "AbortIncompleteMultipartUpload"),
  },
  {
    what: "an abort by tag",
    content: filtered(
      tag("k"),
      "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
    ),
    error: invalidRequest("AbortIncompleteMultipartUpload cannot be specified with Tags."),
  },
];

const AT_LEAST_30 = (name: string, action: string, storageClass: string, value: string) =>
  invalidArgument(
    `'${name}' in ${action} action must be greater than or equal to 30 for storageClass '${storageClass}'`,
    name,
    value,
  );

const TRANSITIONS: Rejection[] = [
  { what: "a transition to no class", content: rule(`<Transition>${days(1)}</Transition>`), error: malformed() },
  { what: "a transition at no time", content: rule(transition("", "GLACIER")), error: malformed() },
  { what: "a transition to a class that is none", content: rule(transition(days(1), "STANDARD")), error: malformed() },
  {
    what: "a transition before it began",
    content: rule(transition(days(-1), "GLACIER")),
    error: invalidArgument("'Days' in Transition action must be nonnegative", "Days", "-1"),
  },
  {
    what: "infrequent access too early",
    content: rule(transition(days(29), "STANDARD_IA")),
    error: AT_LEAST_30("Days", "Transition", "STANDARD_IA", "29"),
  },
  {
    what: "infrequent access too early for noncurrent versions",
    content: rule(noncurrent(0, "ONEZONE_IA")),
    error: AT_LEAST_30("NoncurrentDays", "NoncurrentVersionTransition", "ONEZONE_IA", "0"),
  },
  {
    what: "two transitions to one class",
    content: rule(transition(days(1), "GLACIER") + transition(days(2), "GLACIER")),
    error: invalidRequest(
      "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=a/)'",
    ),
  },
  {
    what: "transitions by days and by date",
    content: rule(transition(days(1), "GLACIER") + transition("<Date>2030-01-01</Date>", "DEEP_ARCHIVE")),
    error: invalidRequest(
      "Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '(prefix=a/)'",
    ),
  },
  {
    what: "an expiration by days beside a transition by date",
    content: rule(transition("<Date>2030-01-01</Date>", "GLACIER") + EXPIRATION),
    error: invalidRequest(
      "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter '(prefix=a/)'",
    ),
  },
  {
    what: "transitions in the wrong order",
    content: rule(transition(days(60), "STANDARD_IA") + transition(days(30), "GLACIER")),
    error: invalidArgument(
      "'Days' in the 'Transition' action for StorageClass 'GLACIER' for filter '(prefix=a/)' must be 30 days more than 'filter '(prefix=a/)'' in the 'Transition' action for StorageClass 'STANDARD_IA'",
      "Days",
      "30",
    ),
  },
  {
    what: "a transition before the last class has been kept long enough",
    content: filtered("", transition(days(0), "GLACIER") + transition(days(89), "DEEP_ARCHIVE")),
    error: invalidArgument(
      "'Days' in the 'Transition' action for StorageClass 'DEEP_ARCHIVE' for filter '()' must be 90 days more than 'filter '()'' in the 'Transition' action for StorageClass 'GLACIER'",
      "Days",
      "89",
    ),
  },
  {
    what: "an expiration no later than a transition",
    content: rule(transition(days(1), "GLACIER") + EXPIRATION),
    error: invalidArgument(
      "'Days' in the Expiration action for filter '(prefix=a/)' must be greater than 'Days' in the Transition action",
      "Days",
      "1",
    ),
  },
  {
    what: "an expiration no later than a transition, by date",
    content: rule(
      `${transition("<Date>2030-01-02</Date>", "GLACIER")}<Expiration><Date>2030-01-02</Date></Expiration>`,
    ),
    error: invalidArgument(
      "'Date' in the Expiration action for filter '(prefix=a/)' must be later than 'Date' in the Transition action",
      "Date",
      "2030-01-02T00:00:00.000Z",
    ),
  },
  {
    what: "a noncurrent expiration no later than a noncurrent transition",
    content: rule(
      `${noncurrent(30, "GLACIER")}<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>`,
    ),
    error: invalidArgument(
      "'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '(prefix=a/)' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action",
      "NoncurrentDays",
      "30",
    ),
  },
];

testRejections(
  {
    operation: "PutBucketLifecycleConfiguration",
    query: "lifecycle",
    root: "LifecycleConfiguration",
    content: RULE,
    once: "ID",
    rejections: [
      { what: "a rule without a status", content: `<Rule>${FILTER}${EXPIRATION}</Rule>`, error: malformed() },
      { what: "a status in lower case", content: RULE.replace("Enabled", "enabled"), error: malformed() },
      {
        what: "an id that is too long",
        content: RULE.replace("only", "i".repeat(256)),
        error: invalidArgument("ID length should not exceed allowed limit of 255", "ID", "i".repeat(256)),
      },
      {
        what: "two rules with one id",
        content: RULE + RULE,
        error: invalidArgument("Rule ID must be unique. Found same ID for more than one rule", "ID", "only"),
      },
      ...FILTERS,
      ...EXPIRATIONS,
      ...TRANSITIONS,
    ],
  },
  { server, makeBucket: () => makeBucket(s3, "lifecycle") },
);
