/**
 * Which operations demand a checksum of their body. The schemas only say that an operation knows checksums, so a client that
 * adds none unless it must is asked to send each, and the request is looked at instead of being sent.
 */
import { isStructure, membersOf, traitsOf, type Operation, type Service } from "./schema.ts";

class Captured extends Error {}

type Client = { send(command: unknown): Promise<unknown> };
type ClientClass = new (config: object) => Client;
type CommandClass = new (input: object) => unknown;

const minimalInput = ({ input }: Operation): object => {
  const members = membersOf(input).flatMap(([name, member]): [string, unknown][] => {
    const traits = traitsOf(member);
    if (traits["httpLabel"] !== undefined) return [[name, "name"]];
    if (traits["httpPayload"] === undefined) return [];
    return [[name, isStructure(member) ? {} : "text"]];
  });
  return Object.fromEntries(members);
};

/** True when the SDK sends a checksum although it was told to do so only where the model demands it. */
export const demandsChecksum = async ({ sdk, client }: Service, operation: Operation): Promise<boolean> => {
  if (!operation.hasChecksum) return false;
  let headers: Readonly<Record<string, string>> = {};
  const instance = new (sdk[client] as ClientClass)({
    region: "us-east-1",
    credentials: { accessKeyId: "none", secretAccessKey: "none" },
    requestChecksumCalculation: "WHEN_REQUIRED",
    maxAttempts: 1,
    requestHandler: {
      handle: (request: { readonly headers: Readonly<Record<string, string>> }) => {
        ({ headers } = request);
        return Promise.reject(new Captured());
      },
    },
  });
  const command = new (sdk[`${operation.name}Command`] as CommandClass)(minimalInput(operation));
  await instance.send(command).catch((error: unknown) => {
    if (!(error instanceof Captured)) throw error;
  });
  return Object.keys(headers).some((name) => /^x-amz-checksum-(?!mode$)|^content-md5$/i.test(name));
};
