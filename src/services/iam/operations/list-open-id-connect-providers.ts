import { identityArn } from "../../../state/identities/model.ts";
import { readAllIdentities } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html */
export const listOpenIDConnectProviders: IamHandler<"ListOpenIDConnectProviders"> = async ({
  world,
  caller: { accountId, partition },
}) => {
  const held = await world.read((view) => readAllIdentities(view, { accountId, kind: "oidcProvider" }));
  return { OpenIDConnectProviderList: held.map(({ identity }) => ({ Arn: identityArn(identity, partition) })) };
};
