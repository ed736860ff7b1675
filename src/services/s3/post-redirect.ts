/** Where a browser goes after its upload. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */

/** What no header can carry, and what would end one. */
const UNSAFE = /[^\x20-\x7e]/gu;

/** The URL with what was stored in its query; what else it says stays as the form said it. */
export const redirectUrl = (
  redirect: string,
  stored: { readonly bucket: string; readonly key: string; readonly etag: string },
): string => {
  const outcome = new URLSearchParams(stored).toString();
  const base = redirect.replaceAll(UNSAFE, encodeURIComponent);
  return `${base}${base.includes("?") ? "&" : "?"}${outcome}`;
};
