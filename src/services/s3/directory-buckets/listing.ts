/**
 * How directory buckets list: by directories alone, and in no order that a client may count on.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
import { hash } from "node:crypto";
import type { Operations } from "../../../protocol/generated/s3.ts";
import type { ObjectListing } from "../../../state/listing.ts";
import { headerNotImplemented, invalidArgument } from "../errors.ts";

type Input = Operations["ListObjectsV2"]["input"];
type Entries = ObjectListing["entries"];

const DELIMITER = "/";

/** Errors: those of {@link assertDirectories}; NotImplemented for `start-after`. */
export const assertDirectoryListing = (input: Input): void => {
  assertDirectories(input);
  if (input.StartAfter !== undefined) throw headerNotImplemented("start-after");
};

/** Errors: InvalidArgument for another delimiter than a slash, or a prefix that does not end in one. */
export const assertDirectories = ({
  Delimiter: delimiter,
  Prefix: prefix,
}: Pick<Input, "Delimiter" | "Prefix">): void => {
  if (delimiter !== undefined && delimiter !== "" && delimiter !== DELIMITER) {
    throw invalidArgument("The only delimiter of a directory bucket is a slash", {
      name: "delimiter",
      value: delimiter,
    });
  }
  if (prefix !== undefined && prefix !== "" && !prefix.endsWith(DELIMITER)) {
    throw invalidArgument("The prefix in a directory bucket must end in the delimiter", {
      name: "prefix",
      value: prefix,
    });
  }
};

const nameOf = (entry: Entries[number]): string => ("commonPrefix" in entry ? entry.commonPrefix : entry.object.key);

/**
 * A page in an order that no key tells, the same each time: whoever takes a list for sorted finds out here, and not in production.
 * Where the next page begins is not changed by it.
 */
export const inNoOrder = (entries: Entries): Entries =>
  entries
    .map((entry) => ({ entry, at: hash("sha1", nameOf(entry)) }))
    .sort((one, other) => (one.at < other.at ? -1 : 1))
    .map(({ entry }) => entry);
