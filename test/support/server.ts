/** A whole server in this process, for tests that come through the door a user uses. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { IAMClient, type IAMClientConfig } from "@aws-sdk/client-iam";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { S3ControlClient, type S3ControlClientConfig } from "@aws-sdk/client-s3-control";
import { STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { createConfig, type Config } from "../../src/config.ts";
import { startServer, type RunningServer } from "../../src/server.ts";

/** Which account a client is of (its key id names it), and anything else that the SDK's client takes. */
type ClientOptions<SdkConfig> = Partial<SdkConfig> & { readonly accountId?: string };

export type RawResponse = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

export type RawRequest = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

export type TestServer = {
  /** The data plane's URL, without a slash at its end. */
  readonly endpoint: string;
  readonly running: RunningServer;
  /** A client of the default account, or of `accountId`, in us-east-1 and path style unless told otherwise. */
  s3(options?: ClientOptions<S3ClientConfig>): S3Client;
  s3Control(options?: ClientOptions<S3ControlClientConfig>): S3ControlClient;
  sts(options?: ClientOptions<STSClientConfig>): STSClient;
  iam(options?: ClientOptions<IAMClientConfig>): IAMClient;
  /** One request to the data plane, as it is written here: `path` with its query, nothing signed. */
  request(method: string, path: string, options?: RawRequest): Promise<RawResponse>;
  close(): Promise<void>;
};

const DEFAULT_ACCOUNT = "123456789012";

/** Every name leads here: `*.localhost` is not resolved everywhere. */
export const LOOPBACK = new Agent({
  lookup: (_, options, found) =>
    options.all === true ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4),
});

const credentialsOf = (accountId = DEFAULT_ACCOUNT) => ({ accessKeyId: accountId, secretAccessKey: "test" });

const send = (endpoint: string, { method, path, options }: { method: string; path: string; options: RawRequest }) =>
  new Promise<RawResponse>((resolve, reject) => {
    const { hostname, port } = new URL(endpoint);
    const { headers = {}, body } = options;
    const outgoing = httpRequest({ method, path, hostname, port, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });

/** Starts a server on throw-away state and free ports, in the world as it is or as `given` says. Close it when the tests are done. */
export const startTestServer = async (
  settings: Partial<Config> = {},
  given: NonNullable<Parameters<typeof startServer>[1]> = {},
): Promise<TestServer> => {
  const config = createConfig({ port: 0, controlPort: 0, ephemeral: true, logLevel: "warn", ...settings });
  const running = await startServer(config, given);
  const endpoint = running.dataUrl.replace(/\/$/, "");
  const clients: { destroy(): void }[] = [];
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const common = { endpoint, region: "us-east-1", maxAttempts: 1 };
  return {
    endpoint,
    running,
    s3: ({ accountId, ...options } = {}) =>
      kept(new S3Client({ ...common, forcePathStyle: true, credentials: credentialsOf(accountId), ...options })),
    s3Control: ({ accountId, ...options } = {}) =>
      kept(
        new S3ControlClient({
          ...common,
          // Its hosts begin with the account, which no IP address can follow.
          endpoint: endpoint.replace("127.0.0.1", "localhost"),
          requestHandler: { httpAgent: LOOPBACK },
          credentials: credentialsOf(accountId),
          ...options,
        }),
      ),
    sts: ({ accountId, ...options } = {}) =>
      kept(new STSClient({ ...common, credentials: credentialsOf(accountId), ...options })),
    iam: ({ accountId, ...options } = {}) =>
      kept(new IAMClient({ ...common, credentials: credentialsOf(accountId), ...options })),
    request: (method, path, options = {}) => send(endpoint, { method, path, options }),
    close: async () => {
      for (const client of clients) client.destroy();
      await running.close();
    },
  };
};
