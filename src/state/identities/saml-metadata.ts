/** What the metadata of a SAML provider say of themselves. */

const ENTITY_DESCRIPTOR = /<(?:[\w.-]+:)?EntityDescriptor\b([^<>]*)>/;
const END = /<\/(?:[\w.-]+:)?EntityDescriptor\s*>\s*$/;
const VALID_UNTIL = /\bvalidUntil\s*=\s*["']([^"']+)["']/;
/** How long metadata hold that say nothing of it: a century. */
const VALID_YEARS = 100;

/** When metadata end, in milliseconds; undefined for a text that describes no provider. */
export const samlMetadataEndMs = (metadata: string, nowMs: number): number | undefined => {
  const [, attributes] = ENTITY_DESCRIPTOR.exec(metadata) ?? [];
  if (attributes === undefined || !END.test(metadata)) return undefined;
  const untilMs = Date.parse(VALID_UNTIL.exec(attributes)?.[1] ?? "");
  if (!Number.isNaN(untilMs)) return untilMs;
  const end = new Date(nowMs);
  end.setUTCFullYear(end.getUTCFullYear() + VALID_YEARS);
  return end.getTime();
};
