/** What deployments need: a strict server that is spoken to over TLS, and clients of whoever acts. */
import { readFile } from "node:fs/promises";
import { Agent } from "node:https";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { STS, type Credentials } from "@aws-sdk/client-sts";
import type { ExecutionContext } from "ava";
import { CREDENTIALS, startStrict } from "../interop/strict-server.ts";
import { keysFrom } from "../support/accounts.ts";

export const ACCOUNT = "123456789012";
const REGION = "us-east-1";

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };

export type Actor = {
  readonly s3: S3;
  readonly iam: IAM;
  readonly sts: STS;
};

export type Stack = {
  /** The account's root, as whom the deployments of CloudFormation act here. */
  readonly root: Actor;
  /** Who acts with the keys that STS issued. */
  readonly actor: (issued: Credentials | undefined) => Actor;
  /** The same over plain HTTP. */
  readonly insecure: (issued: Credentials | undefined) => Actor;
  /** What a program is told in its environment so that it comes over TLS as whom STS issued keys for. */
  readonly environment: (issued: Credentials | undefined) => Record<string, string>;
};

export const startStack = async (t: ExecutionContext): Promise<Stack> => {
  const { server, endpoint, env } = await startStrict(t, { scheme: "https" });
  const httpsAgent = new Agent({ ca: await readFile(env["CA_BUNDLE"] ?? "") });
  const made: { destroy(): void }[] = [httpsAgent];
  t.teardown(() => {
    for (const each of made) each.destroy();
  });
  const actorWith = (keys: Keys, url: string): Actor => {
    // The SDK writes members of its own into credentials that it is given.
    const shared = { endpoint: url, region: REGION, maxAttempts: 1, credentials: { ...keys } };
    const options = { ...shared, ...(url === endpoint ? { requestHandler: { httpsAgent } } : {}) };
    const actor = {
      s3: new S3({ ...options, forcePathStyle: true }),
      iam: new IAM(options),
      sts: new STS(options),
    };
    made.push(actor.s3, actor.iam, actor.sts);
    return actor;
  };
  return {
    root: actorWith(CREDENTIALS, endpoint),
    actor: (issued) => actorWith(keysFrom(issued), endpoint),
    insecure: (issued) => actorWith(keysFrom(issued), server.endpoint),
    environment: (issued) => ({
      ...env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: issued?.AccessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: issued?.SecretAccessKey ?? "",
      AWS_SESSION_TOKEN: issued?.SessionToken ?? "",
    }),
  };
};

type Statement = Readonly<Record<string, unknown>>;

export const documentOf = (...statements: readonly Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** The document that IAM gives back, which is encoded as a part of a URL. */
export const decoded = (document = ""): string => decodeURIComponent(document);

/** A trust policy for accounts and services. */
export const trusting = (Principal: Readonly<Record<string, string | readonly string[]>>): string =>
  documentOf({ Action: "sts:AssumeRole", Effect: "Allow", Principal });
