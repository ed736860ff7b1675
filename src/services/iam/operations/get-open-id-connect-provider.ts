import type { IamHandler } from "../context.ts";
import { showTags } from "../entities.ts";
import { requireOidc } from "../providers.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html */
export const getOpenIDConnectProvider: IamHandler<"GetOpenIDConnectProvider"> = async (
  { world, caller: { accountId } },
  { OpenIDConnectProviderArn },
) => {
  const { identity } = await world.read((view) => requireOidc(view, { accountId, arn: OpenIDConnectProviderArn }));
  return {
    Url: identity.url,
    ClientIDList: identity.clientIds,
    ThumbprintList: identity.thumbprints,
    CreateDate: new Date(identity.createdAtMs),
    Tags: showTags(identity.tags),
  };
};
