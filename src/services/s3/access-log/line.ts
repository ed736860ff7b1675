/**
 * A line of a server access log, field by field.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
 */

/** What a line says. An absent member is written as `-`. */
export type AccessLine = {
  /** Canonical id. */
  readonly bucketOwner: string;
  readonly bucket: string;
  /** World time at which the request came in, in milliseconds since 1970. */
  readonly receivedAtMs: number;
  readonly remoteIp?: string | undefined;
  /** Canonical id of a root, ARN of anybody else; absent for who is not signed. */
  readonly requester?: string | undefined;
  readonly requestId: string;
  /** `REST.GET.OBJECT` */
  readonly operation: string;
  readonly key?: string | undefined;
  /** `GET /bucket/key HTTP/1.1`, as it was sent. */
  readonly requestUri?: string | undefined;
  readonly status?: number | undefined;
  readonly errorCode?: string | undefined;
  readonly bytesSent?: number | undefined;
  readonly objectBytes?: number | undefined;
  /** Milliseconds from the request to the last byte of its answer. */
  readonly totalMs?: number | undefined;
  /** Milliseconds that it took to know the answer. */
  readonly turnAroundMs?: number | undefined;
  readonly referrer?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly versionId?: string | undefined;
  readonly hostId?: string | undefined;
  readonly signatureVersion?: "SigV2" | "SigV4" | undefined;
  readonly cipherSuite?: string | undefined;
  readonly authenticationType?: "AuthHeader" | "QueryString" | undefined;
  readonly hostHeader?: string | undefined;
  /** `TLSv1.3` */
  readonly tlsVersion?: string | undefined;
  readonly accessPointArn?: string | undefined;
  /** Whether the request would have been refused without an ACL. */
  readonly aclRequired?: boolean | undefined;
  readonly sourceRegion?: string | undefined;
};

const NOTHING = "-";
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** `[06/Feb/2019:00:00:38 +0000]` */
const timeText = (timeMs: number): string => {
  const time = new Date(timeMs);
  const date = `${twoDigits(time.getUTCDate())}/${MONTHS[time.getUTCMonth()] ?? ""}/${time.getUTCFullYear()}`;
  const hours = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(twoDigits).join(":");
  return `[${date}:${hours} +0000]`;
};

/** What would end a field or a line is escaped. */
const bare = (text: string | undefined): string =>
  text === undefined || text === "" ? NOTHING : text.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponent);

const quoted = (text: string | undefined): string =>
  `"${text === undefined || text === "" ? NOTHING : text.replaceAll(/[^\x20-\x7e]|"/gu, encodeURIComponent)}"`;

/** AWS writes a key URL-encoded, and that URL-encoded once more. */
const keyText = (key: string | undefined): string => {
  if (key === undefined || key === "") return NOTHING;
  return encodeURIComponent(encodeURIComponent(key).replaceAll("%2F", "/")).replaceAll("%2F", "/");
};

const count = (value: number | undefined): string => (value === undefined ? NOTHING : String(value));

/** The line, without its end. */
export const accessLine = (line: AccessLine): string =>
  [
    line.bucketOwner,
    line.bucket,
    timeText(line.receivedAtMs),
    bare(line.remoteIp),
    bare(line.requester),
    line.requestId,
    line.operation,
    keyText(line.key),
    quoted(line.requestUri),
    count(line.status),
    bare(line.errorCode),
    // No bytes are not told.
    line.bytesSent === 0 ? NOTHING : count(line.bytesSent),
    count(line.objectBytes),
    count(line.totalMs),
    count(line.turnAroundMs),
    quoted(line.referrer),
    quoted(line.userAgent),
    bare(line.versionId),
    bare(line.hostId),
    bare(line.signatureVersion),
    bare(line.cipherSuite),
    bare(line.authenticationType),
    bare(line.hostHeader),
    bare(line.tlsVersion),
    bare(line.accessPointArn),
    line.aclRequired === true ? "Yes" : NOTHING,
    bare(line.sourceRegion),
  ].join(" ");
