/** Users that a harness registers, with clients and ids of refusals, for tests that ask why. */
import type { S3Client } from "@aws-sdk/client-s3";
import type { ExecutionContext } from "ava";
import type { ControlClient } from "../../src/control/client.ts";
import type { TestServer } from "../support/server.ts";
import type { Keys } from "../support/signed.ts";
import { policyText, registerKeys, type StatementText } from "./fixtures.ts";

export const READS: StatementText = { Sid: "Reads", Effect: "Allow", Action: "s3:GetObject", Resource: "*" };

export type RegisteredUser = { readonly s3: S3Client; readonly userName: string; readonly keys: Keys };

let users = 0;

/** A user with these statements in one inline policy, or with none. */
export const registerUser = async (
  server: TestServer,
  control: ControlClient,
  { accountId, statements }: { readonly accountId: string; readonly statements: readonly StatementText[] },
): Promise<RegisteredUser> => {
  const userName = `user-${(users += 1)}`;
  const inlinePolicies = statements.length === 0 ? [] : [{ name: "inline", document: policyText(...statements) }];
  await control.identities.putUser({ user: { accountId, userName, inlinePolicies } });
  const keys = await registerKeys(server, { accountId, userName });
  return { s3: server.s3({ credentials: keys }), userName, keys };
};

/** The id of a request that is refused. */
export const refusedId = async (t: ExecutionContext, work: Promise<unknown>): Promise<string> => {
  const error = await t.throwsAsync<Error & { $metadata: { requestId?: string } }>(work);
  const id = error.$metadata.requestId ?? "";
  t.not(id, "");
  return id;
};
