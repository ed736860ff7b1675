/**
 * Lines of what S3 does by itself: a bucket's lifecycle leaves its trace in the access log.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html
 */
import { canonicalOwnerId } from "../../../protocol/caller.ts";
import { getConfiguration } from "../../../state/buckets.ts";
import type { Draw } from "../../../state/id-stream.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import type { World } from "../../../state/world.ts";
import { parseLogging } from "../documents/logging.ts";
import { accessLine } from "./line.ts";
import { putWaitingLine } from "./waiting-line.ts";

/** What transitions are called, by the storage class that they lead to. */
const TRANSITIONS: ReadonlyMap<string, string> = new Map([
  ["STANDARD_IA", "S3.TRANSITION_SIA.OBJECT"],
  ["ONEZONE_IA", "S3.TRANSITION_ZIA.OBJECT"],
  ["INTELLIGENT_TIERING", "S3.TRANSITION_INT.OBJECT"],
  ["GLACIER_IR", "S3.TRANSITION_GIR.OBJECT"],
  ["DEEP_ARCHIVE", "S3.TRANSITION_GDA.OBJECT"],
]);

/** The operation of a move to a storage class. */
export const transitionOperation = (storageClass: string): string =>
  TRANSITIONS.get(storageClass) ?? "S3.TRANSITION.OBJECT";

export type ServiceAction = {
  readonly operation: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly objectBytes?: number | undefined;
};

type ActionContext = {
  readonly world: World;
  readonly nowMs: number;
  readonly draw: Pick<Draw, "requestId" | "hostId">;
};

/** Notes what S3 did, in the transaction that does it; it costs nothing where the bucket logs nothing. */
export const logServiceAction = async (
  tx: Tx,
  { world, nowMs, draw }: ActionContext,
  bucket: Bucket,
  { operation, key, versionId, objectBytes }: ServiceAction,
): Promise<void> => {
  const document = await getConfiguration(tx, bucket, "logging");
  if (document === undefined) return;
  const { partition, name, region, accountId } = bucket;
  const line = accessLine({
    bucketOwner: canonicalOwnerId(accountId),
    bucket: name,
    receivedAtMs: nowMs,
    requester: "AmazonS3",
    requestId: draw.requestId,
    operation,
    key,
    objectBytes,
    versionId: versionId === "null" ? undefined : versionId,
    hostId: draw.hostId,
    sourceRegion: region,
  });
  await putWaitingLine(tx, world.settings, {
    line: { partition, bucket: name, region, target: parseLogging(document), receivedAtMs: nowMs, line },
    accountId,
    place: `~/${draw.requestId}/${operation}/${key}/${versionId ?? ""}`,
    nowMs,
  });
};
