/** Queries by the AWS SDK, and what comes of them. */
import {
  PutObjectCommand,
  SelectObjectContentCommand,
  type InputSerialization,
  type PutObjectCommandInput,
  type S3Client,
  type SelectObjectContentCommandInput,
} from "@aws-sdk/client-s3";

export const PEOPLE = 'name,age\nAnn,30\n"Bob, Jr.",9\n';
export const CSV: InputSerialization = { CSV: { FileHeaderInfo: "USE" } };

export const LINES = 5_000;

/** Lines of about 96 characters, together more than three Records events. */
export const lineOf = (line: number): string => `${line},${"x".repeat(90)}\n`;

export const manyLines = (): string => Array.from({ length: LINES }, (_, line) => lineOf(line)).join("");

export type Query = Partial<SelectObjectContentCommandInput> & { readonly Key: string };

type Events = {
  text: string;
  readonly order: string[];
  stats?: object | undefined;
  readonly progress: (object | undefined)[];
  readonly recordBytes: number[];
};

/** Everything that a test does with a bucket. `people.csv` is {@link PEOPLE} once it was put. */
export const createSelects = (s3: S3Client, Bucket: string) => {
  const put = (Key: string, Body: string | Uint8Array, more: Partial<PutObjectCommandInput> = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

  const begin = ({ Key, ...more }: Query) =>
    s3.send(
      new SelectObjectContentCommand({
        Bucket,
        Key,
        Expression: "SELECT * FROM S3Object",
        ExpressionType: "SQL",
        InputSerialization: CSV,
        OutputSerialization: { CSV: {} },
        ...more,
      }),
    );

  const run = async (query: Query): Promise<Events> => {
    const { Payload = [] } = await begin(query);
    const events: Events = { text: "", order: [], progress: [], recordBytes: [] };
    for await (const event of Payload) {
      events.order.push(Object.keys(event)[0] ?? "");
      if (event.Records?.Payload !== undefined) {
        events.text += Buffer.from(event.Records.Payload).toString();
        events.recordBytes.push(event.Records.Payload.length);
      }
      if (event.Stats !== undefined) events.stats = event.Stats.Details;
      if (event.Progress !== undefined) events.progress.push(event.Progress.Details);
    }
    return events;
  };

  return { put, begin, run };
};
