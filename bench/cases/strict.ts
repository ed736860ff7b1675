/** What auth mode `strict` costs: reads of 1 KiB that are signed and judged by ten statements, beside the same in `lenient`. */
import { judge } from "../figures.ts";
import type { CaseResult, Figure } from "../figures.ts";
import type { Address } from "../load/connection.ts";
import type { Credentials } from "../load/request.ts";
import { medianOf, spreadOf } from "../statistics.ts";
import type { Context } from "./context.ts";
import { LOAD_CASES } from "./load-cases.ts";
import { measureLoad } from "./rounds.ts";
import type { Contender } from "./rounds.ts";
import { BUCKET, expectStatus, forkWorld, startSeeded } from "./seeded.ts";
import type { Seeded } from "./seeded.ts";

const OBJECTS = 1000;
const MORE_US_MAX = 60;
const ACCOUNT = "123456789012";
const USER = "reader";
const OBJECT_ARN = `arn:aws:s3:::${BUCKET}/*`;

const statement = (effect: "Allow" | "Deny", action: string, rest: object): object => ({
  Effect: effect,
  Action: action,
  ...rest,
});

const ofUser = { Resource: OBJECT_ARN };
/** Five of the user's; the third allows. */
const IDENTITY = [
  statement("Allow", "s3:ListBucket", { Resource: `arn:aws:s3:::${BUCKET}` }),
  statement("Allow", "s3:PutObject", ofUser),
  statement("Allow", "s3:GetObject", { ...ofUser, Condition: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } } }),
  statement("Allow", "s3:GetObject*", { Resource: "arn:aws:s3:::other/*" }),
  statement("Deny", "s3:DeleteBucket", { Resource: "*" }),
];

const ofBucket = { Principal: "*", Resource: OBJECT_ARN };
/** Five of the bucket's; the last allows. */
const RESOURCE = [
  statement("Deny", "s3:*", { ...ofBucket, Condition: { StringNotEquals: { "aws:PrincipalAccount": ACCOUNT } } }),
  statement("Deny", "s3:*", { ...ofBucket, Condition: { NotIpAddress: { "aws:SourceIp": "127.0.0.0/8" } } }),
  statement("Deny", "s3:PutObject", { ...ofBucket, Condition: { Null: { "s3:x-amz-acl": "false" } } }),
  statement("Allow", "s3:GetObject", { ...ofBucket, Principal: { AWS: "444455556666" } }),
  statement("Allow", "s3:GetObject", { ...ofBucket, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${USER}` } }),
];

const policyOf = (statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** Forks alike, so that they differ in nothing else. */
const fork = async ({ server, control }: Seeded, name: string): Promise<Address> => {
  const address = await forkWorld(control, { name });
  await expectStatus(server, address, { method: "PUT", target: `/${BUCKET}/of-${name}`, expected: 200 });
  return address;
};

const registerReader = async ({ control }: Seeded, world: string): Promise<Credentials> => {
  const inlinePolicies = [{ name: "reads", document: policyOf(IDENTITY) }];
  await control.call("IdentityService/PutUser", {
    world,
    user: { accountId: ACCOUNT, userName: USER, inlinePolicies },
  });
  const wanted = { world, accountId: ACCOUNT, userName: USER };
  const { accessKeyId, secretAccessKey } = await control.call("AccountService/CreateAccessKey", wanted);
  return { accessKeyId: String(accessKeyId), secretAccessKey: String(secretAccessKey) };
};

const QUANTITIES = ["lenient", "lenient, signed by a registered key", "strict, ten statements"] as const;

const cpuUs = ({ rounds }: Contender): readonly number[] =>
  rounds.map(({ cpuMsPerOperation }) => 1000 * cpuMsPerOperation);

const figureOf = (contender: Contender, at: number, lenient: Contender): Figure => ({
  case: "strict",
  peer: "standin",
  quantity: `get1k CPU us, ${QUANTITIES[at] ?? ""}`,
  median: medianOf(cpuUs(contender)),
  spread: spreadOf(cpuUs(contender)),
  rounds: cpuUs(contender),
  reference: at === 0 ? undefined : "standin",
  ratio: at === 0 ? undefined : medianOf(cpuUs(contender)) / medianOf(cpuUs(lenient)),
  note: `rounds of ${contender.operations}${at === 0 ? "" : "; the ratio is to lenient"}`,
});

/** Measures three worlds of one server in turns. */
export const runStrictCase = async (context: Context): Promise<CaseResult> => {
  const row = LOAD_CASES.find(({ name }) => name === "get1k");
  if (row === undefined) throw new Error("get1k is no load");
  const seeded = await startSeeded(context, OBJECTS);
  try {
    const { server, control } = seeded;
    const lenient = await fork(seeded, "lenient");
    const signed = { data: await fork(seeded, "signed"), credentials: await registerReader(seeded, "signed") };
    const strict = { data: await fork(seeded, "strict"), credentials: await registerReader(seeded, "strict") };
    const policy = { method: "PUT", target: `/${BUCKET}?policy=`, text: policyOf(RESOURCE), expected: 204 } as const;
    await expectStatus(server, strict.data, policy);
    await control.call("AccessService/SetAuthMode", { world: "strict", mode: "AUTH_MODE_STRICT" });
    const worlds = [
      { ...server, data: lenient },
      ...[signed, strict].map(({ data, credentials }) => ({ ...server, data, peer: { ...server.peer, credentials } })),
    ];
    const { contenders } = await measureLoad(context, { ...row, seed: () => [] }, worlds);
    const [first, , last] = contenders;
    if (first === undefined || last === undefined) throw new Error("a world was not measured");
    const more = medianOf(cpuUs(last)) - medianOf(cpuUs(first));
    const target = {
      what: "CPU of get1k in strict beyond that in lenient",
      sense: "at most",
      bound: MORE_US_MAX,
      unit: "us",
    } as const;
    return {
      figures: contenders.map((contender, at) => figureOf(contender, at, first)),
      verdicts: [judge("strict", target, more)],
      remarks: [],
    };
  } finally {
    await seeded.stop();
  }
};
