/** A server that verifies every signature, so that every byte that a client signs is judged. */
import type { ExecutionContext } from "ava";
import { callOk } from "../control/control-plane.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** A long-term key of the default account that the server knows, with characters that want encoding. */
export const CREDENTIALS = { accessKeyId: "AKIASTANDININTEROP01", secretAccessKey: "interop/secret+key" };

type StrictServer = {
  readonly server: TestServer;
  /** By which a client comes: https where TLS was asked for. */
  readonly endpoint: string;
  /** What a program is told in its environment: ENDPOINT, the key, and over https CA_BUNDLE, the authority to trust. */
  readonly env: Readonly<Record<string, string>>;
};

/** Starts it for a test, which ends it. */
export const startStrict = async (
  t: ExecutionContext,
  { scheme = "http" }: { scheme?: "http" | "https" } = {},
): Promise<StrictServer> => {
  const secured = scheme === "https" ? ({ tls: { kind: "self-signed" } } as const) : {};
  const server = await startTestServer({ authMode: "strict", ...secured });
  t.teardown(() => server.close());
  // The JavaScript SDK writes members of its own into credentials that it is given.
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  const body = { accountId: "123456789012", accessKeyId, secretAccessKey };
  await callOk(t, server.running.controlUrl, "AccountService/CreateAccessKey", body);
  const endpoint = server.endpoint.replace("http:", `${scheme}:`);
  const { caPath } = server.running;
  const env = {
    ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    ...(scheme === "https" && caPath !== undefined ? { CA_BUNDLE: caPath, AWS_CA_BUNDLE: caPath } : {}),
  };
  return { server, endpoint, env };
};
