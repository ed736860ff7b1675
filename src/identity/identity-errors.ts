/** What AWS answers when it cannot tell, or does not believe, who is calling. S3 and the query services word it differently. */
import { AwsError } from "../protocol/aws-error.ts";

/** `s3`: S3 and S3 Control. `query`: STS and IAM. It also decides how SigV4 canonicalises a path. */
export type ServiceFamily = "s3" | "query";

const refuse = (
  status: number,
  code: string,
  text: { readonly message: string; readonly fields?: Readonly<Record<string, string>> },
): AwsError => new AwsError(code, text.fields ?? {}, { status, message: text.message });

/** `2013-05-24T00:00:00Z` */
const isoSeconds = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");

/** `20130524T000000Z` */
export const basicSeconds = (timeMs: number): string => isoSeconds(timeMs).replaceAll(/[-:]/g, "");

/** Where a credential stood: in the Authorization header or in the query of a presigned URL. */
export type CredentialPlace = "header" | "query";

/** A SigV4 Authorization header or query parameter that cannot be read. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const malformedAuthorization = (
  family: ServiceFamily,
  options: {
    readonly place: CredentialPlace;
    readonly problem: string;
    readonly fields?: Readonly<Record<string, string>>;
  },
): AwsError => {
  const { place, problem, fields = {} } = options;
  if (family === "query") return refuse(400, "IncompleteSignature", { message: problem });
  return place === "header"
    ? refuse(400, "AuthorizationHeaderMalformed", {
        message: `The authorization header is malformed; ${problem}`,
        fields,
      })
    : refuse(400, "AuthorizationQueryParametersError", {
        message: `Error parsing the X-Amz-Credential parameter; ${problem}`,
        fields,
      });
};

/** A presigned URL whose parameters are missing or out of range. */
export const badQueryParameters = (family: ServiceFamily, message: string): AwsError =>
  refuse(400, family === "s3" ? "AuthorizationQueryParametersError" : "IncompleteSignature", { message });

export const missingV2Parameters = (): AwsError =>
  refuse(403, "AccessDenied", {
    message: "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
  });

export const severalMechanisms = (authorization: string): AwsError =>
  refuse(400, "InvalidArgument", {
    message:
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
    fields: { ArgumentName: "Authorization", ArgumentValue: authorization },
  });

export const unsupportedAuthorization = (family: ServiceFamily, authorization: string): AwsError =>
  family === "s3"
    ? refuse(400, "InvalidArgument", {
        message: "Unsupported Authorization Type",
        fields: { ArgumentName: "Authorization", ArgumentValue: authorization },
      })
    : refuse(400, "IncompleteSignature", { message: "Unsupported Authorization Type" });

export const sigV4ANotBuilt = (): AwsError =>
  refuse(501, "NotImplemented", { message: "Signature Version 4A (AWS4-ECDSA-P256-SHA256) is not implemented." });

export const missingDate = (family: ServiceFamily): AwsError =>
  family === "s3"
    ? refuse(403, "AccessDenied", { message: "AWS authentication requires a valid Date or x-amz-date header" })
    : refuse(400, "IncompleteSignature", {
        message: "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
      });

export const missingPayloadHash = (): AwsError =>
  refuse(400, "InvalidRequest", { message: "Missing required header for this request: x-amz-content-sha256" });

export const headersNotSigned = (names: readonly string[]): AwsError =>
  refuse(403, "AccessDenied", {
    message: "There were headers present in the request which were not signed",
    fields: { HeadersNotSigned: names.join(", ") },
  });

/** A signature that says nothing of the host holds for every one. */
export const hostNotSigned = (family: ServiceFamily): AwsError =>
  family === "s3"
    ? headersNotSigned(["host"])
    : refuse(403, "SignatureDoesNotMatch", {
        message: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
      });

/** What was signed for one service is nothing to another. */
export const wrongService = (
  family: ServiceFamily,
  { service, place }: { readonly service: string; readonly place: CredentialPlace },
): AwsError =>
  family === "s3"
    ? malformedAuthorization(family, {
        place,
        problem: `incorrect service "${service}". This endpoint belongs to "s3".`,
      })
    : refuse(403, "SignatureDoesNotMatch", {
        message: "Credential should be scoped to correct service: 'sts'.",
      });

const hexBytes = (bytes: Buffer): string => (bytes.toString("hex").match(/../g) ?? []).join(" ");

/** STS and IAM show nothing of what was signed: also where the body is not the one whose hash a header tells. */
export const queryMismatch = (): AwsError =>
  refuse(403, "SignatureDoesNotMatch", {
    message:
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  });

/** `canonicalRequest` is left out for SigV2 and POST policies. Texts are latin1: one character a byte. */
export const signatureDoesNotMatch = (
  family: ServiceFamily,
  facts: {
    readonly accessKeyId: string;
    readonly signature: string;
    readonly stringToSign: string;
    readonly canonicalRequest?: string;
  },
): AwsError => {
  if (family === "query") return queryMismatch();
  const { canonicalRequest } = facts;
  return refuse(403, "SignatureDoesNotMatch", {
    message:
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    fields: {
      AWSAccessKeyId: facts.accessKeyId,
      StringToSign: facts.stringToSign,
      SignatureProvided: facts.signature,
      StringToSignBytes: hexBytes(Buffer.from(facts.stringToSign, "latin1")),
      ...(canonicalRequest === undefined
        ? {}
        : {
            CanonicalRequest: canonicalRequest,
            CanonicalRequestBytes: hexBytes(Buffer.from(canonicalRequest, "latin1")),
          }),
    },
  });
};

