/** The JavaScript SDK of S3, which this program does not bring: it is the user's own. */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as S3 from "@aws-sdk/client-s3";
import { UsageError } from "../../config-values.ts";

export type Sdk = typeof S3;

const PACKAGE = "@aws-sdk/client-s3";

/** Looks in the working directory's modules, then beside this program. Throws `UsageError`. */
export const loadSdk = async (): Promise<Sdk> => {
  for (const place of [path.join(process.cwd(), "index.js"), import.meta.url]) {
    const found = resolve(place);
    // A specifier that is a value is left alone by the bundler.
    if (found !== undefined) return (await import(pathToFileURL(found).href)) as Sdk;
  }
  throw new UsageError(`pull needs the package ${PACKAGE}: run npm install ${PACKAGE} where you call it`);
};

const resolve = (place: string): string | undefined => {
  try {
    return createRequire(place).resolve(PACKAGE);
  } catch {
    return undefined;
  }
};
