import { identityArn } from "../../../state/identities/model.ts";
import { readAllIdentities } from "../../../state/identities/store.ts";
import type { IamHandler } from "../context.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSAMLProviders.html */
export const listSamlProviders: IamHandler<"ListSAMLProviders"> = async ({
  world,
  caller: { accountId, partition },
}) => {
  const held = await world.read((view) => readAllIdentities(view, { accountId, kind: "samlProvider" }));
  const shown = held.map(({ identity }) => ({
    Arn: identityArn(identity, partition),
    ValidUntil: new Date(identity.validUntilMs),
    CreateDate: new Date(identity.createdAtMs),
  }));
  return { SAMLProviderList: shown };
};
