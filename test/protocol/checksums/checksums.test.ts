import { createHash } from "node:crypto";

import test from "ava";
import * as fc from "fast-check";

import {
  CHECKSUM_ALGORITHMS,
  algorithmOfHeader,
  checksumHeader,
  decodeChecksum,
  encodeChecksum,
  parseChecksumAlgorithm,
  resolveUploadChecksum,
} from "../../../src/protocol/checksums/algorithms.ts";
import { combineCrcs } from "../../../src/protocol/checksums/combine.ts";
import { createDigests } from "../../../src/protocol/checksums/digests.ts";
import { createHasher, digestOf, loadHashers } from "../../../src/protocol/checksums/hasher.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const CHECK = Buffer.from("123456789");

/** The definition, bit by bit. */
const slowCrc = (bytes: Uint8Array, { width, polynomial }: { width: bigint; polynomial: bigint }): string => {
  const ones = (1n << width) - 1n;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return (crc ^ ones).toString(16).padStart(Number(width / 4n), "0");
};

const POLYNOMIALS = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;
const CRCS = ["CRC32", "CRC32C", "CRC64NVME"] as const;

test.before(async () => {
  await loadHashers(["XXHASH3"]);
});

test("known vectors come out", (t) => {
  t.is(hex(digestOf("CRC32", CHECK)), "cbf43926");
  t.is(hex(digestOf("CRC32C", CHECK)), "e3069283");
  t.is(hex(digestOf("CRC64NVME", CHECK)), "ae8b14860a799888");
  t.is(hex(digestOf("MD5", CHECK)), "25f9e794323b453885f5181f1b624d0b");
  t.is(hex(digestOf("SHA1", CHECK)), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
  t.is(hex(digestOf("XXHASH64", Buffer.alloc(0))), "ef46db3751d8e999");
  t.is(hex(digestOf("XXHASH3", Buffer.alloc(0))), "2d06800538d394c2");
  t.is(hex(digestOf("XXHASH128", Buffer.alloc(0))), "99aa06d3014798d86001c324468d497f");
});

for (const algorithm of CRCS) {
  test(`${algorithm} agrees with its definition at any alignment and any cut`, (t) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(7), fc.nat(200), (bytes, offset, cut) => {
        const shifted = new Uint8Array(new ArrayBuffer(bytes.length + 8), offset, bytes.length);
        shifted.set(bytes);
        const hasher = createHasher(algorithm);
        hasher.update(shifted.subarray(0, cut));
        hasher.update(shifted.subarray(cut));
        return hex(hasher.digest()) === slowCrc(bytes, POLYNOMIALS[algorithm]);
      }),
    );
    t.pass();
  });

  test(`${algorithm} of a whole is combined from those of its parts`, (t) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (parts) => {
        const runs = parts.map((part) => ({ digest: digestOf(algorithm, part), sizeBytes: part.length }));
        return hex(combineCrcs(algorithm, runs)) === hex(digestOf(algorithm, Buffer.concat(parts)));
      }),
    );
    t.pass();
  });
}

test("a CRC is combined over a part of five mebibytes", (t) => {
  const part = Buffer.alloc(5 * 1024 * 1024, "standin");
  for (const algorithm of CRCS) {
    const run = { digest: digestOf(algorithm, part), sizeBytes: part.length };
    const tail = { digest: digestOf(algorithm, CHECK), sizeBytes: CHECK.length };
    t.is(
      hex(combineCrcs(algorithm, [run, run, tail])),
      hex(digestOf(algorithm, Buffer.concat([part, part, CHECK]))),
      algorithm,
    );
  }
});

test("a hasher gives what hashing in one go gives, for every algorithm, two hashers taking turns", (t) => {
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const one = createHasher(algorithm);
    const other = createHasher(algorithm);
    one.update(Buffer.from("12345"));
    other.update(Buffer.from("other"));
    one.update(Buffer.from("6789"));
    t.is(hex(one.digest()), hex(digestOf(algorithm, CHECK)), algorithm);
    t.is(hex(other.digest()), hex(digestOf(algorithm, Buffer.from("other"))), algorithm);
  }
});

test("several digests are taken in one pass, over none, one and many runs of bytes", (t) => {
  for (const runs of [[], ["123456789"], ["1", "2345", "6789"]]) {
    const digests = createDigests(new Set(["MD5", "CRC32"] as const));
    for (const run of runs) digests.update(Buffer.from(run));
    const whole = Buffer.from(runs.join(""));
    const finished = digests.finish();
    t.is(hex(finished.get("MD5")!), createHash("md5").update(whole).digest("hex"));
    t.is(hex(finished.get("CRC32")!), hex(digestOf("CRC32", whole)));
  }
});

test("header values are read only in canonical base64 of the right length", (t) => {
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const digest = digestOf(algorithm, CHECK);
    const text = encodeChecksum(digest);
    t.deepEqual(hex(decodeChecksum(algorithm, text)!), hex(digest));
    for (const bad of [text.slice(1), `${text}A`, text.replace("=", ""), ` ${text}`, "", "sums==", `${text}-2`]) {
      if (bad !== text) t.is(decodeChecksum(algorithm, bad), undefined, `${algorithm} ${bad}`);
    }
  }
});

test("every algorithm has its header, and other x-amz-checksum- headers are none", (t) => {
  for (const algorithm of CHECKSUM_ALGORITHMS) t.is(algorithmOfHeader(checksumHeader(algorithm)), algorithm);
  t.is(algorithmOfHeader("x-amz-checksum-type"), undefined);
  t.is(algorithmOfHeader("x-amz-checksum-algorithm"), undefined);
});

test("an upload's checksum type follows from its algorithm", (t) => {
  t.is(resolveUploadChecksum({ algorithm: undefined, type: undefined }), undefined);
  t.deepEqual(resolveUploadChecksum({ algorithm: "crc32", type: undefined }), {
    algorithm: "CRC32",
    type: "COMPOSITE",
  });
  t.deepEqual(resolveUploadChecksum({ algorithm: "CRC32C", type: "FULL_OBJECT" }), {
    algorithm: "CRC32C",
    type: "FULL_OBJECT",
  });
  t.deepEqual(resolveUploadChecksum({ algorithm: "CRC64NVME", type: undefined }), {
    algorithm: "CRC64NVME",
    type: "FULL_OBJECT",
  });
});

test("pairs of algorithm and type that S3 does not know are refused in its words", (t) => {
  const refused = (algorithm: string | undefined, type: string | undefined): string | undefined =>
    t.throws(() => resolveUploadChecksum({ algorithm, type }), { code: "InvalidRequest" })?.message;
  t.is(
    refused("SHA1", "FULL_OBJECT"),
    "The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm.",
  );
  t.is(
    refused("CRC64NVME", "COMPOSITE"),
    "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.",
  );
  t.is(
    refused(undefined, "COMPOSITE"),
    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
  );
  t.is(refused("CRC32", "PARTIAL"), "Value for x-amz-checksum-type header is invalid.");
  t.regex(
    t.throws(() => parseChecksumAlgorithm("CRC16"))?.message ?? "",
    /^Checksum algorithm provided is unsupported/,
  );
});
