/**
 * The errors of S3: a row each, and the class that carries one to the client.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
import { AwsError } from "../../protocol/aws-error.ts";
import { AccountChangedError, BucketGoneError, TooManyBucketsError } from "../../state/errors.ts";

export type ErrorRow = { readonly status: number; readonly message: string };

const row = (status: number, message: string): ErrorRow => ({ status, message });

const MALFORMED_XML = "The XML you provided was not well-formed or did not validate against our published schema";
const PRECONDITION = "At least one of the pre-conditions you specified did not hold";
const SIGNATURE =
  "The request signature we calculated does not match the signature you provided. Check your key and signing method.";

/** Status and usual text by code. Where AWS says another text under the same code, the thrower gives it. */
export const S3_ERRORS = {
  AccessControlListNotSupported: row(400, "The bucket does not allow ACLs"),
  AccessDenied: row(403, "Access Denied"),
  AccessForbidden: row(403, "Access Forbidden"),
  AccessPointAlreadyOwnedByYou: row(
    409,
    "Your previous request to create the named accesspoint succeeded and you already own it.",
  ),
  AccountProblem: row(403, "There is a problem with your AWS account that prevents the operation from completing."),
  AllAccessDisabled: row(403, "All access to this Amazon S3 resource has been disabled."),
  AmbiguousFieldName: row(400, "The request contains an ambiguous field name."),
  AmbiguousGrantByEmailAddress: row(400, "The email address you provided is associated with more than one account."),
  AnnotationLimitExceeded: row(400, "The request would exceed the maximum number of annotations allowed per object."),
  AnnotationNameTooLong: row(400, "The annotation name exceeds 512 bytes."),
  AuthorizationHeaderMalformed: row(400, "The authorization header that you provided is not valid."),
  AuthorizationQueryParametersError: row(400, "The authorization query parameters that you provided are not valid."),
  BadDigest: row(400, "The Content-MD5 you specified did not match what we received."),
  BadRequest: row(400, "Bad Request"),
  BucketAlreadyExists: row(
    409,
    "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.",
  ),
  BucketAlreadyOwnedByYou: row(
    409,
    "Your previous request to create the named bucket succeeded and you already own it.",
  ),
  BucketHasAccessPointsAttached: row(400, "Bucket has access points attached and cannot be deleted."),
  BucketNotEmpty: row(409, "The bucket you tried to delete is not empty"),
  ClientTokenConflict: row(409, "Your request cannot be completed because of a conflicting client token."),
  ConditionalRequestConflict: row(
    409,
    "The conditional request cannot succeed due to a conflicting operation against this resource.",
  ),
  CredentialsNotSupported: row(400, "This request does not support credentials."),
  CrossLocationLoggingProhibited: row(403, "Cross S3 location logging not allowed."),
  CrossLocationLoggingProhibitted: row(403, "Cross S3 location logging not allowed. "),
  DeviceNotActiveError: row(400, "The device is not currently active."),
  EndpointNotFound: row(400, "Direct requests to the correct endpoint."),
  EntityTooLarge: row(400, "Your proposed upload exceeds the maximum allowed size"),
  EntityTooSmall: row(400, "Your proposed upload is smaller than the minimum allowed size"),
  ExpiredToken: row(400, "The provided token has expired."),
  IdMismatch: row(400, "Document ID does not match the specified configuration ID."),
  IdempotencyParameterMismatch: row(
    400,
    "Parameters on this idempotent request are inconsistent with parameters used in previous request(s).",
  ),
  IllegalLocationConstraintException: row(
    400,
    "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.",
  ),
  IllegalVersioningConfigurationException: row(400, "The Versioning element must be specified"),
  IncompleteBody: row(400, "The request body terminated unexpectedly"),
  IncorrectEndpoint: row(
    400,
    "The specified bucket exists in another Region. Direct requests to the correct endpoint.",
  ),
  IncorrectNumberOfFilesInPostRequest: row(400, "POST requires exactly one file upload per request."),
  InlineDataTooLarge: row(400, "The inline data exceeds the maximum allowed size."),
  InternalError: row(500, "We encountered an internal error. Please try again."),
  InvalidAccessKeyId: row(403, "The AWS Access Key Id you provided does not exist in our records."),
  InvalidAccessPoint: row(400, "The specified access point name or account is not valid."),
  InvalidAccessPointAliasError: row(400, "The specified access point alias name is not valid."),
  InvalidAddressingHeader: row(400, "You must specify the Anonymous role."),
  InvalidAnnotationName: row(400, "The annotation name you provided is invalid."),
  InvalidArgument: row(400, "Invalid Argument"),
  InvalidBucketAclWithBlockPublicAccessError: row(
    400,
    "Bucket cannot have public ACLs set with BlockPublicAccess enabled",
  ),
  InvalidBucketAclWithObjectOwnership: row(
    400,
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
  ),
  InvalidBucketName: row(400, "The specified bucket is not valid."),
  InvalidBucketOwnerAWSAccountID: row(
    400,
    "The value of the expected bucket owner parameter must be an AWS Account ID",
  ),
  InvalidBucketState: row(409, "The request is not valid for the current state of the bucket."),
  InvalidDigest: row(400, "The Content-MD5 you specified was invalid."),
  InvalidEncryptionAlgorithmError: row(
    400,
    "The Encryption request you specified is not valid. Supported value: AES256.",
  ),
  InvalidHostHeader: row(400, "The host headers provided in the request used the incorrect style addressing."),
  InvalidHttpMethod: row(400, "The request was made using an unexpected HTTP method."),
  InvalidLocationConstraint: row(400, "The specified location-constraint is not valid"),
  InvalidObjectState: row(403, "The operation is not valid for the object's storage class"),
  InvalidPart: row(
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ),
  InvalidPartNumber: row(416, "The requested partnumber is not satisfiable"),
  InvalidPartOrder: row(400, "The list of parts was not in ascending order. Parts must be ordered by part number."),
  InvalidPayer: row(403, "All access to this object has been disabled."),
  InvalidPolicyDocument: row(
    400,
    "The content of the form does not meet the conditions specified in the policy document.",
  ),
  InvalidPrefix: row(400, "The annotation prefix you provided is invalid."),
  InvalidRange: row(416, "The requested range is not satisfiable"),
  InvalidRedirectLocation: row(
    400,
    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
  ),
  InvalidRegion: row(
    403,
    "You've attempted to create a Multi-Region Access Point in a Region that you haven't opted in to.",
  ),
  InvalidRequest: row(400, "Invalid Request"),
  InvalidS3DestinationBucket: row(400, "Invalid bucket ARN."),
  InvalidSessionException: row(400, "The session is not valid."),
  InvalidSignature: row(400, "The request signature that the server calculated does not match the one provided."),
  InvalidSOAPRequest: row(400, "The SOAP request body is invalid."),
  InvalidSecurity: row(403, "The provided security credentials are not valid."),
  InvalidStorageClass: row(400, "The storage class you specified is not valid"),
  InvalidTag: row(400, "The tag provided was not a valid tag."),
  InvalidTargetBucketForLogging: row(
    400,
    "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.",
  ),
  InvalidTargetStorageClass: row(400, "The target storage class is not valid."),
  InvalidToken: row(400, "The provided token is malformed or otherwise invalid."),
  InvalidURI: row(400, "Couldn't parse the specified URI."),
  InvalidWriteOffset: row(400, "The write offset value that you specified does not match the current object size."),
  KMSDisabledException: row(400, "The request was rejected because the specified KMS key isn't enabled."),
  KMSInvalidKeyUsageException: row(400, "The KMS key cannot be used for this operation."),
  KMSInvalidStateException: row(400, "The state of the KMS key is not valid for this request."),
  KMSNotFoundException: row(400, "The specified KMS key does not exist."),
  KeyTooLongError: row(400, "Your key is too long"),
  MalformedACLError: row(400, MALFORMED_XML),
  MalformedPOSTRequest: row(400, "The body of your POST request is not well-formed multipart/form-data."),
  MalformedPolicy: row(400, "Policies must be valid JSON and the first byte must be '{'"),
  MalformedXML: row(400, MALFORMED_XML),
  MaxMessageLengthExceeded: row(400, "Your request was too big."),
  MaxPostPreDataLengthExceededError: row(400, "Your POST request fields preceding the upload file were too large."),
  MetadataConfigurationAlreadyExists: row(409, "The metadata configuration already exists"),
  MetadataConfigurationNotFound: row(404, "The metadata configuration does not exist"),
  MetadataTooLarge: row(400, "Your metadata headers exceed the maximum allowed metadata size"),
  MethodNotAllowed: row(405, "The specified method is not allowed against this resource."),
  MissingAttachment: row(400, "A SOAP attachment was expected, but none was found."),
  MissingAuthenticationToken: row(403, "The request was not signed."),
  MissingContentLength: row(411, "You must provide the Content-Length HTTP header."),
  MissingRequestBodyError: row(400, "Request Body is empty"),
  MissingSecurityElement: row(400, "The SOAP 1.1 request is missing a security element."),
  MissingSecurityHeader: row(400, "Your request was missing a required header"),
  NoLoggingStatusForKey: row(400, "There is no such thing as a logging status subresource for a key."),
  NoSuchAccessPoint: row(404, "The specified accesspoint does not exist"),
  NoSuchAccessPointPolicy: row(404, "The specified accesspoint policy does not exist"),
  NoSuchAnnotation: row(404, "The specified annotation does not exist on this object."),
  NoSuchAsyncRequest: row(404, "The specified request was not found."),
  NoSuchBucket: row(404, "The specified bucket does not exist"),
  NoSuchBucketPolicy: row(404, "The bucket policy does not exist"),
  NoSuchCORSConfiguration: row(404, "The CORS configuration does not exist"),
  NoSuchConfiguration: row(404, "The specified configuration does not exist."),
  NoSuchKey: row(404, "The specified key does not exist."),
  NoSuchLifecycleConfiguration: row(404, "The lifecycle configuration does not exist"),
  NoSuchMultiRegionAccessPoint: row(404, "The specified Multi-Region Access Point does not exist."),
  NoSuchObjectLockConfiguration: row(404, "The specified object does not have a ObjectLock configuration"),
  NoSuchPublicAccessBlockConfiguration: row(404, "The public access block configuration was not found"),
  NoSuchResource: row(404, "The specified resource doesn't exist."),
  NoSuchTagSet: row(404, "The TagSet does not exist"),
  NoSuchUpload: row(
    404,
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
  ),
  NoSuchVersion: row(404, "The specified version does not exist."),
  NoSuchWebsiteConfiguration: row(404, "The specified bucket does not have a website configuration"),
  NotDeviceOwnerError: row(400, "The device that generated the token is not owned by the authenticated user."),
  NotImplemented: row(501, "A header you provided implies functionality that is not implemented"),
  /** Answered without a body. */
  NotModified: row(304, "Not Modified"),
  NotSignedUp: row(403, "Your account is not signed up for the Amazon S3 service."),
  ObjectLockConfigurationNotFoundError: row(404, "Object Lock configuration does not exist for this bucket"),
  OperationAborted: row(
    409,
    "A conflicting conditional operation is currently in progress against this resource. Please try again.",
  ),
  OwnershipControlsNotFoundError: row(404, "The bucket ownership controls were not found"),
  PermanentRedirect: row(
    301,
    "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
  ),
  PreconditionFailed: row(412, PRECONDITION),
  Redirect: row(307, "Please re-send this request to the specified temporary endpoint."),
  ReplicationConfigurationNotFoundError: row(404, "The replication configuration was not found"),
  RequestExpired: row(400, "Request has expired"),
  RequestHeaderSectionTooLarge: row(
    400,
    "Your request header section exceeds the maximum allowed request header section size.",
  ),
  RequestIsNotMultiPartContent: row(412, "Bucket POST must be of the enclosure-type multipart/form-data"),
  RequestTimeTooSkewed: row(403, "The difference between the request time and the current time is too large."),
  RequestTimeout: row(
    400,
    "Your socket connection to the server was not read from or written to within the timeout period.",
  ),
  RequestTorrentOfBucketError: row(400, "Requesting the torrent file of a bucket is not permitted."),
  ResponseInterrupted: row(400, "The response was interrupted."),
  RestoreAlreadyInProgress: row(409, "Object restore is already in progress"),
  ServerSideEncryptionConfigurationNotFoundError: row(404, "The server side encryption configuration was not found"),
  ServiceUnavailable: row(503, "Please reduce your request rate."),
  SignatureDoesNotMatch: row(403, SIGNATURE),
  SlowDown: row(503, "Please reduce your request rate."),
  TemporaryRedirect: row(
    307,
    "You are being redirected to the bucket while the Domain Name System (DNS) server is being updated.",
  ),
  TokenCodeInvalidError: row(400, "The serial number and/or token code you provided is not valid."),
  TokenRefreshRequired: row(400, "The provided token must be refreshed."),
  TooManyAccessPoints: row(400, "You have attempted to create more access points than are allowed for an account."),
  TooManyParts: row(
    400,
    "You have attempted to add more parts than the maximum of 10,000 that are allowed for this object.",
  ),
  TooManyBuckets: row(400, "You have attempted to create more buckets than allowed"),
  TooManyConfigurations: row(
    400,
    "You are attempting to create a new configuration but have already reached the limit.",
  ),
  TooManyTags: row(400, "The number of tags exceeds the limit of 50 tags."),
  UnauthorizedAccess: row(403, "The provided credentials cannot be used in this partition."),
  UnexpectedContent: row(400, "This request does not support content"),
  UnresolvableGrantByEmailAddress: row(400, "The email address you provided does not match any account on record."),
  UnsupportedMediaType: row(415, "The annotation payload is not valid UTF-8 encoded text."),
  UnsupportedArgument: row(400, "The request contained an unsupported argument."),
  UnsupportedSignature: row(400, "The provided request is signed with an unsupported STS Token version."),
  UserKeyMustBeSpecified: row(400, "The bucket POST must contain the specified field name."),
  ValidationError: row(400, "The request route that you specified is not valid."),
  XAmzContentSHA256Mismatch: row(400, "The provided 'x-amz-content-sha256' header does not match what was computed."),
} as const satisfies Readonly<Record<string, ErrorRow>>;

