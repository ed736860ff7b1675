import { identityArn, type SamlProvider } from "../../../state/identities/model.ts";
import { putIdentity, readIdentity } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";
import { readTags, requireRoom, showTags } from "../entities.ts";
import { IamError } from "../errors.ts";
import { SAML_PROVIDERS_MAX } from "../limits.ts";
import { readSamlMetadata } from "../providers.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html */
export const createSamlProvider: IamHandler<"CreateSAMLProvider"> = async (
  { world, caller: { accountId, partition }, nowMs },
  { Name, SAMLMetadataDocument, Tags },
) => {
  const provider: SamlProvider = {
    kind: "samlProvider",
    accountId,
    name: Name,
    ...readSamlMetadata(SAMLMetadataDocument, nowMs),
    createdAtMs: nowMs,
    tags: readTags(Tags, { cases: "differ" }),
  };
  await world.transact(async (tx) => {
    if ((await readIdentity(tx, { accountId, kind: "samlProvider", name: Name })) !== undefined) {
      throw new IamError("EntityAlreadyExists", `SAMLProvider ${Name} already exists.`);
    }
    const quota = "SAMLProvidersPerAccount";
    await requireRoom(tx, { accountId, kind: "samlProvider", quota, countMax: SAML_PROVIDERS_MAX });
    await putIdentity(tx, provider, "account");
  });
  return {
    SAMLProviderArn: identityArn(provider, partition),
    ...(provider.tags.length === 0 ? {} : { Tags: showTags(provider.tags) }),
  };
};