export const unknownAccessKey = (family: ServiceFamily, accessKeyId: string): AwsError =>
  family === "s3"
    ? refuse(403, "InvalidAccessKeyId", {
        message: "The AWS Access Key Id you provided does not exist in our records.",
        fields: { AWSAccessKeyId: accessKeyId },
      })
    : refuse(403, "InvalidClientTokenId", { message: "The security token included in the request is invalid." });

export const invalidToken = (family: ServiceFamily, sessionToken: string): AwsError =>
  family === "s3"
    ? refuse(400, "InvalidToken", {
        message: "The provided token is malformed or otherwise invalid.",
        fields: { "Token-0": sessionToken },
      })
    : refuse(403, "InvalidClientTokenId", { message: "The security token included in the request is invalid." });

export const expiredToken = (family: ServiceFamily, sessionToken: string): AwsError =>
  family === "s3"
    ? refuse(400, "ExpiredToken", {
        message: "The provided token has expired.",
        fields: { "Token-0": sessionToken },
      })
    : refuse(403, "ExpiredToken", { message: "The security token included in the request is expired" });

/** `expiresSeconds` is known for SigV4 only. */
export const expiredRequest = (
  family: ServiceFamily,
  facts: { readonly expiresAtMs: number; readonly nowMs: number; readonly expiresSeconds?: number },
): AwsError => {
  const { expiresAtMs, nowMs, expiresSeconds } = facts;
  if (family === "query") {
    return refuse(403, "SignatureDoesNotMatch", {
      message: `Signature expired: ${basicSeconds(expiresAtMs)} is now earlier than ${basicSeconds(nowMs)}`,
    });
  }
  return refuse(403, "AccessDenied", {
    message: "Request has expired",
    fields: {
      ...(expiresSeconds === undefined ? {} : { "X-Amz-Expires": String(expiresSeconds) }),
      Expires: isoSeconds(expiresAtMs),
      ServerTime: isoSeconds(nowMs),
    },
  });
};

export const notYetValid = (): AwsError => refuse(403, "AccessDenied", { message: "Request is not valid yet" });

export const timeTooSkewed = (
  family: ServiceFamily,
  facts: {
    readonly requestTime: string;
    readonly signedAtMs: number;
    readonly nowMs: number;
    readonly skewMsMax: number;
  },
): AwsError => {
  const { requestTime, signedAtMs, nowMs, skewMsMax } = facts;
  if (family === "s3") {
    return refuse(403, "RequestTimeTooSkewed", {
      message: "The difference between the request time and the current time is too large.",
      fields: {
        RequestTime: requestTime,
        ServerTime: isoSeconds(nowMs),
        MaxAllowedSkewMilliseconds: String(skewMsMax),
      },
    });
  }
  const minutes = `${skewMsMax / 60_000} min.`;
  const [signed, now] = [basicSeconds(signedAtMs), basicSeconds(nowMs)];
  return refuse(403, "SignatureDoesNotMatch", {
    message:
      signedAtMs < nowMs
        ? `Signature expired: ${signed} is now earlier than ${basicSeconds(nowMs - skewMsMax)} (${now} - ${minutes})`
        : `Signature not yet current: ${signed} is still later than ${basicSeconds(nowMs + skewMsMax)} (${now} + ${minutes})`,
  });
};

/** `x-moto-account-id` and its alias take twelve digits. */
export const badAccountHeader = (
  family: ServiceFamily,
  header: { readonly name: string; readonly value: string },
): AwsError => {
  const message = `The header ${header.name} must be an account id of twelve digits, not "${header.value}".`;
  return family === "s3"
    ? refuse(400, "InvalidArgument", { message, fields: { ArgumentName: header.name, ArgumentValue: header.value } })
    : refuse(400, "ValidationError", { message });
};

export const wrongRegion = (options: { readonly region: string; readonly expected: string }): AwsError =>
  refuse(400, "AuthorizationHeaderMalformed", {
    message: `The authorization header is malformed; the region '${options.region}' is wrong; expecting '${options.expected}'`,
    fields: { Region: options.expected },
  });

/** A POST form that says it is signed lacks a field. */
export const missingFormField = (field: string): AwsError =>
  refuse(400, "InvalidArgument", {
    message: `Bucket POST must contain a field named '${field}'.  If it is specified, please check the order of the fields.`,
    fields: { ArgumentName: field, ArgumentValue: "" },
  });

export const badFormField = (options: {
  readonly field: string;
  readonly value: string;
  readonly problem: string;
}): AwsError =>
  refuse(400, "InvalidArgument", {
    message: options.problem,
    fields: { ArgumentName: options.field, ArgumentValue: options.value },
  });

export const invalidPolicyDocument = (problem: string): AwsError =>
  refuse(400, "InvalidPolicyDocument", { message: `Invalid Policy: ${problem}` });

export const policyExpired = (): AwsError =>
  refuse(403, "AccessDenied", { message: "Invalid according to Policy: Policy expired." });

/** A condition of a POST policy that does not hold, as a list: `["eq", "$key", "v"]`. */
export const conditionFailed = (condition: readonly unknown[]): AwsError => {
  const list = condition.map((item) => JSON.stringify(item)).join(", ");
  return refuse(403, "AccessDenied", { message: `Invalid according to Policy: Policy Condition failed: [${list}]` });
};

/** Fields of a POST form that no condition of its policy allows. */
export const extraFields = (names: readonly string[]): AwsError =>
  refuse(403, "AccessDenied", { message: `Invalid according to Policy: Extra input fields: ${names.join(", ")}` });
