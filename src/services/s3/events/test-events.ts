/** The event by which S3 tries a destination when it is configured. */
import type { NotificationConfiguration } from "../../../protocol/generated/s3.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import type { ChangeContext } from "../object-changes.ts";
import { sendEvents, type Letter } from "./send-events.ts";
import { targetsOf } from "./targets.ts";

const testMessage = ({ name }: Bucket, { nowMs, draw }: ChangeContext): string =>
  JSON.stringify({
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(nowMs).toISOString(),
    Bucket: name,
    RequestId: draw.requestId,
    HostId: draw.hostId,
  });

/**
 * Sends a test event to each queue and topic of a configuration that is being put, in its transaction. A function is not called
 * for it, nor an event bus.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */
export const sendTestEvents = async (
  tx: Tx,
  context: ChangeContext,
  { bucket, configuration }: { readonly bucket: Bucket; readonly configuration: NotificationConfiguration },
): Promise<void> => {
  const message = testMessage(bucket, context);
  const letters: Letter[] = targetsOf(configuration)
    .configured.filter(({ kind }) => kind !== "function")
    .map(({ arn, configurationId }) => ({ destination: arn, configurationId, write: () => message }));
  if (letters.length > 0) await sendEvents(tx, context, { bucket, key: "", eventName: "s3:TestEvent", letters });
};
