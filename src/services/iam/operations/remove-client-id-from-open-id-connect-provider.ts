import type { IamHandler } from "../context.ts";
import { changeOidc } from "../providers.ts";

/** One that is not there need not be. https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html */
export const removeClientIDFromOpenIDConnectProvider: IamHandler<"RemoveClientIDFromOpenIDConnectProvider"> = async (
  context,
  { OpenIDConnectProviderArn, ClientID },
) => {
  await changeOidc(context, OpenIDConnectProviderArn, (provider) => ({
    ...provider,
    clientIds: provider.clientIds.filter((clientId) => clientId !== ClientID),
  }));
  return {};
};
