/** The ARNs that STS requests name. */
import type { Partition } from "../../protocol/caller.ts";
import { StsError } from "./errors.ts";

export type RoleArn = {
  readonly partition: Partition;
  readonly accountId: string;
  readonly roleName: string;
  /** With both slashes, `/team/`; absent for `/`. */
  readonly rolePath?: string;
};

export type SamlProviderArn = {
  readonly partition: Partition;
  readonly accountId: string;
  readonly providerName: string;
};

const IAM_ARN = /^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):(.*)$/s;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: slashes at both ends, 512 characters.
const PATH = /^\/(?:[!-~]{0,510}\/)?$/;
const PROVIDER_NAME = /^[\w._-]{1,128}$/;

const parseIamArn = (arn: string): { partition: Partition; accountId: string; resource: string } | undefined => {
  const match = IAM_ARN.exec(arn);
  if (!match) return undefined;
  const [, partition, accountId, resource] = match;
  return { partition: partition as Partition, accountId: accountId!, resource: resource! };
};

// AWS's words for any ARN that it cannot use.
const invalidArn = (arn: string): StsError => new StsError("ValidationError", { message: `${arn} is invalid` });

/** Takes a role's ARN apart. Throws `ValidationError` for anything else. */
export const parseRoleArn = (arn: string): RoleArn => {
  const parsed = parseIamArn(arn);
  if (!parsed?.resource.startsWith("role/")) throw invalidArn(arn);
  const { partition, accountId, resource } = parsed;
  const nameStart = resource.lastIndexOf("/") + 1;
  const rolePath = resource.slice("role".length, nameStart);
  const roleName = resource.slice(nameStart);
  if (!ROLE_NAME.test(roleName) || !PATH.test(rolePath)) throw invalidArn(arn);
  return { partition, accountId, roleName, ...(rolePath !== "/" && { rolePath }) };
};

/** Takes a SAML provider's ARN apart. Throws `ValidationError` for anything else. */
export const parseSamlProviderArn = (arn: string): SamlProviderArn => {
  const parsed = parseIamArn(arn);
  const providerName = parsed?.resource.startsWith("saml-provider/")
    ? parsed.resource.slice("saml-provider/".length)
    : "";
  if (!parsed || !PROVIDER_NAME.test(providerName)) throw invalidArn(arn);
  return { partition: parsed.partition, accountId: parsed.accountId, providerName };
};

/** The account that AssumeRoot targets: twelve digits, or the ARN of the account's root. Throws `ValidationError` for anything else. */
export const parseTargetPrincipal = (
  target: string,
): { readonly accountId: string; readonly partition?: Partition } => {
  if (/^[0-9]{12}$/.test(target)) return { accountId: target };
  const parsed = parseIamArn(target);
  if (parsed?.resource !== "root") throw invalidArn(target);
  return { accountId: parsed.accountId, partition: parsed.partition };
};

const MANAGED_POLICY_ARN = /^arn:(?:aws|aws-cn|aws-us-gov):iam::(?:[0-9]{12}|aws):policy\/[!-~]+$/;

/** The ARNs of managed session policies. Throws `ValidationError` for one that names no policy. */
export const managedPolicyArns = (descriptors: readonly { readonly arn?: string | undefined }[] = []): string[] =>
  descriptors.map(({ arn }) => {
    if (arn === undefined || !MANAGED_POLICY_ARN.test(arn)) throw invalidArn(arn ?? "null");
    return arn;
  });
