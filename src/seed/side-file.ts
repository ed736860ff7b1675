/** `<file>.metadata.yaml`: what is kept beside the bytes of an object. */
import { UsageError } from "../config-values.ts";
import { assertKey } from "../services/s3/object-key.ts";
import { readObjectHeaders } from "../services/s3/object-headers.ts";
import { readStorageClass } from "../services/s3/storage-class.ts";
import type { Tag } from "../services/s3/tagging.ts";
import type { ObjectAttributes } from "../state/model.ts";
import { toTags } from "./bucket-file.ts";
import { checked, readYaml, toText, toTexts, toTime, type Field } from "./yaml-file.ts";

type SideFile = {
  readonly key: string;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly contentDisposition: string;
  readonly contentEncoding: string;
  readonly contentLanguage: string;
  readonly expires: string;
  readonly websiteRedirectLocation: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly storageClass: string;
  readonly lastModified: number;
};

const FIELDS: { readonly [Name in keyof SideFile]-?: (field: Field) => SideFile[Name] } = {
  key: (field) => {
    const key = toText(field);
    checked(field, () => assertKey(key));
    if (key === "" || !key.isWellFormed()) throw field.wrong("must be a key");
    return key;
  },
  contentType: toText,
  cacheControl: toText,
  contentDisposition: toText,
  contentEncoding: toText,
  contentLanguage: toText,
  expires: toText,
  websiteRedirectLocation: toText,
  metadata: (field) => {
    const entries = Object.entries(toTexts(field)).map(([name, value]) => [name.toLowerCase(), value]);
    return Object.fromEntries(entries) as Record<string, string>;
  },
  tags: (field) => toTags(field, "object"),
  storageClass: (field) => checked(field, () => readStorageClass(toText(field))),
  lastModified: toTime,
};

/** What an object is beside its bytes, as a seed says it. */
export type SeedDescription = {
  /** In place of the one that its path says. */
  readonly key?: string;
  readonly storageClass: string;
  readonly lastModifiedMs?: number;
  readonly attributes: ObjectAttributes;
};

/** `file` is the object's side file, if it has one. */
export const readSideFile = async (file: string | undefined): Promise<SeedDescription> => {
  const said: Partial<SideFile> = file === undefined ? {} : await readYaml(file, FIELDS);
  const wrong = (problem: string): UsageError => new UsageError(`${file ?? ""}: ${problem}`);
  const attributes = checked({ value: said, wrong }, () =>
    readObjectHeaders({
      ContentType: said.contentType,
      CacheControl: said.cacheControl,
      ContentDisposition: said.contentDisposition,
      ContentEncoding: said.contentEncoding,
      ContentLanguage: said.contentLanguage,
      ExpiresText: said.expires,
      WebsiteRedirectLocation: said.websiteRedirectLocation,
      Metadata: said.metadata,
    }),
  );
  return {
    ...(said.key === undefined ? {} : { key: said.key }),
    storageClass: said.storageClass ?? readStorageClass(undefined),
    ...(said.lastModified === undefined ? {} : { lastModifiedMs: said.lastModified }),
    attributes: said.tags === undefined || said.tags.length === 0 ? attributes : { ...attributes, tags: said.tags },
  };
};
