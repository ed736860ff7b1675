/** Every operation of STS through the AWS SDK, once each. */
import * as sdk from "@aws-sdk/client-sts";
import test from "ava";
import type { Operations } from "../../../src/protocol/generated/sts.ts";
import { runOperation, type OperationRows } from "../../support/operation-rows.ts";
import { keysFrom } from "../../support/accounts.ts";
import { startTestServer } from "../../support/server.ts";
import { jwt, SAML_PROVIDER, SAML_ROLE, samlResponse } from "./fixtures.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const ACCOUNT = "123456789012";
const RoleArn = `arn:aws:iam::${ACCOUNT}:role/deploy`;
const RoleSessionName = "session";
const ROOT_ARN = `arn:aws:iam::${ACCOUNT}:root`;
const SESSION_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/${RoleSessionName}`;
const soon = (): number => Date.now() + 300_000;

type Stage = { readonly sts: sdk.STSClient };

const assumed = async ({ sts }: Stage): Promise<sdk.Credentials | undefined> =>
  (await sts.send(new sdk.AssumeRoleCommand({ RoleArn, RoleSessionName }))).Credentials;

const ROWS: OperationRows<Stage, Operations, typeof sdk> = {
  AssumeRole: { input: () => ({ RoleArn, RoleSessionName }), shows: { AssumedRoleUser: { Arn: SESSION_ARN } } },
  AssumeRoleWithSAML: {
    input: () => ({
      RoleArn: SAML_ROLE,
      PrincipalArn: SAML_PROVIDER,
      SAMLAssertion: samlResponse({ expires: new Date(soon()).toISOString() }),
    }),
    shows: { Subject: "b&ob", Issuer: "https://example.com/saml" },
  },
  AssumeRoleWithWebIdentity: {
    input: () => ({
      RoleArn,
      RoleSessionName,
      WebIdentityToken: jwt({ iss: "https://idp.example", sub: "user-1", aud: "client", exp: soon() / 1000 }),
    }),
    shows: { SubjectFromWebIdentityToken: "user-1", Audience: "client", AssumedRoleUser: { Arn: SESSION_ARN } },
  },
  AssumeRoot: {
    input: () => ({
      TargetPrincipal: "222222222222",
      TaskPolicyArn: { arn: "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy" },
    }),
  },
  // Nothing was refused here, so that there is no message to decode.
  DecodeAuthorizationMessage: {
    input: () => ({ EncodedMessage: "message" }),
    refused: "InvalidAuthorizationMessageException",
    status: 400,
  },
  GetAccessKeyInfo: {
    input: async (stage) => ({ AccessKeyId: (await assumed(stage))?.AccessKeyId }),
    shows: { Account: ACCOUNT },
  },
  GetCallerIdentity: { input: () => ({}), shows: { Account: ACCOUNT, Arn: ROOT_ARN } },
  GetDelegatedAccessToken: {
    input: async (stage) => ({ TradeInToken: (await assumed(stage))?.SessionToken }),
    shows: { AssumedPrincipal: SESSION_ARN },
  },
  GetFederationToken: {
    input: () => ({ Name: "carol" }),
    shows: { FederatedUser: { Arn: `arn:aws:sts::${ACCOUNT}:federated-user/carol` } },
  },
  GetScopedCredentials: { input: () => ({ DurationSeconds: 900 }), shows: { SessionInfo: { Arn: SESSION_ARN } } },
  GetSessionToken: { input: () => ({ DurationSeconds: 900 }) },
  GetWebIdentityToken: { input: () => ({ Audience: ["https://api.example"], SigningAlgorithm: "ES384" }) },
};

for (const name of Object.keys(ROWS)) {
  test(`${name} answers the SDK as AWS does`, async (t) => {
    const root = server.sts();
    const stage = { sts: root };
    // Only a session is scoped down.
    const isOfSession = name === "GetScopedCredentials";
    const client = isOfSession ? server.sts({ credentials: keysFrom(await assumed(stage)) }) : root;
    await runOperation(t, name, { client, sdk, rows: ROWS, stage });
  });
}
