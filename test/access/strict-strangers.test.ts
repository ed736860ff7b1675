/** Auth mode `strict` and those who come without a name, or by the name of a role that nobody registered. */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { createControlClient, NewBuckets } from "../../src/control/client.ts";
import { outcome } from "../services/s3/client.ts";
import { ALICE } from "../support/accounts.ts";
import { startTestServer } from "../support/server.ts";
import { policyText, registerKeys } from "./fixtures.ts";

const DENIED = ["AccessDenied", 403];

const start = async (t: ExecutionContext) => {
  const server = await startTestServer({ authMode: "strict" });
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  return { server, control, root: await registerKeys(server, { accountId: ALICE }) };
};

test("what nobody signed for belongs to nobody, and the default account has no part in it", async (t) => {
  const { server, control, root } = await start(t);
  await control.worlds.updateWorld({ settings: { newBuckets: NewBuckets.LEGACY } });
  const alice = server.s3({ credentials: root });
  const defaultAccount = server.s3({ credentials: await registerKeys(server, { accountId: "123456789012" }) });
  const Bucket = "drop-box";
  await alice.send(new CreateBucketCommand({ Bucket, ACL: "public-read-write" }));
  t.is((await server.request("PUT", `/${Bucket}/stray`, { body: "from nobody" })).status, 200);
  await defaultAccount.send(new PutObjectCommand({ Bucket, Key: "own", Body: "of the default account" }));
  t.deepEqual(await outcome(defaultAccount.send(new GetObjectCommand({ Bucket, Key: "stray" }))), DENIED);
});

test("a role that nobody registered may be assumed by anyone whose own policies do not deny it", async (t) => {
  const { server, root } = await start(t);
  const iam = server.iam({ credentials: { ...root } });
  const userWith = async (UserName: string, Effect: "Allow" | "Deny") => {
    await iam.send(new CreateUserCommand({ UserName }));
    const PolicyDocument = policyText({ Effect, Action: Effect === "Deny" ? "sts:*" : "s3:*", Resource: "*" });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "inline", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    return server.sts({ credentials });
  };
  const assume = (role: string) =>
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ALICE}:role/${role}`, RoleSessionName: "stranger" });
  await t.notThrowsAsync((await userWith("free", "Allow")).send(assume("unregistered")));
  t.deepEqual(await outcome((await userWith("denied", "Deny")).send(assume("unregistered"))), DENIED);
  const AssumeRolePolicyDocument = policyText({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { Service: "ec2.amazonaws.com" },
  });
  await iam.send(new CreateRoleCommand({ RoleName: "Registered", AssumeRolePolicyDocument }));
  const other = await userWith("other", "Allow");
  t.deepEqual(await outcome(other.send(assume("Registered"))), DENIED);
  t.deepEqual(await outcome(other.send(assume("registered"))), DENIED, "a role has no second name");
});
