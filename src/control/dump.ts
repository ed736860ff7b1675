/** All that accounts hold, one record at a time. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { accountUsage } from "../state/accounts.ts";
import { PARTITIONS, type AccountUsage, type Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";
import type { DumpStateResponseSchema } from "./generated/standin/v1/inspect_pb.ts";
import { accountMessage, bucketMessage, partMessage, uploadMessage, versionMessage } from "./messages.ts";
import { walkAccounts, walkBuckets, walkParts, walkUploads, walkVersions } from "./walk.ts";

type DumpRecord = MessageInitShape<typeof DumpStateResponseSchema>;

/**
 * Records of the named accounts, or of all. An account that never held anything has none. Once `signal` fires, because the
 * client went away or the server stops, the dump fails with UNAVAILABLE.
 */
export async function* dumpState(
  world: World,
  { accountIds, signal }: { accountIds: readonly string[] | undefined; signal: AbortSignal },
): AsyncGenerator<DumpRecord> {
  for await (const record of recordsOf(world, accountIds)) {
    if (signal.aborted) throw new ConnectError("the dump was cut off", Code.Unavailable);
    yield record;
  }
}

async function* recordsOf(world: World, accountIds: readonly string[] | undefined): AsyncGenerator<DumpRecord> {
  const accounts =
    accountIds === undefined ? walkAccounts(world, { after: undefined }) : namedAccounts(world, accountIds);
  for await (const account of accounts) {
    yield { record: { case: "account", value: accountMessage(account) } };
    for (const partition of PARTITIONS) {
      const { accountId } = account;
      for await (const { bucket, usage } of walkBuckets(world, { accountId, partition, after: undefined })) {
        yield { record: { case: "bucket", value: bucketMessage(bucket, usage) } };
        yield* dumpContents(world, bucket);
      }
    }
  }
}

async function* namedAccounts(world: World, accountIds: readonly string[]): AsyncGenerator<AccountUsage> {
  for (const accountId of accountIds) {
    const usage = await world.read((view) => accountUsage(view, accountId));
    if (usage !== undefined) yield usage;
  }
}

async function* dumpContents(world: World, bucket: Bucket): AsyncGenerator<DumpRecord> {
  for await (const version of walkVersions(world, bucket)) {
    yield { record: { case: "object", value: versionMessage(version) } };
  }
  for await (const upload of walkUploads(world, bucket)) {
    yield { record: { case: "upload", value: uploadMessage(upload) } };
    for await (const part of walkParts(world, bucket, upload)) {
      yield { record: { case: "part", value: partMessage(part) } };
    }
  }
}
