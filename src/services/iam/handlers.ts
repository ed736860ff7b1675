/** Every IAM operation that is built, by its name. */
import type { IamHandler, IamOperationName } from "./context.ts";
import { IamError } from "./errors.ts";
import { addClientIDToOpenIDConnectProvider } from "./operations/add-client-id-to-open-id-connect-provider.ts";
import {
  attachRolePolicy,
  attachUserPolicy,
  detachRolePolicy,
  detachUserPolicy,
  listAttachedRolePolicies,
  listAttachedUserPolicies,
} from "./operations/attached-policies.ts";
import { createAccessKey } from "./operations/create-access-key.ts";
import { createOpenIDConnectProvider } from "./operations/create-open-id-connect-provider.ts";
import { createPolicyVersion } from "./operations/create-policy-version.ts";
import { createPolicy } from "./operations/create-policy.ts";
import { createRole } from "./operations/create-role.ts";
import { createSamlProvider } from "./operations/create-saml-provider.ts";
import { createUser } from "./operations/create-user.ts";
import { deleteAccessKey } from "./operations/delete-access-key.ts";
import { deleteOpenIDConnectProvider } from "./operations/delete-open-id-connect-provider.ts";
import { deletePolicyVersion } from "./operations/delete-policy-version.ts";
import { deletePolicy } from "./operations/delete-policy.ts";
import { deleteRole } from "./operations/delete-role.ts";
import { deleteSamlProvider } from "./operations/delete-saml-provider.ts";
import { deleteUser } from "./operations/delete-user.ts";
import { getAccessKeyLastUsed } from "./operations/get-access-key-last-used.ts";
import { getOpenIDConnectProvider } from "./operations/get-open-id-connect-provider.ts";
import { getPolicyVersion } from "./operations/get-policy-version.ts";
import { getPolicy } from "./operations/get-policy.ts";
import { getRole } from "./operations/get-role.ts";
import { getSamlProvider } from "./operations/get-saml-provider.ts";
import { getUser } from "./operations/get-user.ts";
import {
  deleteRolePolicy,
  deleteUserPolicy,
  getRolePolicy,
  getUserPolicy,
  listRolePolicies,
  listUserPolicies,
  putRolePolicy,
  putUserPolicy,
} from "./operations/inline-policies.ts";
import { listAccessKeys } from "./operations/list-access-keys.ts";
import { listEntitiesForPolicy } from "./operations/list-entities-for-policy.ts";
import {
  deleteLoginProfile,
  getLoginProfile,
  listAccountAliases,
  listMfaDevices,
  listServiceSpecificCredentials,
  listSigningCertificates,
  listSshPublicKeys,
  listVirtualMfaDevices,
} from "./operations/never-had.ts";
import { listGroupsForUser } from "./operations/list-groups-for-user.ts";
import { listInstanceProfilesForRole } from "./operations/list-instance-profiles-for-role.ts";
import { listOpenIDConnectProviders } from "./operations/list-open-id-connect-providers.ts";
import { listPolicies } from "./operations/list-policies.ts";
import { listPolicyVersions } from "./operations/list-policy-versions.ts";
import { listRoles } from "./operations/list-roles.ts";
import { listSamlProviders } from "./operations/list-saml-providers.ts";
import { listUsers } from "./operations/list-users.ts";
import {
  deleteRolePermissionsBoundary,
  deleteUserPermissionsBoundary,
  putRolePermissionsBoundary,
  putUserPermissionsBoundary,
} from "./operations/permissions-boundaries.ts";
import { removeClientIDFromOpenIDConnectProvider } from "./operations/remove-client-id-from-open-id-connect-provider.ts";
import { setDefaultPolicyVersion } from "./operations/set-default-policy-version.ts";
import {
  listOpenIDConnectProviderTags,
  listPolicyTags,
  listRoleTags,
  listSamlProviderTags,
  listUserTags,
  tagOpenIDConnectProvider,
  tagPolicy,
  tagRole,
  tagSamlProvider,
  tagUser,
  untagOpenIDConnectProvider,
  untagPolicy,
  untagRole,
  untagSamlProvider,
  untagUser,
} from "./operations/tags.ts";
import { updateAccessKey } from "./operations/update-access-key.ts";
import { updateAssumeRolePolicy } from "./operations/update-assume-role-policy.ts";
import { updateOpenIDConnectProviderThumbprint } from "./operations/update-open-id-connect-provider-thumbprint.ts";
import { updateRoleDescription } from "./operations/update-role-description.ts";
import { updateRole } from "./operations/update-role.ts";
import { updateSamlProvider } from "./operations/update-saml-provider.ts";
import { updateUser } from "./operations/update-user.ts";
import { validateInput } from "./validate.ts";

