/** Rules carried out on unfinished uploads. */
import type { DoneWork } from "../../../harness/due-work.ts";
import { abortUpload, findUpload } from "../../../state/uploads.ts";
import { logServiceAction } from "../access-log/service-line.ts";
import { uploadEnd } from "./schedule.ts";
import { putTask } from "./tasks.ts";
import type { Work } from "./work.ts";

/** Aborts an upload whose time is over, or has it looked at again when it is. */
export const runUpload = async (
  work: Work,
  { key, uploadId }: { readonly key: string; readonly uploadId: string },
): Promise<readonly DoneWork[]> => {
  const { tx, bucket, lifecycle, nowMs } = work;
  const upload = await findUpload(tx, bucket, { key, uploadId });
  const end = upload && uploadEnd(lifecycle, upload);
  if (upload === undefined || end === undefined) return [];
  if (end.atMs > nowMs) {
    await putTask(tx, bucket, { task: { do: "upload", key, uploadId }, atMs: end.atMs });
    return [];
  }
  await abortUpload(tx, bucket, upload);
  await logServiceAction(tx, work.change, bucket, { operation: "S3.DELETE.UPLOAD", key });
  const what = `aborted by rule ${end.ruleId} the upload ${uploadId} of s3://${bucket.name}/${key}`;
  return [{ kind: "lifecycle", dueAtMs: nowMs, what }];
};
