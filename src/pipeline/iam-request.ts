/** IAM behind the query protocol: from parameters to the operation's handler, and back. */
import { parsePolicy } from "../access/policy/parse-policy.ts";
import { PolicySyntaxError } from "../access/policy/syntax-error.ts";
import { lastKeyUse } from "../harness/key-uses.ts";
import { FREE_BITS_END } from "../identity/access-key-id.ts";
import { issueAccessKey } from "../identity/issue.ts";
import { drawnUniqueId } from "../identity/unique-id.ts";
import type { Caller } from "../protocol/caller.ts";
import { createQueryCodec } from "../protocol/codec/query-codec.ts";
import { description, otherOperations } from "../protocol/generated/iam.ts";
import type { DocumentKind, IamContext, IamHandler, IamOperationName } from "../services/iam/context.ts";
import { IAM_ERRORS, IamError, type IamErrorCode } from "../services/iam/errors.ts";
import { IAM_HANDLERS } from "../services/iam/handlers.ts";
import { authorizeIam } from "./iam-access.ts";
import type { QueryBackend } from "./query-request.ts";
import type { RequestScope } from "./scope.ts";

const codec = createQueryCodec("iam", description);
/** Enough for the free bits of an id and a character. */
const ID_BYTES = 6;
const FREE_BITS_BYTES = 5;

export const iamBackend: QueryBackend = {
  hasOperation: (name) => Object.hasOwn(description.operations, name) || otherOperations.has(name),
  errorRow: (code) => (Object.hasOwn(IAM_ERRORS, code) ? IAM_ERRORS[code as IamErrorCode] : undefined),
  run: async (scope, { operation, parameters, identified }) => {
    if (otherOperations.has(operation)) {
      throw new IamError("NotImplemented", `The action ${operation} is not implemented.`);
    }
    const name = operation as IamOperationName;
    const input = codec.decodeInput(name, parameters) as Record<string, never>;
    await authorizeIam(scope, { operation: name, input, identified });
    const handler = IAM_HANDLERS[name] as unknown as IamHandler<"ListOpenIDConnectProviders">;
    const output = await handler(contextOf(scope, identified.caller), input);
    return codec.encodeOutput(name, output, { requestId: scope.draw.requestId });
  },
};

const checkDocument = (document: string, kind: DocumentKind): void => {
  try {
    parsePolicy(document, { kind });
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw new IamError("MalformedPolicyDocument", error.message);
    throw error;
  }
};

const contextOf = ({ world, draw, nowMs, deps }: RequestScope, caller: Caller): IamContext => {
  const { accountId } = caller;
  return {
    world,
    caller,
    nowMs,
    newId: (prefix) => drawnUniqueId({ prefix, accountId, bytes: draw.bytes("identity", ID_BYTES) }),
    newAccessKey: () => {
      const freeBits = draw.bytes("iamAccessKey", FREE_BITS_BYTES).readUIntBE(0, FREE_BITS_BYTES) % FREE_BITS_END;
      return issueAccessKey({ serverKey: deps.serverKey, accountId, freeBits });
    },
    checkDocument,
    lastUse: (accessKeyId) => lastKeyUse(world, accessKeyId),
  };
};
