/**
 * The one mechanism of plain configuration documents, of which a bucket has at most one of a kind: a row says what is particular
 * to a kind, and the operations that put, get and delete it follow from that.
 */
import type { Operations } from "../../../protocol/generated/s3.ts";
import { deleteConfiguration, getConfiguration, putConfiguration, requireBucket } from "../../../state/buckets.ts";
import type { Bucket, ConfigurationKind, NamedConfigurationKind } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import { bucketOf, type S3Context, type S3Handler, type S3OperationName } from "../context.ts";
import { S3Error, type S3ErrorCode } from "../errors.ts";

type Input<Name extends S3OperationName> = Operations[Name]["input"];
type Output<Name extends S3OperationName> = Operations[Name]["output"];

/** The handlers of some operations, by their names. */
export type HandlersOf<Names extends S3OperationName> = { readonly [Name in Names]: S3Handler<Name> };

/** A document that is about to be kept or forgotten, in the transaction that does it. */
export type DocumentPlace = {
  readonly context: S3Context;
  readonly tx: Tx;
  /** As it stands in the transaction, before the change. */
  readonly bucket: Bucket;
};

/** What a change replaces, and by what; undefined for none. */
export type DocumentChange<Stored> = DocumentPlace & {
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
};

/** What is particular to a kind of document. */
export type DocumentRow<
  Put extends S3OperationName,
  Get extends S3OperationName,
  Remove extends S3OperationName,
  Stored extends object,
> = {
  readonly kind: Exclude<ConfigurationKind, NamedConfigurationKind>;
  readonly put: Put;
  readonly get: Get;
  /** Absent where AWS has no such operation. */
  readonly remove?: Remove;
  /**
   * What is kept of a document that is put, once it is held to AWS's rules; undefined where the bucket has none of the kind
   * afterwards. It must come back from JSON as it went in, or as `parse` makes it.
   */
  readonly read: (input: Input<Put>, context: S3Context) => Stored | undefined;
  /** Holds a document to what it says of the bucket and of others. */
  readonly assertFits?: (stored: Stored, place: DocumentPlace) => Promise<void>;
  /** Reads what was kept. */
  readonly parse: (document: string) => Stored;
  /** The answer of Get. */
  readonly show: (stored: Stored, bucket: Bucket) => Output<Get>;
  /** What Get answers where there is none: a 404 that names the bucket, or this. */
  readonly none: S3ErrorCode | Output<Get>;
  /** The answer of Put; absent where it is empty. */
  readonly answer?: (stored: Stored | undefined) => Output<Put>;
  /** What must happen together with a change: work that falls due, events. */
  readonly changed?: (change: DocumentChange<Stored> & { readonly input: Input<Put> | undefined }) => Promise<void>;
};

/**
 * The handlers of a row's operations. Errors: those of its checks, and `none` where Get finds nothing; a second Delete succeeds
 * as the first.
 */
export const documentHandlers = <
  Put extends S3OperationName,
  Get extends S3OperationName,
  Stored extends object,
  Remove extends S3OperationName = never,
>(
  row: DocumentRow<Put, Get, Remove, Stored>,
): HandlersOf<Put | Get | Remove> => {
  const { kind, parse, none } = row;

  const change = async (
    context: S3Context,
    { after, input }: { after: Stored | undefined; input: Input<Put> | undefined },
  ): Promise<void> => {
    await context.world.transact(async (tx) => {
      const bucket = await requireBucket(tx, bucketOf(context));
      const place: DocumentPlace = { context, tx, bucket };
      if (after !== undefined) await row.assertFits?.(after, place);
      if (row.changed !== undefined) {
        const document = await getConfiguration(tx, bucket, kind);
        await row.changed({ ...place, before: document === undefined ? undefined : parse(document), after, input });
      }
      await (after === undefined
        ? deleteConfiguration(tx, bucket, kind)
        : putConfiguration(tx, bucket, { kind, document: JSON.stringify(after) }));
    });
  };

  const put = async (context: S3Context, input: Input<Put>): Promise<Output<Put>> => {
    const stored = row.read(input, context);
    await change(context, { after: stored, input });
    return row.answer?.(stored) ?? {};
  };

  const get = async (context: S3Context): Promise<Output<Get>> => {
    const bucket = bucketOf(context);
    const document = await context.world.read((view) => getConfiguration(view, bucket, kind));
    if (document !== undefined) return row.show(parse(document), bucket);
    if (typeof none === "string") throw new S3Error(none, { BucketName: bucket.name });
    return none;
  };

  const remove = async (context: S3Context) => {
    await change(context, { after: undefined, input: undefined });
    return {};
  };

  return {
    [row.put]: put,
    [row.get]: get,
    ...(row.remove === undefined ? {} : { [row.remove]: remove }),
  } as unknown as HandlersOf<Put | Get | Remove>;
};
