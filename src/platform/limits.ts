/**
 * Every size, count, depth and time that bounds a request or a connection, in one place and by name. Units are in the names.
 * A limit that AWS documents says so; the others keep one client from taking the server away from the rest.
 */

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Threads for file and hash work. Node's 4 are soon all waiting for the disk. */
export const THREADS = 16;

/** Limits of the listeners of both planes. */
export type HttpLimits = {
  /** Request line and headers together. S3 itself refuses more than 8 KiB of headers; that is judged in the pipeline. */
  readonly headerBytesMax: number;
  /** Headers of one request; Node drops those above it. */
  readonly headersMax: number;
  /** From the opening of a connection to its first byte, and from a request's first byte to the end of its headers. */
  readonly headersMsMax: number;
  /** How long an idle connection is kept. Longer than the pools of the AWS SDKs keep theirs, so that no client meets a closing one. */
  readonly keepAliveMs: number;
  /** How long a body may make no progress in either direction; there is no limit on the whole of it. */
  readonly bodyIdleMsMax: number;
  /** How often the two times above are looked at. */
  readonly checkMs: number;
  /** An early answer leaves the rest of the request's body; so much of it is read and thrown away, to keep the connection. */
  readonly drainBytesMax: number;
  /** How long that may take. */
  readonly drainMsMax: number;
  /** Unread bytes of a response that one connection may hold before its source is paused. */
  readonly responseBufferBytes: number;
  /** How long a graceful stop waits for requests in flight. */
  readonly stopGraceMs: number;
  /** Streams that one HTTP/2 connection may have open. */
  readonly http2StreamsMax: number;
};

export const HTTP_LIMITS: HttpLimits = {
  headerBytesMax: 64 * KIB,
  headersMax: 2000,
  headersMsMax: 60_000,
  keepAliveMs: 75_000,
  bodyIdleMsMax: 120_000,
  checkMs: 5_000,
  drainBytesMax: 4 * MIB,
  drainMsMax: 5_000,
  responseBufferBytes: 64 * KIB,
  stopGraceMs: 10_000,
  http2StreamsMax: 1000,
};

/** When an operation that may take long begins to answer although it is not done. */
export type LateAnswerTimes = {
  /** How long it is waited for before. AWS does not say; the SDKs' clients wait a minute for the first byte. */
  readonly afterMs: number;
  /** How often white space is sent then, so that nobody takes the connection for dead. */
  readonly everyMs: number;
};

export const LATE_ANSWER: LateAnswerTimes = { afterMs: 10_000, everyMs: 5_000 };

/** A request's body up to here is taken in one piece instead of as a stream, which costs a small request more than its bytes. */
export const WHOLE_BODY_BYTES_MAX = 32 * KIB;

/** Names and values of a request's headers, as S3 counts them. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export const S3_HEADER_BYTES_MAX = 8 * KIB;

/** A browser's form up to its file's first byte. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html */
export const POST_FIELDS_BYTES_MAX = 20 * KIB;

/** A document (XML or policy) in a request to S3. The largest that AWS takes is CompleteMultipartUpload's with 10,000 parts. */
export const DOCUMENT_BYTES_MAX = 4 * MIB;

/** The urlencoded body of a query-protocol request (STS). */
export const QUERY_BODY_BYTES_MAX = MIB;

/** Pieces of work of one account and kind that are done at a time when they fall due: about a transaction's worth. */
export const DUE_SLICE_MAX = 100;

/** How long lines of access logs wait for their delivery, unless the world says otherwise; S3 takes up to some hours. */
export const ACCESS_LOG_DELAY_MS = 300_000;

/** Events that an account's journal of events keeps; the oldest go first. */
export const EVENTS_KEPT_MAX = 10_000;

/** How events are posted to a world's webhook. */
export const WEBHOOK = {
  /** How long an answer is waited for, in real time. */
  msMax: 5_000,
  /** How long one that did not answer in time is not asked again, in real time. */
  hangingMs: 5_000,
  /** How often it is tried to post an event. */
  attemptsMax: 8,
  /** World time from the first failure to the second attempt; doubled with each. */
  retryMs: 1_000,
  /** How many events of an account are posted at once; those of one key one after another. */
  parallelMax: 16,
} as const;
