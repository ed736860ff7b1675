/** Whom S3 can tell of events. */
import type { Bucket } from "../../../state/model.ts";
import { argumentError } from "./checks.ts";

export type TargetService = "sns" | "sqs" | "lambda";

/** What the element is called that names a target, and what is behind region and account in its ARN. */
const TARGETS: Readonly<Record<TargetService, { readonly element: string; readonly resource: RegExp }>> = {
  sns: { element: "Topic", resource: /^[A-Za-z0-9_-]{1,256}$/ },
  sqs: { element: "Queue", resource: /^[A-Za-z0-9_-]{1,80}$/ },
  lambda: { element: "CloudFunction", resource: /^function:[A-Za-z0-9_-]{1,140}(:[A-Za-z0-9$_-]+)?$/ },
};

const ARN = /^arn:([^:]+):([^:]+):([^:]+):(\d{12}):(.+)$/;
const FIFO = ".fifo";

/**
 * Holds the ARN of a topic, queue or function to its form, and to the partition and region of the bucket that tells it.
 * Errors: InvalidArgument. https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */
export const assertTargetArn = (
  arn: string,
  { service, bucket }: { readonly service: TargetService; readonly bucket: Pick<Bucket, "partition" | "region"> },
): void => {
  const { element, resource } = TARGETS[service];
  const [, partition, named, region, , target = ""] = ARN.exec(arn) ?? [];
  if (named === service && service !== "lambda" && target.endsWith(FIFO)) {
    const noun = service === "sqs" ? "SQS queues" : "SNS topics";
    throw argumentError(element, arn, `FIFO ${noun} are not supported.`);
  }
  if (named !== service || partition !== bucket.partition || !resource.test(target)) {
    throw argumentError(element, arn, "The ARN could not be parsed");
  }
  if (region !== bucket.region) {
    throw argumentError(
      element,
      arn,
      "The notification destination service region is not valid for the bucket location constraint",
    );
  }
};
