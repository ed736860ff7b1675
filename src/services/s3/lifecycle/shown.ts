/** What answers say of the rules that will end an object or an upload. Nothing is read where a bucket has no rules. */
import type { Bucket, ObjectVersion, Upload } from "../../../state/model.ts";
import { currentObject } from "../../../state/objects.ts";
import type { View } from "../../../state/view.ts";
import { currentActions } from "./actions.ts";
import { readLifecycleRules, type Lifecycle } from "./rules.ts";
import { uploadEnd } from "./schedule.ts";

/** The last instant that a date can show. */
const SHOWN_MS_MAX = 8.64e15;

/**
 * `x-amz-expiration`: when the rule acts that expires a current object first, and its id.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
const expirationOf = (lifecycle: Lifecycle, object: ObjectVersion): string | undefined => {
  const [first] = currentActions(lifecycle, object)
    .filter(({ action, atMs }) => action.do === "expire" && atMs <= SHOWN_MS_MAX)
    .toSorted((a, b) => a.atMs - b.atMs);
  if (first === undefined) return undefined;
  return `expiry-date="${new Date(first.atMs).toUTCString()}", rule-id="${encodeURIComponent(first.rule.id)}"`;
};

type ExpirationMember = { readonly Expiration: string };

/** What an answer says of an object that is current in `view`. */
export const expirationMember = (
  view: View,
  bucket: Bucket,
  object: ObjectVersion,
): Promise<ExpirationMember | undefined> | undefined =>
  bucket.configurations.includes("lifecycle") ? readExpiration(view, bucket, object) : undefined;

const readExpiration = async (
  view: View,
  bucket: Bucket,
  object: ObjectVersion,
): Promise<ExpirationMember | undefined> => {
  const lifecycle = await readLifecycleRules(view, bucket);
  const expiration = lifecycle && expirationOf(lifecycle, object);
  return expiration === undefined ? undefined : { Expiration: expiration };
};

/** What an answer says of a version: nothing, unless it is current. */
export const expirationOfVersion = async (
  view: View,
  bucket: Bucket,
  object: ObjectVersion,
): Promise<ExpirationMember | undefined> => {
  if (!bucket.configurations.includes("lifecycle")) return undefined;
  const current = await currentObject(view, bucket, object.key);
  return current?.seq === object.seq ? readExpiration(view, bucket, object) : undefined;
};

type AbortMembers = { readonly AbortDate: Date; readonly AbortRuleId: string };

/** What an answer says of the rule that ends an upload; `end` is as `scheduleUpload` answered it. */
export const abortMembers = (end: ReturnType<typeof uploadEnd>): AbortMembers | undefined =>
  end === undefined || end.atMs > SHOWN_MS_MAX
    ? undefined
    : { AbortDate: new Date(end.atMs), AbortRuleId: headerText(end.ruleId) };

/** A header takes no other characters; AWS does not say how it shows the rest. */
const headerText = (text: string): string => (/^[ -~]*$/.test(text) ? text : encodeURIComponent(text));

/** The same of an upload that is under way. */
export const readAbortMembers = async (
  view: View,
  bucket: Bucket,
  upload: Upload,
): Promise<AbortMembers | undefined> => {
  const lifecycle = await readLifecycleRules(view, bucket);
  return lifecycle && abortMembers(uploadEnd(lifecycle, upload));
};
