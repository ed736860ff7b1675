import type { IamHandler } from "../context.ts";
import { changeSaml, readSamlMetadata } from "../providers.ts";

/** Its metadata; keys to decrypt assertions are not kept. https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html */
export const updateSamlProvider: IamHandler<"UpdateSAMLProvider"> = async (
  context,
  { SAMLProviderArn, SAMLMetadataDocument },
) => {
  const read = SAMLMetadataDocument === undefined ? {} : readSamlMetadata(SAMLMetadataDocument, context.nowMs);
  await changeSaml(context, SAMLProviderArn, (provider) => ({ ...provider, ...read }));
  return { SAMLProviderArn };
};
