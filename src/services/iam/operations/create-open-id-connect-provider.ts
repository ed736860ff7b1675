import { identityArn, type OidcProvider } from "../../../state/identities/model.ts";
import { putIdentity, readIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { readTags, requireRoom, showTags } from "../entities.ts";
import { IamError } from "../errors.ts";
import { OIDC_PROVIDERS_MAX } from "../limits.ts";
import { requireClientIds, requireThumbprints } from "../providers.ts";

const URL_FORM = /^https:\/\/([^\s?#/]+[^\s?#]*)$/;

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html */
export const createOpenIDConnectProvider: IamHandler<"CreateOpenIDConnectProvider"> = async (
  { world, caller: { accountId, partition }, nowMs },
  { Url, ClientIDList = [], ThumbprintList = [], Tags },
) => {
  const url = URL_FORM.exec(Url)?.[1];
  if (url === undefined) throw new IamError("ValidationError", "Invalid Open ID Connect Provider URL");
  requireThumbprints(ThumbprintList);
  requireClientIds(ClientIDList);
  const provider: OidcProvider = {
    kind: "oidcProvider",
    accountId,
    url,
    clientIds: ClientIDList,
    thumbprints: ThumbprintList,
    createdAtMs: nowMs,
    tags: readTags(Tags, { cases: "differ" }),
  };
  await world.transact(async (tx) => {
    if ((await readIdentity(tx, { accountId, kind: "oidcProvider", name: url })) !== undefined) {
      throw new IamError("EntityAlreadyExists", `Provider with url ${Url} already exists.`);
    }
    const quota = "OpenIdConnectProvidersPerAccount";
    await requireRoom(tx, { accountId, kind: "oidcProvider", quota, countMax: OIDC_PROVIDERS_MAX });
    await putIdentity(tx, provider, "account");
  });
  return {
    OpenIDConnectProviderArn: identityArn(provider, partition),
    ...(provider.tags.length === 0 ? {} : { Tags: showTags(provider.tags) }),
  };
};
