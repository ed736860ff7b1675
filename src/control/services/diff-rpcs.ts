/** What differs between states, and what a suite left. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { sessionsSince, type IssuedSession } from "../../harness/issued-sessions.ts";
import { worldClock } from "../../harness/world-clock.ts";
import type { Platform } from "../../platform/platform.ts";
import { diffStates } from "../../state/diff/diff.ts";
import { DIFFERENCE_KINDS, type Change, type Difference, type DifferenceKind } from "../../state/diff/difference.ts";
import type { StatePlace } from "../../state/diff/pin.ts";
import { findLeaks } from "../../state/leaks.ts";
import { getSnapshot } from "../../state/snapshots.ts";
import type { State } from "../../state/state.ts";
import { notFound } from "../errors.ts";
import { readAccountIds, readBucketName, readKeyText, readSnapshotName, readWorldNamed } from "../fields.ts";
import {
  Difference_Change,
  Difference_Kind,
  type DifferenceSchema,
  type DiffStateRequest,
  type DiffStateResponseSchema,
  type DiffSummarySchema,
  type LeakedObjectSchema,
  type LeakedSessionSchema,
  type StateService,
} from "../generated/standin/v1/state_pb.ts";
import { readPageSize } from "../paging.ts";

type Options = { readonly state: State; readonly platform: Platform };
type Record = MessageInitShape<typeof DiffStateResponseSchema>;

export const createDiffRpcs = ({
  state,
  platform,
}: Options): Pick<ServiceImpl<typeof StateService>, "diffState" | "checkLeaks"> => ({
  diffState: (request, { signal }) => streamDiff(state, { request, signal }),

  checkLeaks: async (request, { signal }) => {
    const world = readWorldNamed(state, { name: request.world, field: "world" });
    const name = request.sinceSnapshot === "" ? undefined : readSnapshotName(request.sinceSnapshot, "sinceSnapshot");
    const named = readAccountIds(request.accountIds);
    const snapshot = name === undefined ? undefined : await getSnapshot(world, name);
    if (name !== undefined && snapshot === undefined) throw notFound({ type: "snapshot", name, world: world.name });
    const listMax = readPageSize(request.listMax);
    const { buckets, objects, uploads } = await findLeaks(world, {
      sinceSnapshot: name,
      accountIds: named,
      listMax,
      signal,
    });
    const nowMs = worldClock(world, platform).nowMs();
    const inSnapshot = snapshot?.whole === false ? snapshot.accountIds : undefined;
    const accountIds = inSnapshot === undefined ? named : inSnapshot.filter((id) => named?.includes(id) ?? true);
    const sessions = sessionsSince(world, { snapshot: name, accountIds, nowMs });
    return {
      clean: buckets.count + objects.count + uploads.count + sessions.length === 0,
      buckets: buckets.listed.map(({ accountId, partition = "aws", bucket = "" }) => ({
        accountId,
        partition,
        name: bucket,
      })),
      bucketCount: buckets.count,
      objects: objects.listed.map(leakedObject),
      objectCount: objects.count,
      uploads: uploads.listed.map(({ accountId, partition = "aws", bucket = "", key = "", uploadId = "" }) => ({
        accountId,
        partition,
        bucket,
        key,
        uploadId,
      })),
      uploadCount: uploads.count,
      sessions: sessions.slice(0, listMax).map(leakedSession),
      sessionCount: sessions.length,
    };
  },
});

const leakedObject = (difference: Difference): MessageInitShape<typeof LeakedObjectSchema> => {
  const { accountId, partition = "aws", bucket = "", key = "", versionId = "", deleteMarker = false } = difference;
  return { accountId, partition, bucket, key, versionId, deleteMarker };
};

const leakedSession = (session: IssuedSession): MessageInitShape<typeof LeakedSessionSchema> => ({
  accessKeyId: session.accessKeyId,
  accountId: session.accountId,
  principalArn: session.principalArn,
  operation: session.operation,
  issuedAt: timestampFromMs(session.issuedAtMs),
  expiresAt: timestampFromMs(session.expiresAtMs),
});

/** The state that `from` or `to` names; the world `default` as it is where nothing is named. */
const readPlace = (
  state: State,
  { place, field }: { place: { world: string; snapshot: string } | undefined; field: "from" | "to" },
): StatePlace => {
  const world = readWorldNamed(state, { name: place?.world ?? "", field: `${field}.world` });
  const snapshot = place?.snapshot ?? "";
  return snapshot === "" ? { world } : { world, snapshot: readSnapshotName(snapshot, `${field}.snapshot`) };
};

async function* streamDiff(
  state: State,
  { request, signal }: { request: DiffStateRequest; signal: AbortSignal },
): AsyncGenerator<Record> {
  const from = readPlace(state, { place: request.from, field: "from" });
  const to = readPlace(state, { place: request.to, field: "to" });
  const options = {
    from,
    to,
    accountIds: readAccountIds(request.accountIds),
    bucket: request.bucket === "" ? undefined : readBucketName(request.bucket),
    prefix: request.prefix === "" ? undefined : readKeyText(request.prefix, "prefix"),
    signal,
  };
  const counts = new Map<DifferenceKind, { [Name in Change]: number }>();
  try {
    for await (const difference of diffStates(to.world.host, options)) {
      const count = counts.get(difference.kind) ?? { added: 0, removed: 0, changed: 0 };
      count[difference.change] += 1;
      counts.set(difference.kind, count);
      if (!request.summaryOnly) yield { record: { case: "difference", value: differenceMessage(difference) } };
    }
  } catch (error) {
    if (signal.aborted) throw new ConnectError("the diff was cut off", Code.Unavailable);
    throw error;
  }
  yield { record: { case: "summary", value: summaryMessage(counts) } };
}

const CHANGES: { readonly [Name in Change]: Difference_Change } = {
  added: Difference_Change.ADDED,
  removed: Difference_Change.REMOVED,
  changed: Difference_Change.CHANGED,
};

const KINDS: { readonly [Name in DifferenceKind]: Difference_Kind } = {
  account: Difference_Kind.ACCOUNT,
  identity: Difference_Kind.IDENTITY,
  bucket: Difference_Kind.BUCKET,
  configuration: Difference_Kind.CONFIGURATION,
  object: Difference_Kind.OBJECT,
  version: Difference_Kind.VERSION,
  upload: Difference_Kind.UPLOAD,
  part: Difference_Kind.PART,
  annotation: Difference_Kind.ANNOTATION,
};

const differenceMessage = (difference: Difference): MessageInitShape<typeof DifferenceSchema> => {
  const { kind, change, fields, current: _, ...place } = difference;
  return { ...place, kind: KINDS[kind], change: CHANGES[change], fields: [...fields] };
};

const summaryMessage = (
  counts: ReadonlyMap<DifferenceKind, { readonly [Name in Change]: number }>,
): MessageInitShape<typeof DiffSummarySchema> => {
  const total = (change: Change): number => [...counts.values()].reduce((sum, count) => sum + count[change], 0);
  return {
    equal: counts.size === 0,
    added: total("added"),
    removed: total("removed"),
    changed: total("changed"),
    kinds: DIFFERENCE_KINDS.flatMap((kind) => {
      const count = counts.get(kind);
      return count === undefined ? [] : [{ kind: KINDS[kind], ...count }];
    }),
  };
};