/** A code that has a row. */
export type S3ErrorCode = keyof typeof S3_ERRORS;

/** An error that is answered to an S3 client. Status and text come from its row; `message` replaces the text. */
export class S3Error extends AwsError {
  declare readonly code: S3ErrorCode;

  constructor(
    code: S3ErrorCode,
    fields: Readonly<Record<string, string>> = {},
    options: { readonly message?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(code, fields, { status: S3_ERRORS[code].status, message: S3_ERRORS[code].message, ...options });
    this.name = "S3Error";
  }
}

/** InvalidArgument about one argument; `value` as it was sent. */
export const invalidArgument = (
  message: string,
  { name, value }: { readonly name: string; readonly value: string },
): S3Error => new S3Error("InvalidArgument", { ArgumentName: name, ArgumentValue: value }, { message });

/** InvalidRequest with its text, which is all that tells one from another. */
export const invalidRequest = (message: string): S3Error => new S3Error("InvalidRequest", {}, { message });

/** A header that AWS refuses although it knows it. */
export const headerNotImplemented = (header: string, additionalMessage?: string): S3Error =>
  new S3Error("NotImplemented", { Header: header, ...(additionalMessage === undefined ? {} : { additionalMessage }) });

/** What a client is told when the state changed under its request; any other error as it is. */
export const fromStateError = (error: unknown): unknown => {
  if (error instanceof BucketGoneError) return new S3Error("NoSuchBucket", { BucketName: error.bucketName });
  if (error instanceof AccountChangedError) return new S3Error("OperationAborted");
  if (error instanceof TooManyBucketsError) return new S3Error("TooManyBuckets");
  return error;
};
