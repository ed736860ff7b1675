import { deleteIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { requireModifiable } from "../entities.ts";
import { IamError } from "../errors.ts";
import { findOidc } from "../providers.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html */
export const deleteOpenIDConnectProvider: IamHandler<"DeleteOpenIDConnectProvider"> = async (
  { world, caller: { accountId } },
  { OpenIDConnectProviderArn: arn },
) => {
  await world.transact(async (tx) => {
    const held = await findOidc(tx, { accountId, arn });
    if (held === undefined) {
      throw new IamError("NoSuchEntity", `OpenId connect Provider ${arn} cannot be found.`);
    }
    requireModifiable(held, `the provider ${arn}`);
    await deleteIdentity(tx, { accountId, kind: "oidcProvider", name: held.identity.url }, "account");
  });
  return {};
};
