/** Decisions, coverage and what became of requests as the control plane shows them. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ConsideredPolicy, DecidedBy, Decision } from "../access/decision.ts";
import type { Remedy } from "../access/explain/change.ts";
import { mismatchOf } from "../access/explain/mismatch.ts";
import { refusedBy, summaryText } from "../access/explain/refused-by.ts";
import { remediesOf } from "../access/explain/remedies.ts";
import { aclText, reasonText } from "../access/explain/words.ts";
import type { Coverage } from "../access/kept-decisions.ts";
import type { Refusal } from "../harness/refusals.ts";
import { callerArn } from "../protocol/caller.ts";
import {
  AccessLayer,
  type AccessDecisionSchema,
  type AccessRemedySchema,
  type ConsideredStatementSchema,
  type ExplainRequestResponseSchema,
  type PolicyCoverageSchema,
} from "./generated/standin/v1/access_pb.ts";

const LAYERS: Readonly<Record<DecidedBy, AccessLayer>> = {
  identity: AccessLayer.IDENTITY,
  boundary: AccessLayer.BOUNDARY,
  session: AccessLayer.SESSION,
  resource: AccessLayer.RESOURCE,
  root: AccessLayer.ROOT,
  acl: AccessLayer.ACL,
  publicAccessBlock: AccessLayer.PUBLIC_ACCESS_BLOCK,
  mode: AccessLayer.AUTH_MODE,
};

const statementMessages = (
  decision: Decision,
  { name, layer, policy, matches }: ConsideredPolicy,
): MessageInitShape<typeof ConsideredStatementSchema>[] =>
  policy.statements.map((statement, index) => {
    const match = matches[index] ?? { matched: false, because: "action" };
    const mismatch = mismatchOf(statement, match, decision.question);
    return {
      layer: LAYERS[layer],
      policy: name,
      index,
      sid: statement.sid ?? "",
      effect: statement.effect,
      matched: match.matched,
      decided: decision.deciding.some((deciding) => deciding.statement === statement && deciding.name === name),
      principalBy: match.matched ? (match.principalBy ?? "") : "",
      ...(mismatch === undefined
        ? {}
        : { mismatch: { ...mismatch, wanted: [...mismatch.wanted], actual: [...mismatch.actual] } }),
    };
  });

const remedyMessage = ({
  description,
  layer,
  policy = "",
  statementIndex,
  statement = "",
}: Remedy): MessageInitShape<typeof AccessRemedySchema> => ({
  description,
  layer: LAYERS[layer],
  policy,
  statement,
  ...(statementIndex === undefined ? {} : { statementIndex }),
});

/** A decision with its trace, and with what would have allowed it. */
export const decisionMessage = (decision: Decision): MessageInitShape<typeof AccessDecisionSchema> => {
  const { allowed, decidedBy, denial, question, resourceAccountId = "", considered, values, acl } = decision;
  return {
    allowed,
    decidedBy: LAYERS[decidedBy],
    explicitDeny: denial === "explicit",
    reason: reasonText(decision),
    principal: callerArn(question.caller),
    accountId: question.caller.accountId,
    action: question.action,
    resource: question.resource,
    resourceAccountId,
    statements: considered.flatMap((policy) => statementMessages(decision, policy)),
    values: [...values].map(([key, found]) => ({ key, values: [...(found ?? [])] })),
    aclGrant: acl === undefined ? "" : aclText(acl),
    remedies: remediesOf(decision).map(remedyMessage),
  };
};

/** What became of a request. */
export const explanationMessage = (
  refusal: Refusal | undefined,
  decisions: readonly Decision[],
): MessageInitShape<typeof ExplainRequestResponseSchema> => {
  const by = refusedBy(refusal, decisions);
  return {
    allowed: by === undefined || by === "request",
    summary: summaryText(refusal, decisions),
    refusedBy: by ?? "",
    operation: refusal?.operation ?? "",
    status: refusal?.status ?? 0,
    errorCode: refusal?.code ?? "",
    errorMessage: refusal?.message ?? "",
    decisions: decisions.map(decisionMessage),
  };
};

/** How often the statements of a policy were used. */
export const coverageMessage = (
  { layer, name, policy, counts }: Coverage,
  { undecidedOnly }: { readonly undecidedOnly: boolean },
): MessageInitShape<typeof PolicyCoverageSchema> => ({
  layer: LAYERS[layer],
  policy: name,
  statements: policy.statements.flatMap(({ index, sid = "", effect }) => {
    const { considered = 0, matched = 0, decided = 0 } = counts[index] ?? {};
    if (undecidedOnly && decided > 0) return [];
    return {
      index,
      sid,
      effect,
      consideredCount: BigInt(considered),
      matchedCount: BigInt(matched),
      decidedCount: BigInt(decided),
    };
  }),
});
