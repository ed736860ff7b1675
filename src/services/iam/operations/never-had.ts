/**
 * What users and accounts may have on AWS and never have here: passwords, second factors, keys and certificates of other kinds. Tools
 * ask for it before they delete a user, and are told that there is none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users_remove.html
 */
import type { IamContext, IamHandler } from "../context.ts";
import { requireHolder } from "../entities.ts";
import { IamError } from "../errors.ts";

/** Throws NoSuchEntity. */
const requireUser = async ({ world, caller: { accountId } }: IamContext, name: string | undefined): Promise<void> => {
  if (name !== undefined) await world.read((view) => requireHolder(view, { accountId, kind: "user", name }));
};

const noLoginProfile = (name: string | undefined): IamError =>
  new IamError("NoSuchEntity", `Login Profile for User ${name ?? ""} cannot be found.`);

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html */
export const getLoginProfile: IamHandler<"GetLoginProfile"> = async (context, { UserName }) => {
  await requireUser(context, UserName);
  throw noLoginProfile(UserName);
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html */
export const deleteLoginProfile: IamHandler<"DeleteLoginProfile"> = async (context, { UserName }) => {
  await requireUser(context, UserName);
  throw noLoginProfile(UserName);
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html */
export const listMfaDevices: IamHandler<"ListMFADevices"> = async (context, { UserName }) => {
  await requireUser(context, UserName);
  return { MFADevices: [], IsTruncated: false };
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html */
export const listVirtualMfaDevices: IamHandler<"ListVirtualMFADevices"> = async () => ({
  VirtualMFADevices: [],
  IsTruncated: false,
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSSHPublicKeys.html */
export const listSshPublicKeys: IamHandler<"ListSSHPublicKeys"> = async (context, { UserName }) => {
  await requireUser(context, UserName);
  return { SSHPublicKeys: [], IsTruncated: false };
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSigningCertificates.html */
export const listSigningCertificates: IamHandler<"ListSigningCertificates"> = async (context, { UserName }) => {
  await requireUser(context, UserName);
  return { Certificates: [], IsTruncated: false };
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServiceSpecificCredentials.html */
export const listServiceSpecificCredentials: IamHandler<"ListServiceSpecificCredentials"> = async (
  context,
  { UserName },
) => {
  await requireUser(context, UserName);
  return { ServiceSpecificCredentials: [] };
};

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html */
export const listAccountAliases: IamHandler<"ListAccountAliases"> = async () => ({
  AccountAliases: [],
  IsTruncated: false,
});