/** A handler that gets only callers who signed, and inputs which meet its operation's constraints. */
const built =
  <N extends IamOperationName>(operation: N, handler: IamHandler<N>): IamHandler<N> =>
  async (context, input) => {
    if (context.caller.principal.kind === "Anonymous") throw new IamError("MissingAuthenticationToken");
    validateInput(operation, input);
    return handler(context, input);
  };

/** Total: an operation of the generated model without a row here does not compile. */
export const IAM_HANDLERS: { readonly [N in IamOperationName]: IamHandler<N> } = {
  AddClientIDToOpenIDConnectProvider: built("AddClientIDToOpenIDConnectProvider", addClientIDToOpenIDConnectProvider),
  AttachRolePolicy: built("AttachRolePolicy", attachRolePolicy),
  AttachUserPolicy: built("AttachUserPolicy", attachUserPolicy),
  CreateAccessKey: built("CreateAccessKey", createAccessKey),
  CreateOpenIDConnectProvider: built("CreateOpenIDConnectProvider", createOpenIDConnectProvider),
  CreatePolicy: built("CreatePolicy", createPolicy),
  CreatePolicyVersion: built("CreatePolicyVersion", createPolicyVersion),
  CreateRole: built("CreateRole", createRole),
  CreateSAMLProvider: built("CreateSAMLProvider", createSamlProvider),
  CreateUser: built("CreateUser", createUser),
  DeleteAccessKey: built("DeleteAccessKey", deleteAccessKey),
  DeleteLoginProfile: built("DeleteLoginProfile", deleteLoginProfile),
  DeleteOpenIDConnectProvider: built("DeleteOpenIDConnectProvider", deleteOpenIDConnectProvider),
  DeletePolicy: built("DeletePolicy", deletePolicy),
  DeletePolicyVersion: built("DeletePolicyVersion", deletePolicyVersion),
  DeleteRole: built("DeleteRole", deleteRole),
  DeleteRolePermissionsBoundary: built("DeleteRolePermissionsBoundary", deleteRolePermissionsBoundary),
  DeleteRolePolicy: built("DeleteRolePolicy", deleteRolePolicy),
  DeleteSAMLProvider: built("DeleteSAMLProvider", deleteSamlProvider),
  DeleteUser: built("DeleteUser", deleteUser),
  DeleteUserPermissionsBoundary: built("DeleteUserPermissionsBoundary", deleteUserPermissionsBoundary),
  DeleteUserPolicy: built("DeleteUserPolicy", deleteUserPolicy),
  DetachRolePolicy: built("DetachRolePolicy", detachRolePolicy),
  DetachUserPolicy: built("DetachUserPolicy", detachUserPolicy),
  GetAccessKeyLastUsed: built("GetAccessKeyLastUsed", getAccessKeyLastUsed),
  GetLoginProfile: built("GetLoginProfile", getLoginProfile),
  GetOpenIDConnectProvider: built("GetOpenIDConnectProvider", getOpenIDConnectProvider),
  GetPolicy: built("GetPolicy", getPolicy),
  GetPolicyVersion: built("GetPolicyVersion", getPolicyVersion),
  GetRole: built("GetRole", getRole),
  GetRolePolicy: built("GetRolePolicy", getRolePolicy),
  GetSAMLProvider: built("GetSAMLProvider", getSamlProvider),
  GetUser: built("GetUser", getUser),
  GetUserPolicy: built("GetUserPolicy", getUserPolicy),
  ListAccessKeys: built("ListAccessKeys", listAccessKeys),
  ListAccountAliases: built("ListAccountAliases", listAccountAliases),
  ListAttachedRolePolicies: built("ListAttachedRolePolicies", listAttachedRolePolicies),
  ListAttachedUserPolicies: built("ListAttachedUserPolicies", listAttachedUserPolicies),
  ListEntitiesForPolicy: built("ListEntitiesForPolicy", listEntitiesForPolicy),
  ListGroupsForUser: built("ListGroupsForUser", listGroupsForUser),
  ListInstanceProfilesForRole: built("ListInstanceProfilesForRole", listInstanceProfilesForRole),
  ListMFADevices: built("ListMFADevices", listMfaDevices),
  ListOpenIDConnectProviderTags: built("ListOpenIDConnectProviderTags", listOpenIDConnectProviderTags),
  ListOpenIDConnectProviders: built("ListOpenIDConnectProviders", listOpenIDConnectProviders),
  ListPolicies: built("ListPolicies", listPolicies),
  ListPolicyTags: built("ListPolicyTags", listPolicyTags),
  ListPolicyVersions: built("ListPolicyVersions", listPolicyVersions),
  ListRolePolicies: built("ListRolePolicies", listRolePolicies),
  ListRoleTags: built("ListRoleTags", listRoleTags),
  ListRoles: built("ListRoles", listRoles),
  ListSAMLProviderTags: built("ListSAMLProviderTags", listSamlProviderTags),
  ListSAMLProviders: built("ListSAMLProviders", listSamlProviders),
  ListSSHPublicKeys: built("ListSSHPublicKeys", listSshPublicKeys),
  ListServiceSpecificCredentials: built("ListServiceSpecificCredentials", listServiceSpecificCredentials),
  ListSigningCertificates: built("ListSigningCertificates", listSigningCertificates),
  ListUserPolicies: built("ListUserPolicies", listUserPolicies),
  ListUserTags: built("ListUserTags", listUserTags),
  ListUsers: built("ListUsers", listUsers),
  ListVirtualMFADevices: built("ListVirtualMFADevices", listVirtualMfaDevices),
  PutRolePermissionsBoundary: built("PutRolePermissionsBoundary", putRolePermissionsBoundary),
  PutRolePolicy: built("PutRolePolicy", putRolePolicy),
  PutUserPermissionsBoundary: built("PutUserPermissionsBoundary", putUserPermissionsBoundary),
  PutUserPolicy: built("PutUserPolicy", putUserPolicy),
  RemoveClientIDFromOpenIDConnectProvider: built(
    "RemoveClientIDFromOpenIDConnectProvider",
    removeClientIDFromOpenIDConnectProvider,
  ),
  SetDefaultPolicyVersion: built("SetDefaultPolicyVersion", setDefaultPolicyVersion),
  TagOpenIDConnectProvider: built("TagOpenIDConnectProvider", tagOpenIDConnectProvider),
  TagPolicy: built("TagPolicy", tagPolicy),
  TagRole: built("TagRole", tagRole),
  TagSAMLProvider: built("TagSAMLProvider", tagSamlProvider),
  TagUser: built("TagUser", tagUser),
  UntagOpenIDConnectProvider: built("UntagOpenIDConnectProvider", untagOpenIDConnectProvider),
  UntagPolicy: built("UntagPolicy", untagPolicy),
  UntagRole: built("UntagRole", untagRole),
  UntagSAMLProvider: built("UntagSAMLProvider", untagSamlProvider),
  UntagUser: built("UntagUser", untagUser),
  UpdateAccessKey: built("UpdateAccessKey", updateAccessKey),
  UpdateAssumeRolePolicy: built("UpdateAssumeRolePolicy", updateAssumeRolePolicy),
  UpdateOpenIDConnectProviderThumbprint: built(
    "UpdateOpenIDConnectProviderThumbprint",
    updateOpenIDConnectProviderThumbprint,
  ),
  UpdateRole: built("UpdateRole", updateRole),
  UpdateRoleDescription: built("UpdateRoleDescription", updateRoleDescription),
  UpdateSAMLProvider: built("UpdateSAMLProvider", updateSamlProvider),
  UpdateUser: built("UpdateUser", updateUser),
};
