/**
 * A browser's upload as S3 takes it: fields, then the file, then whatever else the page's form has, which is ignored.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
import { boundaryOf, type Disposition } from "./content-disposition.ts";
import { fieldsTooLarge, malformedForm, noFile, severalFiles } from "./form-errors.ts";
import { createPartReader, type PartReader } from "./part-reader.ts";

export type FormField = {
  /** As the form spells it; two fields are the same whatever their case. */
  readonly name: string;
  readonly value: string;
};

export type PostForm = {
  /** The fields before the file, by lower-case name, with `${filename}` filled in. Values of a name that comes twice are joined with `,`. */
  readonly fields: ReadonlyMap<string, FormField>;
  /**
   * The file's bytes, and then the rest of the form. Once only.
   * Errors: MalformedPOSTRequest, IncorrectNumberOfFilesInPostRequest, IncompleteBody.
   */
  file(): AsyncGenerator<Uint8Array, void, undefined>;
};

const FILE = "file";
const FILE_NAME = "${filename}";

const isFile = ({ type, name }: Disposition): boolean => type === "form-data" && name?.toLowerCase() === FILE;

/** `C:\pictures\cat.jpg` -> `cat.jpg`. */
const baseName = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

const readText = async (reader: PartReader, { bytesMax }: { readonly bytesMax: number }): Promise<string> => {
  const runs: Uint8Array[] = [];
  for await (const run of reader.content()) {
    if (reader.positionBytes() > bytesMax) throw fieldsTooLarge({ bytesMax });
    runs.push(run);
  }
  return Buffer.concat(runs).toString("utf8");
};

/** A variable is filled in in every field. A client that gave the file no name at all means it word for word, says S3. */
const filledIn = (fields: ReadonlyMap<string, FormField>, fileName: string | undefined): Map<string, FormField> => {
  if (fileName === undefined) return new Map(fields);
  const name = baseName(fileName);
  return new Map(
    [...fields].map(([key, field]) => [key, { ...field, value: field.value.replaceAll(FILE_NAME, () => name) }]),
  );
};

async function* readFile(reader: PartReader): AsyncGenerator<Uint8Array, void, undefined> {
  yield* reader.content();
  for (let part = await reader.next(); part !== undefined; part = await reader.next()) {
    if (isFile(part)) throw severalFiles();
    for await (const _ of reader.content());
  }
}

/**
 * Reads a form up to its file. `bytesMax` bounds all that stands before the file's content, delimiters among it.
 * Errors: MalformedPOSTRequest, MaxPostPreDataLengthExceededError, InvalidArgument for a form without a file, IncompleteBody.
 */
export const readPostForm = async (
  source: AsyncIterable<Uint8Array>,
  { contentType, bytesMax }: { readonly contentType: string; readonly bytesMax: number },
): Promise<PostForm> => {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) throw malformedForm();
  const reader = createPartReader(source, { boundary, headerBytesMax: bytesMax });
  const fields = new Map<string, FormField>();
  for (;;) {
    const part = await reader.next();
    if (part === undefined) throw noFile();
    if (part.name === undefined) throw malformedForm();
    if (reader.positionBytes() > bytesMax) throw fieldsTooLarge({ bytesMax });
    if (isFile(part)) return { fields: filledIn(fields, part.fileName), file: () => readFile(reader) };
    const value = await readText(reader, { bytesMax });
    const before = fields.get(part.name.toLowerCase());
    fields.set(part.name.toLowerCase(), {
      name: before?.name ?? part.name,
      value: before === undefined ? value : `${before.value},${value}`,
    });
  }
};
