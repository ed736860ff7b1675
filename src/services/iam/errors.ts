/** The errors that IAM answers, as rows. https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
import { AwsError } from "../../protocol/aws-error.ts";

export type IamErrorRow = {
  readonly status: number;
  readonly type: "Sender" | "Receiver";
  /** Used where the one who throws says nothing more exact. */
  readonly message: string;
};

const sender = (status: number, message: string): IamErrorRow => ({ status, type: "Sender", message });
const receiver = (status: number, message: string): IamErrorRow => ({ status, type: "Receiver", message });

const ROWS = {
  AccessDenied: sender(403, "Access denied."),
  DeleteConflict: sender(409, "Cannot delete entity, it has entities that belong to it."),
  EntityAlreadyExists: sender(409, "The entity already exists."),
  IncompleteSignature: sender(400, "The request signature does not conform to AWS standards."),
  InternalFailure: receiver(
    500,
    "The request processing has failed because of an unknown error, exception or failure.",
  ),
  InvalidAction: sender(400, "The action or operation requested is invalid."),
  InvalidClientTokenId: sender(403, "The security token included in the request is invalid."),
  InvalidInput: sender(400, "An invalid or out-of-range value was supplied for an input parameter."),
  LimitExceeded: sender(409, "The request would exceed a quota of the account."),
  MalformedPolicyDocument: sender(400, "Syntax errors in policy."),
  MissingAction: sender(400, "The request is missing an action or a required parameter."),
  MissingAuthenticationToken: sender(403, "Request is missing Authentication Token"),
  NoSuchEntity: sender(404, "The entity cannot be found."),
  NotImplemented: receiver(501, "This action is not implemented."),
  UnmodifiableEntity: sender(400, "The entity cannot be modified by requests."),
  ValidationError: sender(400, "The input fails to satisfy the constraints specified by an AWS service."),
} satisfies Record<string, IamErrorRow>;

export type IamErrorCode = keyof typeof ROWS;

/** Every error that IAM answers, by its code. */
export const IAM_ERRORS: Readonly<Record<IamErrorCode, IamErrorRow>> = ROWS;

/** An error of this service: status and, unless given, message come from its row. */
export class IamError extends AwsError {
  constructor(code: IamErrorCode, message?: string) {
    const row = IAM_ERRORS[code];
    super(code, {}, { status: row.status, message: message ?? row.message });
    this.name = "IamError";
  }
}

/** AWS's words for what may be had only so many times. */
export const quotaExceeded = (quota: string, countMax: number): IamError =>
  new IamError("LimitExceeded", `Cannot exceed quota for ${quota}: ${countMax}`);
