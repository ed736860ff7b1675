/** Users, roles and providers that a client made through IAM, as STS sees them in `strict`. */
import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import test from "ava";
import { startStrict, CREDENTIALS } from "../../interop/strict-server.ts";
import { jwt } from "./fixtures.ts";
import { keysOf, policy, refusalOf, trust } from "./strict-world.ts";

const ACCOUNT = "123456789012";

test("what a client makes through IAM is what STS goes by", async (t) => {
  const { server } = await startStrict(t);
  const iam = new IAMClient({ endpoint: server.endpoint, region: "us-east-1", credentials: CREDENTIALS });
  t.teardown(() => iam.destroy());
  const { User } = await iam.send(new CreateUserCommand({ UserName: "alice", Path: "/team/" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  const alice = server.sts({ credentials });
  t.deepEqual(await alice.send(new GetCallerIdentityCommand({})).then(({ Arn, UserId }) => [Arn, UserId]), [
    User?.Arn,
    User?.UserId,
  ]);
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "worker",
      AssumeRolePolicyDocument: policy(trust({ AWS: User?.Arn })),
      MaxSessionDuration: 7200,
    }),
  );
  const wanted = { RoleArn: Role?.Arn, RoleSessionName: "session", DurationSeconds: 7200 };
  const assumed = await alice.send(new AssumeRoleCommand(wanted));
  t.is(assumed.AssumedRoleUser?.AssumedRoleId, `${Role?.RoleId}:session`);
  const worker = server.sts({ credentials: keysOf(assumed.Credentials) });
  t.is((await worker.send(new GetCallerIdentityCommand({}))).Arn, assumed.AssumedRoleUser?.Arn);
  t.regex(
    await refusalOf(alice.send(new AssumeRoleCommand({ ...wanted, DurationSeconds: 7201 }))),
    /^ValidationError: /,
  );
  await iam.send(
    new UpdateAccessKeyCommand({ UserName: "alice", AccessKeyId: credentials.accessKeyId, Status: "Inactive" }),
  );
  t.regex(await refusalOf(alice.send(new AssumeRoleCommand(wanted))), /^InvalidClientTokenId: /);
});

test("a provider that was made through IAM vouches for its audiences", async (t) => {
  const { server } = await startStrict(t);
  const iam = new IAMClient({ endpoint: server.endpoint, region: "us-east-1", credentials: CREDENTIALS });
  t.teardown(() => iam.destroy());
  const { OpenIDConnectProviderArn } = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: "https://idp.example", ClientIDList: ["client"] }),
  );
  const condition = { StringEquals: { "idp.example:sub": "user-1" } };
  const federated = trust({ Federated: OpenIDConnectProviderArn }, condition, "sts:AssumeRoleWithWebIdentity");
  await iam.send(new CreateRoleCommand({ RoleName: "federated", AssumeRolePolicyDocument: policy(federated) }));
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: "https://idp.example", sub: "user-1", aud: "client", iat: now, exp: now + 60 };
  const assume = (change: object) =>
    refusalOf(
      server.sts().send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: `arn:aws:iam::${ACCOUNT}:role/federated`,
          RoleSessionName: "session",
          WebIdentityToken: jwt({ ...claims, ...change }),
        }),
      ),
    );
  t.is(await assume({}), "accepted");
  t.is(await assume({ aud: "other" }), "InvalidIdentityToken: Incorrect token audience");
  t.is(await assume({ sub: "user-2" }), "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity");
});
