import type { IamHandler } from "../context.ts";
import { changeOidc, requireClientIds } from "../providers.ts";

/** One that is there already stays. https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html */
export const addClientIDToOpenIDConnectProvider: IamHandler<"AddClientIDToOpenIDConnectProvider"> = async (
  context,
  { OpenIDConnectProviderArn, ClientID },
) => {
  await changeOidc(context, OpenIDConnectProviderArn, (provider) => {
    const clientIds = [...new Set([...provider.clientIds, ClientID])];
    requireClientIds(clientIds);
    return { ...provider, clientIds };
  });
  return {};
};
