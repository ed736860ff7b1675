/** The errors that STS answers, as rows. https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
import { AwsError } from "../../protocol/aws-error.ts";

export type StsErrorRow = {
  readonly status: number;
  /** Whose fault it is, as the answer's `Type` says. */
  readonly type: "Sender" | "Receiver";
  /** Used where the one who throws says nothing more exact. */
  readonly message: string;
};

const sender = (status: number, message: string): StsErrorRow => ({ status, type: "Sender", message });
const receiver = (status: number, message: string): StsErrorRow => ({ status, type: "Receiver", message });

const ROWS = {
  AccessDenied: sender(403, "Access denied."),
  ExpiredToken: sender(403, "The security token included in the request is expired"),
  ExpiredTokenException: sender(400, "Token expired."),
  ExpiredTradeInTokenException: sender(
    400,
    "The trade-in token provided in the request has expired and can no longer be exchanged for credentials.",
  ),
  IDPRejectedClaim: sender(403, "The identity provider rejected the claim."),
  IncompleteSignature: sender(400, "The request signature does not conform to AWS standards."),
  InsufficientSessionLifetime: sender(
    400,
    "The requested DurationSeconds is greater than the remaining lifetime of the calling session.",
  ),
  InternalFailure: receiver(
    500,
    "The request processing has failed because of an unknown error, exception or failure.",
  ),
  InvalidAction: sender(400, "The action or operation requested is invalid."),
  InvalidAuthorizationMessageException: sender(400, "Message is not valid."),
  InvalidClientTokenId: sender(403, "The security token included in the request is invalid."),
  InvalidContextAssertion: sender(400, "The context assertion that was provided is invalid."),
  InvalidIdentityToken: sender(
    400,
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
  ),
  InvalidParameterValue: sender(400, "An invalid value was supplied for a parameter."),
  InvalidSubjectCredentials: sender(400, "The session used to call GetScopedCredentials is not a valid session."),
  MalformedPolicyDocument: sender(400, "Syntax errors in policy."),
  MissingAction: sender(400, "The request is missing an action or a required parameter."),
  MissingAuthenticationToken: sender(403, "Request is missing Authentication Token"),
  NotImplemented: receiver(501, "This action is not implemented."),
  PackedPolicyTooLarge: sender(400, "The session token is larger than allowed."),
  RequestExpired: sender(400, "Request is expired."),
  SessionDurationEscalationException: sender(
    403,
    "The requested token duration would extend the session beyond its original expiration time.",
  ),
  SignatureDoesNotMatch: sender(
    403,
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  ),
  Throttling: sender(400, "Rate exceeded"),
  ValidationError: sender(400, "The input fails to satisfy the constraints specified by an AWS service."),
} satisfies Record<string, StsErrorRow>;

export type StsErrorCode = keyof typeof ROWS;

/** Every error that STS answers, by its code. */
export const STS_ERRORS: Readonly<Record<StsErrorCode, StsErrorRow>> = ROWS;

/** An error of this service: status and, unless given, message come from its row. */
export class StsError extends AwsError {
  constructor(code: StsErrorCode, options: { readonly message?: string } = {}) {
    const row = STS_ERRORS[code];
    super(code, {}, { status: row.status, message: options.message ?? row.message });
    this.name = "StsError";
  }
}
