/** Events of a change: one for each destination that the bucket's notification configuration tells of it. */
import { getConfiguration } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import type { ChangeContext, ObjectChange } from "../object-changes.ts";
import { bridgeMessage, defaultBusArn } from "./bridge-message.ts";
import { eventRow, type S3EventName } from "./event-names.ts";
import { recordMessage } from "./record-message.ts";
import { sendEvents, type Letter } from "./send-events.ts";
import { isTold, readTargets } from "./targets.ts";

/**
 * Puts the events of a change on their way, in the transaction that makes it: their ids and sequencers are settled with it.
 * `bucket` has a notification configuration.
 */
export const noteEvents = async (
  tx: Tx,
  context: ChangeContext,
  { bucket, change }: { readonly bucket: Bucket; readonly change: ObjectChange },
): Promise<void> => {
  const { event, key } = change;
  if (event === undefined || !isNews(change)) return;
  const document = await getConfiguration(tx, bucket, "notification");
  if (document === undefined) return;
  const letters = lettersTo(document, { event, bucket, context, change });
  if (letters.length > 0) await sendEvents(tx, context, { bucket, key, eventName: `s3:${event}`, letters });
};

/**
 * An ACL that is put as it was is no news.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
const isNews = ({ event, version, before }: ObjectChange): boolean => {
  if (event !== "ObjectAcl:Put" || version?.kind !== "object" || before?.kind !== "object") return true;
  return JSON.stringify(version.attributes.acl) !== JSON.stringify(before.attributes.acl);
};

type Happened = {
  readonly event: S3EventName;
  readonly bucket: Bucket;
  readonly context: ChangeContext;
  readonly change: ObjectChange;
};

/** What goes to whom, by the configuration's document. */
const lettersTo = (document: string, happened: Happened): Letter[] => {
  const { event, bucket, change } = happened;
  const { configured, toBridge } = readTargets(document);
  const letters: Letter[] = configured
    .filter((target) => isTold(target, { event, key: change.key }))
    .map(({ arn, configurationId }) => ({
      destination: arn,
      configurationId,
      write: ({ sequencer }) => recordMessage({ ...happened, sequencer }, { configurationId }),
    }));
  const { bridge } = eventRow(event);
  if (!toBridge || bridge === undefined) return letters;
  const write: Letter["write"] = ({ sequencer, id }) => bridgeMessage({ ...happened, sequencer }, { id, bridge });
  return [...letters, { destination: defaultBusArn(bucket), configurationId: "", write }];
};
