import { deleteIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { requireModifiable } from "../entities.ts";
import { requireSaml } from "../providers.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSAMLProvider.html */
export const deleteSamlProvider: IamHandler<"DeleteSAMLProvider"> = async (
  { world, caller: { accountId } },
  { SAMLProviderArn },
) => {
  await world.transact(async (tx) => {
    const held = await requireSaml(tx, { accountId, arn: SAMLProviderArn });
    requireModifiable(held, `the provider ${SAMLProviderArn}`);
    await deleteIdentity(tx, held.identity, "account");
  });
  return {};
};
