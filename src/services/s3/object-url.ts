import type { Endpoint } from "./context.ts";

/** The URL of an object, in the style in which the client reached the server. */
export const objectUrl = (
  { secure, host, style }: Endpoint,
  { bucketName, key }: { readonly bucketName: string; readonly key: string },
): string => {
  const base = `${secure ? "https" : "http"}://${host}/${style === "path" ? `${bucketName}/` : ""}`;
  return base + encodeURIComponent(key);
};
