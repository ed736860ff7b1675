/** What a request says of a question that is asked without a request. */
import type { SimulatedCaller, SimulatedQuestion } from "../access/simulation.ts";
import { invalidField } from "./errors.ts";
import { readAccountId, readBucketName, readKeyText } from "./fields.ts";
import {
  SimulatedCaller_Kind as Kind,
  SimulatedCaller_KindSchema as KindSchema,
  type ConditionValue,
  type SimulateAccessRequest,
  type SimulatedCaller as CallerMessage,
} from "./generated/standin/v1/access_pb.ts";
import { readAttachedArns, readDocument, readIdentityName } from "./identity-fields.ts";
import {
  SIMULATED_KEYS_MAX,
  SIMULATED_POLICY_ARNS_MAX,
  SIMULATED_VALUE_CHARS_MAX,
  SIMULATED_VALUES_MAX,
} from "./limits.ts";
import { notNamed } from "./named-values.ts";
import { requireMessage } from "./read-identity.ts";

const ACTION = /^[a-z0-9-]{1,64}:[A-Za-z0-9]{1,128}$/;
const KEY_CHARS_MAX = 256;
const ARN_CHARS_MAX = 2_048;
const SESSION_NAME = "simulated";

/** The question of a request. INVALID_ARGUMENT for what is malformed. */
export const readSimulation = (
  request: SimulateAccessRequest,
  { nowMs, anonymousAccountId }: { readonly nowMs: number; readonly anonymousAccountId: string },
): SimulatedQuestion => {
  const { action } = request;
  if (!ACTION.test(action)) throw invalidField("action", "must be an action of a service, such as s3:GetObject");
  return {
    caller: readCaller(requireMessage(request.caller, "caller"), { anonymousAccountId }),
    action,
    on: readTarget(request),
    context: readContext(request.context),
    nowMs,
  };
};

const readCaller = (
  message: CallerMessage,
  { anonymousAccountId }: { readonly anonymousAccountId: string },
): SimulatedCaller => {
  const { kind } = message;
  if (kind === Kind.ANONYMOUS) {
    const accountId = message.accountId === "" ? anonymousAccountId : readAccount(message);
    return { kind: "anonymous", accountId };
  }
  const accountId = readAccount(message);
  switch (kind) {
    case Kind.ROOT:
      return { kind: "root", accountId };
    case Kind.USER:
      return { kind: "user", accountId, name: readName(message.name, "caller.name") };
    case Kind.ROLE:
      return {
        kind: "role",
        accountId,
        name: readName(message.name, "caller.name"),
        sessionName: message.sessionName === "" ? SESSION_NAME : readName(message.sessionName, "caller.sessionName"),
        ...readSession(message),
      };
    case Kind.FEDERATED_USER:
      return {
        kind: "federatedUser",
        accountId,
        name: readName(message.name, "caller.name"),
        madeBy: message.madeBy === "" ? undefined : readName(message.madeBy, "caller.madeBy"),
        ...readSession(message),
      };
    case Kind.UNSPECIFIED:
  }
  throw notNamed("caller.kind", KindSchema);
};

const readAccount = ({ accountId }: CallerMessage): string => readAccountId(accountId, "caller.accountId");
const readName = (name: string, field: string): string => readIdentityName(name, { field, charsMax: 64 });

const readSession = ({ sessionPolicy, policyArns, accountId }: CallerMessage) => {
  if (policyArns.length > SIMULATED_POLICY_ARNS_MAX) {
    throw invalidField("caller.policyArns", `must be at most ${SIMULATED_POLICY_ARNS_MAX}`);
  }
  return {
    sessionPolicy: sessionPolicy === "" ? undefined : readDocument(sessionPolicy, "caller.sessionPolicy", "session"),
    policyArns: readAttachedArns(policyArns, "caller.policyArns", accountId),
  };
};

const readTarget = ({ bucket, key, versionId, resource }: SimulateAccessRequest): SimulatedQuestion["on"] => {
  if (bucket === "") {
    for (const [field, text] of Object.entries({ key, versionId })) {
      if (text !== "") throw invalidField(field, "must be empty without a bucket");
    }
    if (resource.length > ARN_CHARS_MAX) throw invalidField("resource", `must be at most ${ARN_CHARS_MAX} characters`);
    return { resource: resource === "" ? "*" : resource };
  }
  if (resource !== "") throw invalidField("resource", "must be empty where there is a bucket");
  return {
    bucket: readBucketName(bucket),
    ...(key === "" ? {} : { key: readKeyText(key, "key") }),
    ...(versionId === "" ? {} : { versionId }),
  };
};

const readContext = (context: readonly ConditionValue[]): ReadonlyMap<string, readonly string[]> => {
  if (context.length > SIMULATED_KEYS_MAX) throw invalidField("context", `must be at most ${SIMULATED_KEYS_MAX}`);
  return new Map(
    context.map(({ key, values }, index) => {
      if (key === "" || key.length > KEY_CHARS_MAX) {
        throw invalidField(`context[${index}].key`, `must be 1 to ${KEY_CHARS_MAX} characters`);
      }
      if (values.length > SIMULATED_VALUES_MAX) {
        throw invalidField(`context[${index}].values`, `must be at most ${SIMULATED_VALUES_MAX}`);
      }
      if (values.some((value) => value.length > SIMULATED_VALUE_CHARS_MAX)) {
        throw invalidField(`context[${index}].values`, `must be at most ${SIMULATED_VALUE_CHARS_MAX} characters each`);
      }
      return [key.toLowerCase(), values];
    }),
  );
};
