/**
 * The mechanism of configurations of which a bucket may have many, each with an id: analytics, intelligent tiering, inventory
 * and metrics.
 */
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Bucket, NamedConfigurationKind } from "../../../state/model.ts";
import {
  deleteNamedConfiguration,
  getNamedConfiguration,
  listNamedConfigurations,
  putNamedConfiguration,
} from "../../../state/named-configurations.ts";
import type { Tx } from "../../../state/view.ts";
import { bucketOf, type S3Context, type S3OperationName } from "../context.ts";
import { writeContinuationToken } from "../continuation-token.ts";
import { S3Error } from "../errors.ts";
import { readToken } from "../listing.ts";
import { NAMED_CONFIGURATIONS_MAX, NAMED_CONFIGURATIONS_PAGE } from "../limits.ts";
import type { DocumentChange, DocumentPlace, HandlersOf } from "./document.ts";
import { assertConfigurationId } from "./configuration-id.ts";

type Input<Name extends S3OperationName> = Operations[Name]["input"];
type Output<Name extends S3OperationName> = Operations[Name]["output"];

type Named = { readonly Id: string };
type Operations4 = "Analytics" | "IntelligentTiering" | "Inventory" | "Metrics";

/** The names of a kind's operations. */
type PutOf<Noun extends Operations4> = `PutBucket${Noun}Configuration`;
type GetOf<Noun extends Operations4> = `GetBucket${Noun}Configuration`;
type RemoveOf<Noun extends Operations4> = `DeleteBucket${Noun}Configuration`;
type ListOf<Noun extends Operations4> = `ListBucket${Noun}Configurations`;
type AllOf<Noun extends Operations4> = PutOf<Noun> | GetOf<Noun> | RemoveOf<Noun> | ListOf<Noun>;

/** A page of a list, but for its entries. */
type Page = {
  readonly IsTruncated: boolean;
  readonly ContinuationToken?: string;
  readonly NextContinuationToken?: string;
};

/** What is particular to a kind. */
export type NamedRow<Noun extends Operations4, Stored extends Named> = {
  readonly kind: NamedConfigurationKind;
  /** What names its operations: `PutBucket<noun>Configuration` and so on. */
  readonly noun: Noun;
  /** The configuration that is put, held to AWS's rules, as it is kept. */
  readonly read: (input: Input<PutOf<Noun>>) => Stored;
  /** Holds a configuration to what it says of other buckets. */
  readonly assertFits?: (stored: Stored, place: DocumentPlace) => Promise<void>;
  readonly parse: (document: string) => Stored;
  readonly show: (stored: Stored) => Output<GetOf<Noun>>;
  readonly showPage: (entries: readonly Stored[], page: Page) => Output<ListOf<Noun>>;
  /** What must happen together with a change. */
  readonly changed?: (change: DocumentChange<Stored>) => Promise<void>;
};

/**
 * The handlers of a row's operations. Errors: those of its checks, IdMismatch, NoSuchConfiguration, also of a Delete,
 * TooManyConfigurations, InvalidArgument for a continuation token.
 */
export const namedDocumentHandlers = <Noun extends Operations4, Stored extends Named>(
  row: NamedRow<Noun, Stored>,
): HandlersOf<AllOf<Noun>> => {
  const { kind, noun, parse } = row;

  const find = async (tx: Tx, bucket: Bucket, id: string): Promise<Stored | undefined> => {
    const document = await getNamedConfiguration(tx, bucket, { kind, id });
    return document === undefined ? undefined : parse(document);
  };

  const put = async (context: S3Context, input: Input<PutOf<Noun>>) => {
    const after = row.read(input);
    const { Id: id } = after;
    if (id !== input.Id) throw new S3Error("IdMismatch");
    assertConfigurationId(id);
    await context.world.transact(async (tx) => {
      const bucket = await requireBucket(tx, bucketOf(context));
      await row.assertFits?.(after, { context, tx, bucket });
      const before = await find(tx, bucket, id);
      if (before === undefined) await assertRoom(tx, bucket, kind);
      await row.changed?.({ context, tx, bucket, before, after });
      await putNamedConfiguration(tx, bucket, { kind, id, document: JSON.stringify(after) });
    });
    return {};
  };

  const get = async (context: S3Context, { Id: id }: Named) => {
    const document = await context.world.read((view) => getNamedConfiguration(view, bucketOf(context), { kind, id }));
    if (document === undefined) throw new S3Error("NoSuchConfiguration");
    return row.show(parse(document));
  };

  const remove = async (context: S3Context, { Id: id }: Named) => {
    await context.world.transact(async (tx) => {
      const bucket = await requireBucket(tx, bucketOf(context));
      const before = await find(tx, bucket, id);
      if (before === undefined) throw new S3Error("NoSuchConfiguration");
      await row.changed?.({ context, tx, bucket, before, after: undefined });
      await deleteNamedConfiguration(tx, bucket, { kind, id });
    });
    return {};
  };

  const list = async (context: S3Context, { ContinuationToken: token }: { ContinuationToken?: string | undefined }) => {
    const bucket = bucketOf(context);
    const after =
      token === undefined || token === "" ? undefined : readToken(token, { scope: scopeOf({ bucket, kind }) });
    const size = Math.min(
      NAMED_CONFIGURATIONS_PAGE,
      context.world.settings.pageEntriesMax ?? NAMED_CONFIGURATIONS_PAGE,
    );
    const found = await context.world.read((view) =>
      listNamedConfigurations(view, bucket, { kind, after, limit: size + 1 }),
    );
    const shown = found.slice(0, size);
    const last = found.length > size ? shown.at(-1) : undefined;
    return row.showPage(
      shown.map(({ document }) => parse(document)),
      {
        IsTruncated: last !== undefined,
        ...(token === undefined ? {} : { ContinuationToken: token }),
        ...(last === undefined ? {} : { NextContinuationToken: writeToken(last.id, { bucket, kind }) }),
      },
    );
  };

  const handlers: { readonly [Name in AllOf<Operations4>]?: unknown } = {
    [`PutBucket${noun}Configuration` as const]: put,
    [`GetBucket${noun}Configuration` as const]: get,
    [`DeleteBucket${noun}Configuration` as const]: remove,
    [`ListBucket${noun}Configurations` as const]: list,
  };
  return handlers as HandlersOf<AllOf<Noun>>;
};

/** Errors: TooManyConfigurations where a bucket has as many of a kind as it may have. */
const assertRoom = async (tx: Tx, bucket: Bucket, kind: NamedConfigurationKind): Promise<void> => {
  const present = await listNamedConfigurations(tx, bucket, { kind, limit: NAMED_CONFIGURATIONS_MAX });
  if (present.length >= NAMED_CONFIGURATIONS_MAX) throw new S3Error("TooManyConfigurations");
};

type ListOfBucket = { readonly bucket: Bucket; readonly kind: NamedConfigurationKind };

const scopeOf = ({ bucket, kind }: ListOfBucket): string => `${kind}/${bucket.name}`;

const writeToken = (id: string, of: ListOfBucket): string => writeContinuationToken(id, { scope: scopeOf(of) });
