/**
 * A denial as DecodeAuthorizationMessage shows it.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
import { callerArn, callerUserId } from "../protocol/caller.ts";
import type { Decision, DecidingStatement } from "./decision.ts";

const items = <T>(list: readonly T[]): { readonly items: readonly T[] } => ({ items: list });
const values = (texts: readonly string[]) => items(texts.map((value) => ({ value })));

const statementOf = ({ statement }: DecidingStatement) => ({
  statementId: statement.sid ?? "",
  effect: statement.effect.toUpperCase(),
  principals: values(statement.principals?.named.map(({ text }) => text) ?? []),
  principalGroups: items([]),
  actions: values(statement.actions.texts),
  resources: values(statement.resources?.texts ?? []),
  conditions: items([]),
});

/** The text that a sealed message holds: JSON, on one line. */
export const authorizationMessage = (decision: Decision): string => {
  const { question, allowed, denial, deciding } = decision;
  const { caller, action, resource } = question;
  const { principal } = caller;
  const conditions = [...decision.values].flatMap(([key, found]) =>
    found === undefined ? [] : { key, values: values(found) },
  );
  return JSON.stringify({
    allowed,
    explicitDeny: denial === "explicit",
    matchedStatements: items(deciding.map(statementOf)),
    failures: items([]),
    context: {
      principal: {
        id: callerUserId(caller),
        ...(principal.kind === "User" && { name: principal.userName }),
        arn: callerArn(caller),
      },
      action,
      resource,
      conditions: items(conditions),
    },
  });
};
