/**
 * The headers that an object keeps: system metadata and the client's own.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
import { storedContentEncoding } from "../../protocol/aws-chunked/body-facts.ts";
import type { ObjectAttributes } from "../../state/model.ts";
import { S3Error } from "./errors.ts";
import { METADATA_BYTES_MAX, REDIRECT_BYTES_MAX } from "./limits.ts";

/** Members of an input that an object's headers are read from. */
export type ObjectHeaderInput = {
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly ContentType?: string | undefined;
  readonly ExpiresText?: string | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
};

const DEFAULT_CONTENT_TYPE = "binary/octet-stream";
const REDIRECT_PREFIXES = ["/", "http://", "https://"];

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/**
 * The attributes that a write's headers give an object.
 * Errors: MetadataTooLarge, InvalidRedirectLocation.
 */
export const readObjectHeaders = (input: ObjectHeaderInput): Mutable<ObjectAttributes> => {
  const attributes: Mutable<ObjectAttributes> = { contentType: input.ContentType ?? DEFAULT_CONTENT_TYPE };
  if (input.CacheControl !== undefined) attributes.cacheControl = input.CacheControl;
  if (input.ContentDisposition !== undefined) attributes.contentDisposition = input.ContentDisposition;
  if (input.ContentLanguage !== undefined) attributes.contentLanguage = input.ContentLanguage;
  if (input.ExpiresText !== undefined) attributes.expires = input.ExpiresText;
  const encoding = input.ContentEncoding === undefined ? undefined : storedContentEncoding(input.ContentEncoding);
  if (encoding !== undefined) attributes.contentEncoding = encoding;
  if (input.WebsiteRedirectLocation !== undefined) {
    attributes.websiteRedirectLocation = readRedirect(input.WebsiteRedirectLocation);
  }
  const { Metadata: metadata } = input;
  if (metadata !== undefined && hasMembers(metadata)) {
    assertMetadataSize(metadata);
    attributes.metadata = metadata;
  }
  return attributes;
};

const hasMembers = (record: object): boolean => {
  for (const _ in record) return true;
  return false;
};

/** Errors: InvalidRedirectLocation. */
const readRedirect = (location: string): string => {
  if (Buffer.byteLength(location) > REDIRECT_BYTES_MAX) {
    throw new S3Error(
      "InvalidRedirectLocation",
      {},
      { message: "The length of website redirect location cannot exceed 2,048 characters." },
    );
  }
  if (REDIRECT_PREFIXES.some((prefix) => location.startsWith(prefix))) return location;
  throw new S3Error("InvalidRedirectLocation");
};

const assertMetadataSize = (metadata: Readonly<Record<string, string>>): void => {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  if (bytes <= METADATA_BYTES_MAX) return;
  throw new S3Error("MetadataTooLarge", { Size: String(bytes), MaxSizeAllowed: String(METADATA_BYTES_MAX) });
};

/** The same as members of an output. */
type ObjectHeaderMembers = {
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentType?: string;
  ExpiresText?: string;
  WebsiteRedirectLocation?: string;
  Metadata?: Record<string, string>;
  MissingMeta?: number;
};

/** What GET and HEAD answer of an object's headers. */
export const objectHeaderMembers = (attributes: ObjectAttributes): ObjectHeaderMembers => {
  const members: ObjectHeaderMembers = { ContentType: attributes.contentType ?? DEFAULT_CONTENT_TYPE };
  if (attributes.cacheControl !== undefined) members.CacheControl = attributes.cacheControl;
  if (attributes.contentDisposition !== undefined) members.ContentDisposition = attributes.contentDisposition;
  if (attributes.contentEncoding !== undefined) members.ContentEncoding = attributes.contentEncoding;
  if (attributes.contentLanguage !== undefined) members.ContentLanguage = attributes.contentLanguage;
  if (attributes.expires !== undefined) members.ExpiresText = attributes.expires;
  if (attributes.websiteRedirectLocation !== undefined) {
    members.WebsiteRedirectLocation = attributes.websiteRedirectLocation;
  }
  if (attributes.metadata !== undefined) Object.assign(members, metadataMembers(attributes.metadata));
  return members;
};

// eslint-disable-next-line no-control-regex
const ASCII = /^[\x20-\x7e\t]*$/;

/** What a header's name may have. Forms and presigned URLs can name others. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/;

/** Values beyond ASCII go out as RFC 2047 words, as S3 sends them; names that no header can have are only counted. */
const metadataMembers = (
  metadata: Readonly<Record<string, string>>,
): Pick<ObjectHeaderMembers, "Metadata" | "MissingMeta"> => {
  const shown: Record<string, string> = {};
  let missing = 0;
  for (const name in metadata) {
    const value = metadata[name] ?? "";
    if (!TOKEN.test(name)) missing += 1;
    else shown[name] = ASCII.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`;
  }
  return missing === 0 ? { Metadata: shown } : { Metadata: shown, MissingMeta: missing };
};

/** Query parameters of a read that replace what the object keeps. */
type ResponseOverrides = {
  readonly ResponseCacheControl?: string | undefined;
  readonly ResponseContentDisposition?: string | undefined;
  readonly ResponseContentEncoding?: string | undefined;
  readonly ResponseContentLanguage?: string | undefined;
  readonly ResponseContentType?: string | undefined;
  readonly ResponseExpiresText?: string | undefined;
};

/** The members that a read's overrides give; undefined where it has none. */
export const overrideMembers = (input: ResponseOverrides): ObjectHeaderMembers | undefined => {
  const members: ObjectHeaderMembers = {};
  if (input.ResponseCacheControl !== undefined) members.CacheControl = input.ResponseCacheControl;
  if (input.ResponseContentDisposition !== undefined) members.ContentDisposition = input.ResponseContentDisposition;
  if (input.ResponseContentEncoding !== undefined) members.ContentEncoding = input.ResponseContentEncoding;
  if (input.ResponseContentLanguage !== undefined) members.ContentLanguage = input.ResponseContentLanguage;
  if (input.ResponseContentType !== undefined) members.ContentType = input.ResponseContentType;
  if (input.ResponseExpiresText !== undefined) members.ExpiresText = input.ResponseExpiresText;
  return hasMembers(members) ? members : undefined;
};
