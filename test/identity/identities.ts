/** Keys of every kind, requests that they sign, and what comes of them. */
import aws4 from "aws4";
import { identify } from "../../src/identity/identify.ts";
import type { Identified, IdentifyInput } from "../../src/identity/identify.ts";
import type { ServiceFamily } from "../../src/identity/identity-errors.ts";
import { issueCredentials } from "../../src/identity/issue.ts";
import type { RegisteredKey } from "../../src/identity/known-key.ts";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import type { IdentitySettings } from "../../src/identity/resolve-account.ts";
import { deriveServerKey } from "../../src/identity/server-key.ts";
import { verify } from "../../src/identity/verify.ts";
import type { Verified } from "../../src/identity/verify.ts";
import { callerArn } from "../../src/protocol/caller.ts";

export const NOW = Date.now();
export const DEFAULT = "123456789012";
export const ISSUED_FOR = "111111111111";
export const REGISTERED_FOR = "222222222222";
export const NAMED = "333333333333";

export const serverKey = deriveServerKey(Buffer.alloc(32, 1));
export const registered: Readonly<Record<string, RegisteredKey>> = {
  AKIAROOT: { secretAccessKey: "root-secret", accountId: REGISTERED_FOR },
  AKIAUSER: { secretAccessKey: "user-secret", accountId: REGISTERED_FOR, userName: "alice" },
};

export type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export const issued = issueCredentials({
  serverKey,
  partition: "aws",
  accountId: ISSUED_FOR,
  principal: { kind: "AssumedRole", roleName: "deploy", roleId: "AROAID", sessionName: "ci" },
  nowMs: NOW,
  durationSeconds: 900,
  freeBits: 7,
});
const otherServers = issueCredentials({
  serverKey: deriveServerKey(Buffer.alloc(32, 2)),
  partition: "aws",
  accountId: ISSUED_FOR,
  principal: { kind: "Root" },
  nowMs: NOW,
  durationSeconds: 900,
  freeBits: 7,
});
export const ISSUED: Keys = issued;
export const TOKENLESS: Keys = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secretAccessKey };
export const FOREIGN: Keys = { ...otherServers, accessKeyId: "ASIAFOREIGN" };
export const UNKNOWN: Keys = { accessKeyId: "test", secretAccessKey: "test" };
export const EXAMPLE: Keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "any" };
export const ACCOUNT: Keys = { accessKeyId: "444444444444", secretAccessKey: "any" };
export const ROOT_KEY: Keys = { accessKeyId: "AKIAROOT", secretAccessKey: "root-secret" };
export const USER_KEY: Keys = { accessKeyId: "AKIAUSER", secretAccessKey: "user-secret" };

export const wrongSecret = (keys: Keys): Keys => ({ ...keys, secretAccessKey: "wrong" });

const toFacts = (signed: aws4.Request): RequestFacts => {
  const [rawPath = "", rawQuery = ""] = (signed.path ?? "/").split(/\?(.*)/s);
  const headers = Object.entries(signed.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { method: signed.method ?? "GET", rawPath, rawQuery, headers: Object.fromEntries(headers) };
};

export const signed = (
  keys: Keys | undefined,
  options: { headers?: Record<string, string>; presign?: { expires?: number; atMs?: number }; service?: string } = {},
): RequestFacts => {
  const { headers = {}, presign, service = "s3" } = options;
  if (keys === undefined) return { method: "GET", rawPath: "/b/k", rawQuery: "", headers };
  const date = new Date(presign?.atMs ?? NOW).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const path = presign === undefined ? "/b/k" : `/b/k?X-Amz-Expires=${presign.expires ?? 60}&X-Amz-Date=${date}`;
  const request: aws4.Request = { service, region: "us-east-1", host: "localhost", path, headers: { ...headers } };
  if (presign !== undefined) request.signQuery = true;
  else if (request.headers !== undefined && request.headers["X-Amz-Date"] === undefined)
    request.headers["X-Amz-Date"] = date;
  return toFacts(aws4.sign(request, keys));
};

export const settingsOf = (change: Partial<IdentitySettings> = {}): IdentitySettings => ({
  authMode: "lenient",
  fallbackAccount: DEFAULT,
  accountHeader: false,
  ...change,
});

type Options = {
  settings?: Partial<IdentitySettings>;
  family?: ServiceFamily;
  nowMs?: number;
  form?: IdentifyInput["form"];
  region?: string;
};

export const run = async (
  request: RequestFacts,
  options: Options = {},
): Promise<Identified & { verified: Verified }> => {
  const input: IdentifyInput = {
    request,
    family: options.family ?? "s3",
    settings: settingsOf(options.settings),
    serverKey,
    findAccessKey: (accessKeyId) => Promise.resolve(registered[accessKeyId]),
    form: options.form,
    region: options.region,
  };
  const identified = await identify(input);
  const nowMs = options.nowMs ?? NOW;
  const clocks = { nowMs, realNowMs: nowMs, runs: [], clientClock: "either" as const };
  return { ...identified, verified: verify({ ...input, identified, clocks, firstUseMs: () => nowMs }) };
};

/** The caller's ARN with who decided it, or the code of the refusal. */
export const outcome = async (request: RequestFacts, options: Options = {}): Promise<string> => {
  try {
    const { caller, decidedBy, verified } = await run(request, options);
    return `${callerArn(caller)} by ${decidedBy}, ${verified.signature}`;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

export const root = (accountId: string): string => `arn:aws:iam::${accountId}:root`;
export const ROLE = `arn:aws:sts::${ISSUED_FOR}:assumed-role/deploy/ci`;
