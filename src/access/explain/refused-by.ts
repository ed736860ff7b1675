/** What refused a request: who asked, when, how it was signed, or what policies say. */
import type { Refusal } from "../../harness/refusals.ts";
import type { Decision } from "../decision.ts";
import { reasonText } from "./words.ts";

/** `request`: something else than who asked. */
export type RefusedBy =
  | "credentials"
  | "signature"
  | "expiry"
  | "policies"
  | "publicAccessBlock"
  | "ownership"
  | "request";

/**
 * Codes that are about who asks, whatever policies say.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
const CODES: Readonly<Record<string, RefusedBy>> = {
  AuthorizationHeaderMalformed: "signature",
  AuthorizationQueryParametersError: "signature",
  ExpiredToken: "expiry",
  IncompleteSignature: "signature",
  InvalidAccessKeyId: "credentials",
  InvalidClientTokenId: "credentials",
  InvalidToken: "credentials",
  MissingAuthenticationToken: "credentials",
  MissingSecurityHeader: "signature",
  RequestTimeTooSkewed: "expiry",
  SignatureDoesNotMatch: "signature",
  XAmzContentSHA256Mismatch: "signature",
};

/** One code has many reasons: the words tell them apart. */
const MESSAGES: readonly (readonly [begins: RegExp, by: RefusedBy])[] = [
  [/^(?:Request has expired|Request is not valid yet|Signature (?:expired|not yet current))/, "expiry"],
  [/^Invalid according to Policy: Policy expired/, "expiry"],
  [
    /^(?:Invalid according to Policy|There were headers present|AWS authentication requires|Query-string auth)/,
    "signature",
  ],
  [/block public access|Public Access Block/i, "publicAccessBlock"],
  [/object lock/i, "request"],
];

/** The refusing decision: the last one, as nothing is asked after it. */
const refusingOf = (decisions: readonly Decision[]): Decision | undefined =>
  decisions.findLast(({ allowed }) => !allowed);

const DENIED_CODES: ReadonlySet<string> = new Set(["AccessDenied", "AllAccessDisabled", "MethodNotAllowed", "403"]);

/** What refused a request; undefined where it did not fail. */
export const refusedBy = (refusal: Refusal | undefined, decisions: readonly Decision[]): RefusedBy | undefined => {
  if (refusal === undefined) return undefined;
  const { code, message } = refusal;
  const byMessage = MESSAGES.find(([begins]) => begins.test(message))?.[1];
  if (byMessage !== undefined) return byMessage;
  if (Object.hasOwn(CODES, code)) return CODES[code];
  if (!DENIED_CODES.has(code)) return "request";
  if (refusingOf(decisions) !== undefined) return "policies";
  return decisions.length === 0 || code === "MethodNotAllowed" ? "ownership" : "request";
};

const WORDS: Readonly<Record<Exclude<RefusedBy, "policies">, string>> = {
  credentials:
    "The credentials are none that this world knows: policies were not asked. Keys are made by IAM's CreateAccessKey, STS, or AccountService.CreateAccessKey.",
  signature: "The request is not signed as it has to be: policies were not asked.",
  expiry: "What it was signed with is over, or the signing time is too far from the world's: policies were not asked.",
  publicAccessBlock: "A public access block refuses it, whoever asks.",
  ownership: "It is only for the bucket's own account, or for signed requests, whatever policies say.",
  request: "It was not refused because of who asked.",
};

/** What became of a request, in a sentence. */
export const summaryText = (refusal: Refusal | undefined, decisions: readonly Decision[]): string => {
  const by = refusedBy(refusal, decisions);
  const denied = decisions.filter(({ allowed }) => !allowed);
  if (by === undefined || refusal === undefined) {
    return denied.length === 0
      ? "It was allowed."
      : `It was answered; ${denied.length} of ${decisions.length} decisions within it were denials.`;
  }
  const [refusing] = denied.slice(-1);
  const why = by === "policies" ? (refusing === undefined ? "" : reasonText(refusing)) : WORDS[by];
  return `${refusal.code}: ${refusal.message === "" ? "" : `${refusal.message} `}${why}`;
};
