/** Makes credentials that need no memory. */
import { createHmac } from "node:crypto";

import type { Partition, Session } from "../protocol/caller.ts";
import { encodeAccessKeyId } from "./access-key-id.ts";
import type { ServerKey } from "./server-key.ts";
import { sealSessionToken } from "./session-token.ts";
import type { SessionGrant } from "./session-token.ts";

/** AWS's secrets have 40 characters: 30 bytes in base64. */
const SECRET_BYTES = 30;

/** The secret that belongs to an access key id of this server's. */
export const deriveSecretAccessKey = (serverKey: ServerKey, accessKeyId: string): string =>
  createHmac("sha256", serverKey.secretKey).update(accessKeyId).digest().toString("base64", 0, SECRET_BYTES);

type TemporaryCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
};

type IssueOptions = Omit<Session, "issuedAtMs" | "expiresAtMs"> & {
  readonly serverKey: ServerKey;
  readonly partition: Partition;
  readonly accountId: string;
  readonly principal: SessionGrant["principal"];
  readonly nowMs: number;
  /** Checked by the operation. */
  readonly durationSeconds: number;
  /** A random whole number from 0 up to, not including, `FREE_BITS_END`. */
  readonly freeBits: number;
  /** Characters that the session token has at least. */
  readonly tokenCharactersMin?: number;
};

/** Temporary credentials, as STS answers them. Errors: PackedPolicyTooLarge. */
export const issueCredentials = (options: IssueOptions): TemporaryCredentials => {
  const { serverKey, partition, accountId, principal, nowMs, durationSeconds, freeBits, ...rest } = options;
  const { tokenCharactersMin = 0, ...facts } = rest;
  const accessKeyId = encodeAccessKeyId({ prefix: "ASIA", accountId, freeBits });
  // STS gives whole seconds.
  const issuedAtMs = Math.floor(nowMs / 1000) * 1000;
  const expiresAtMs = issuedAtMs + durationSeconds * 1000;
  const session: Session = { ...facts, issuedAtMs, expiresAtMs };
  return {
    accessKeyId,
    secretAccessKey: deriveSecretAccessKey(serverKey, accessKeyId),
    sessionToken: sealSessionToken(
      serverKey,
      { accessKeyId, partition, accountId, principal, session },
      { charactersMin: tokenCharactersMin },
    ),
    expiration: new Date(expiresAtMs),
  };
};

/** A long-lived key of an account, as CreateAccessKey answers it; it counts once it is registered. */
export const issueAccessKey = (options: {
  readonly serverKey: ServerKey;
  readonly accountId: string;
  readonly freeBits: number;
}): { readonly accessKeyId: string; readonly secretAccessKey: string } => {
  const { serverKey, accountId, freeBits } = options;
  const accessKeyId = encodeAccessKeyId({ prefix: "AKIA", accountId, freeBits });
  return { accessKeyId, secretAccessKey: deriveSecretAccessKey(serverKey, accessKeyId) };
};
