import type { S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";

/**
 * S3 makes no torrents any more: its support for BitTorrent ended in April 2022.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTorrent.html
 */
export const getObjectTorrent: S3Handler<"GetObjectTorrent"> = async () => {
  throw new S3Error("MethodNotAllowed", { Method: "GET", ResourceType: "TORRENT" });
};
