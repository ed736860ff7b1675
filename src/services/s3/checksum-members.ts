/** Checksums as members of inputs and outputs: `ChecksumCRC32` and its kin. */
import { CHECKSUM_ALGORITHMS, decodeChecksum, type ChecksumAlgorithm } from "../../protocol/checksums/algorithms.ts";
import type { Checksum } from "../../state/model.ts";

/** The members of an input that hold a checksum's value, one for each algorithm. */
export type ChecksumValues = {
  readonly [Algorithm in ChecksumAlgorithm as `Checksum${Algorithm}`]?: string | undefined;
};

/** The same of an output. */
type ChecksumMembers = { [Algorithm in ChecksumAlgorithm as `Checksum${Algorithm}`]?: string };

/** `{ ChecksumCRC32: value }` for `CRC32`. */
export const checksumValue = (algorithm: string, value: string): ChecksumMembers => ({
  [`Checksum${algorithm}`]: value,
});

/** What an answer says of an object's checksum. */
export const checksumMembers = (
  checksum: Checksum | undefined,
): ChecksumMembers & { ChecksumType?: Checksum["type"] } =>
  checksum === undefined ? {} : { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type };

/** A composite checksum without the number of parts at its end; any other as it is. */
export const withoutPartCount = (value: string): string => value.replace(/-\d+$/, "");

/** A checksum that a client gave; `value` as it was sent. */
export type NamedChecksum = { readonly algorithm: ChecksumAlgorithm; readonly value: string };

/** The checksums that an input names. */
export const givenChecksums = (input: ChecksumValues): NamedChecksum[] => {
  const given: NamedChecksum[] = [];
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = input[`Checksum${algorithm}`];
    if (value !== undefined) given.push({ algorithm, value });
  }
  return given;
};

/** The raw digest of a stored checksum; those of objects made of parts end in `-N`. */
export const rawDigest = (algorithm: ChecksumAlgorithm, value: string): Buffer => {
  const digest = decodeChecksum(algorithm, value);
  if (digest === undefined) throw new Error(`a stored ${algorithm} is malformed`);
  return digest;
};
