/** What tests of IAM share. */
import { IAMServiceException } from "@aws-sdk/client-iam";

type Statement = Readonly<Record<string, unknown>>;

/** A policy of these statements, as JSON text. */
export const documentOf = (...statements: readonly Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

export const ALLOW_ALL = documentOf({ Effect: "Allow", Action: "*", Resource: "*" });

/** A trust policy for an account. */
export const trusting = (accountId: string): string =>
  documentOf({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: "sts:AssumeRole" });

type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly type: string | undefined;
};

/** How a call was refused. Throws when it was not, or failed otherwise. */
export const refusal = async (sent: Promise<unknown>): Promise<Refusal> => {
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof IAMServiceException)) throw error;
    const { Code, Type } = (error as unknown as { Error?: { Code?: string; Type?: string } }).Error ?? {};
    const { message, $metadata } = error;
    return { code: Code ?? error.name, message, status: $metadata.httpStatusCode, type: Type };
  }
  throw new Error("it was not refused");
};
