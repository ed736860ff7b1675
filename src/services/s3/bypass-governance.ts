import type { S3Context } from "./context.ts";

/**
 * Whether a request may override governance: it has to ask for it, and its caller be allowed to. One who is not allowed asks in vain
 * and is refused nothing else, as in AWS's console, which always asks.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-bypass
 */
export const bypassesGovernance = async (
  context: Pick<S3Context, "may">,
  { asked, key }: { readonly asked: boolean | undefined; readonly key: string },
): Promise<boolean> => asked === true && (await context.may({ action: "s3:BypassGovernanceRetention", key }));
