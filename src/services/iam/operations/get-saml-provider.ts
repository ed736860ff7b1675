import { hash } from "node:crypto";
import type { SamlProvider } from "../../../state/identities/model.ts";
import type { IamHandler } from "../context.ts";
import { showTags } from "../entities.ts";
import { requireSaml } from "../providers.ts";

/** Hex digits of the id behind its prefix. */
const ID_DIGITS = 18;

/** The same as long as the provider lives; one that is made anew under its name has another. */
const uniqueIdOf = ({ accountId, name, createdAtMs }: SamlProvider): string =>
  `SAML${hash("sha256", `${accountId}/${name}/${createdAtMs}`).slice(0, ID_DIGITS).toUpperCase()}`;

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSAMLProvider.html */
export const getSamlProvider: IamHandler<"GetSAMLProvider"> = async (
  { world, caller: { accountId } },
  { SAMLProviderArn },
) => {
  const { identity } = await world.read((view) => requireSaml(view, { accountId, arn: SAMLProviderArn }));
  return {
    SAMLProviderUUID: uniqueIdOf(identity),
    SAMLMetadataDocument: identity.metadata,
    CreateDate: new Date(identity.createdAtMs),
    ValidUntil: new Date(identity.validUntilMs),
    Tags: showTags(identity.tags),
    AssertionEncryptionMode: "Allowed",
    PrivateKeyList: [],
  };
};
