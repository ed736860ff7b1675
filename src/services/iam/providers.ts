/** Identity providers as requests name them. */
import type { HeldIdentity, OidcProvider, SamlProvider } from "../../state/identities/model.ts";
import { samlMetadataEndMs } from "../../state/identities/saml-metadata.ts";
import { putIdentity, readIdentity } from "../../state/identities/store.ts";
import type { View } from "../../state/view.ts";
import type { IamContext } from "./context.ts";
import { requireModifiable } from "./entities.ts";
import { IamError, quotaExceeded } from "./errors.ts";
import { CLIENT_IDS_MAX, THUMBPRINTS_MAX } from "./limits.ts";

const OIDC_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):oidc-provider\/(.+)$/;
const SAML_ARN = /^arn:aws[a-z-]*:iam::(\d{12}):saml-provider\/([\w._-]+)$/;

type Wanted = { readonly accountId: string; readonly arn: string };

/** What an ARN names, if it is of the account's. */
const namedBy = (expression: RegExp, { accountId, arn }: Wanted): string | undefined => {
  const [, owner, name] = expression.exec(arn) ?? [];
  return owner === accountId ? name : undefined;
};

export const findOidc = async (view: View, wanted: Wanted): Promise<HeldIdentity<"oidcProvider"> | undefined> => {
  const name = namedBy(OIDC_ARN, wanted);
  return name === undefined
    ? undefined
    : readIdentity(view, { accountId: wanted.accountId, kind: "oidcProvider", name });
};

/** Throws NoSuchEntity. */
export const requireOidc = async (view: View, wanted: Wanted): Promise<HeldIdentity<"oidcProvider">> => {
  const held = await findOidc(view, wanted);
  if (held !== undefined) return held;
  throw new IamError("NoSuchEntity", `OpenIDConnect Provider not found for arn ${wanted.arn}`);
};

/** Changes a provider that clients made. Throws NoSuchEntity, UnmodifiableEntity and what `change` throws. */
export const changeOidc = (
  { world, caller: { accountId } }: IamContext,
  arn: string,
  change: (provider: OidcProvider) => OidcProvider,
): Promise<void> =>
  world.transact(async (tx) => {
    const held = await requireOidc(tx, { accountId, arn });
    requireModifiable(held, `the provider ${arn}`);
    await putIdentity(tx, change(held.identity), "account");
  });

export const requireThumbprints = (thumbprints: readonly string[]): void => {
  if (thumbprints.length <= THUMBPRINTS_MAX) return;
  throw new IamError("InvalidInput", `Thumbprint list must contain fewer than ${THUMBPRINTS_MAX} entries.`);
};

export const requireClientIds = (clientIds: readonly string[]): void => {
  if (clientIds.length > CLIENT_IDS_MAX) throw quotaExceeded("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS_MAX);
};

/** Throws NoSuchEntity. */
export const requireSaml = async (view: View, wanted: Wanted): Promise<HeldIdentity<"samlProvider">> => {
  const name = namedBy(SAML_ARN, wanted);
  const { accountId, arn } = wanted;
  const held = name === undefined ? undefined : await readIdentity(view, { accountId, kind: "samlProvider", name });
  if (held === undefined) throw new IamError("NoSuchEntity", `Manifest not found for arn ${arn}`);
  return held;
};

/** Changes a provider that clients made. Throws NoSuchEntity, UnmodifiableEntity and what `change` throws. */
export const changeSaml = (
  { world, caller: { accountId } }: IamContext,
  arn: string,
  change: (provider: SamlProvider) => SamlProvider,
): Promise<void> =>
  world.transact(async (tx) => {
    const held = await requireSaml(tx, { accountId, arn });
    requireModifiable(held, `the provider ${arn}`);
    await putIdentity(tx, change(held.identity), "account");
  });

/** Metadata with their end. Throws InvalidInput for a text that describes no provider. */
export const readSamlMetadata = (metadata: string, nowMs: number): Pick<SamlProvider, "metadata" | "validUntilMs"> => {
  const validUntilMs = samlMetadataEndMs(metadata, nowMs);
  if (validUntilMs === undefined) throw new IamError("InvalidInput", "Could not parse metadata");
  return { metadata, validUntilMs };
};
