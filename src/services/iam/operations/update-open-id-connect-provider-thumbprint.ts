import type { IamHandler } from "../context.ts";
import { changeOidc, requireThumbprints } from "../providers.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html */
export const updateOpenIDConnectProviderThumbprint: IamHandler<"UpdateOpenIDConnectProviderThumbprint"> = async (
  context,
  { OpenIDConnectProviderArn, ThumbprintList },
) => {
  requireThumbprints(ThumbprintList);
  await changeOidc(context, OpenIDConnectProviderArn, (provider) => ({ ...provider, thumbprints: ThumbprintList }));
  return {};
};
