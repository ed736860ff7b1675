/** From issued credentials to the members that every STS answer with credentials has. */
import { StsError } from "./errors.ts";
import { managedPolicyArns } from "./arn.ts";
import type { IssueOptions, IssuedCredentials, StsContext } from "./context.ts";

/** Bytes of a session token at most. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const SESSION_TOKEN_BYTES_MAX = 4096;

/** What the request says of how its session is narrowed and how large its token shall be. */
export type CredentialsInput = {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined;
  readonly MinimumSessionTokenSize?: number | undefined;
};

export type CredentialsOutput = {
  readonly Credentials: {
    readonly AccessKeyId: string;
    readonly SecretAccessKey: string;
    readonly SessionToken: string;
    readonly Expiration: Date;
  };
  /** Percent of the largest token. */
  readonly SessionTokenUtilization: number;
  readonly SessionTokenSize: number;
};

/** The options of `issue` that an inline policy and managed ones make. Throws for one that is malformed. */
export const sessionPolicies = (
  context: Pick<StsContext, "requireSessionPolicy">,
  { Policy, PolicyArns }: CredentialsInput,
): Pick<IssueOptions, "sessionPolicy" | "policyArns"> => {
  if (Policy !== undefined) context.requireSessionPolicy(Policy);
  return {
    ...(Policy !== undefined && { sessionPolicy: Policy }),
    ...(PolicyArns !== undefined && PolicyArns.length > 0 && { policyArns: managedPolicyArns(PolicyArns) }),
  };
};

/** Issues credentials and says what the answer tells of them. */
export const issueCredentials = (
  context: StsContext,
  input: CredentialsInput,
  options: IssueOptions,
): CredentialsOutput => {
  const { MinimumSessionTokenSize: tokenCharactersMin = 0 } = input;
  const issued = context.issue(tokenCharactersMin === 0 ? options : { ...options, tokenCharactersMin });
  const sizeBytes = Buffer.byteLength(issued.sessionToken);
  return {
    Credentials: credentialsMember(issued),
    SessionTokenUtilization: tokenUtilization(sizeBytes),
    SessionTokenSize: sizeBytes,
  };
};

const credentialsMember = (issued: IssuedCredentials): CredentialsOutput["Credentials"] => ({
  AccessKeyId: issued.accessKeyId,
  SecretAccessKey: issued.secretAccessKey,
  SessionToken: issued.sessionToken,
  Expiration: issued.expiration,
});

const tokenUtilization = (sizeBytes: number): number => Math.ceil((sizeBytes * 100) / SESSION_TOKEN_BYTES_MAX);

/** `PackedPolicySize`, which AWS answers only where the request passed policies or tags. */
export const packedPolicySize = (
  { SessionTokenUtilization }: CredentialsOutput,
  { sessionPolicy, policyArns, tags = [] }: Pick<IssueOptions, "sessionPolicy" | "policyArns" | "tags">,
): { readonly PackedPolicySize?: number } =>
  sessionPolicy !== undefined || policyArns !== undefined || tags.length > 0
    ? { PackedPolicySize: SessionTokenUtilization }
    : {};

/**
 * Whether the request names an MFA code. Any code of any device is right: no device is registered anywhere.
 * Throws `AccessDenied` when only one of the two is there.
 */
export const mfaOf = (input: {
  readonly SerialNumber?: string | undefined;
  readonly TokenCode?: string | undefined;
}): { readonly mfa?: true } => {
  const given = [input.SerialNumber, input.TokenCode].filter((member) => member !== undefined).length;
  if (given === 1) {
    throw new StsError("AccessDenied", {
      message: "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
    });
  }
  return given === 2 ? { mfa: true } : {};
};
