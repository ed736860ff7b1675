/** Asks policies about a request to S3 Control, in `strict`. Other modes ask nothing: the account is the caller's own. */
import { callerSideOf } from "../access/caller-side.ts";
import { decide, type ResourceSide } from "../access/decide.ts";
import { keepDecision } from "../access/kept-decisions.ts";
import { parsedPolicy } from "../access/parsed-policies.ts";
import type { AccessPointFacts, Tag } from "../access/request-facts.ts";
import { s3Values } from "../access/s3-condition-keys.ts";
import type { Identified } from "../identity/identify.ts";
import { parseParameters } from "../protocol/query-string.ts";
import type { S3ControlContext, S3ControlOperationName } from "../services/s3-control/context.ts";
import { accessPointArn, parseAccessPointArn } from "../services/s3-control/names.ts";
import { findResource, readTags } from "../services/s3-control/resource-tags.ts";
import { S3Error } from "../services/s3/errors.ts";
import {
  readAccessPoint,
  readAccessPointDocument,
  type AccessPoint,
  type AccessPointId,
} from "../state/access-points.ts";
import { deniedError } from "./access.ts";
import { NO_DOCUMENT, s3Facts } from "./access-facts.ts";
import { identityTagsFor, policiesOfSide } from "./access-tags.ts";
import type { RequestScope } from "./scope.ts";

/** The members of inputs that say what is asked. */
export type ControlInput = {
  readonly Name?: string;
  readonly ResourceArn?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined;
  readonly TagKeys?: readonly string[];
  readonly VpcConfiguration?: { readonly VpcId: string } | undefined;
  readonly PublicAccessBlockConfiguration?: object | undefined;
};

type ControlRequest = {
  readonly operation: S3ControlOperationName;
  readonly input: ControlInput;
  readonly identified: Identified;
  readonly context: S3ControlContext;
};

type ActionRow = { readonly action: string; readonly on: "account" | "accessPoint" | "resource" };

const onAccount = (action: string): ActionRow => ({ action, on: "account" });
const onPoint = (action: string): ActionRow => ({ action, on: "accessPoint" });
const onResource = (action: string): ActionRow => ({ action, on: "resource" });

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const ACTIONS: Readonly<Record<S3ControlOperationName, ActionRow>> = {
  CreateAccessPoint: onPoint("s3:CreateAccessPoint"),
  DeleteAccessPoint: onPoint("s3:DeleteAccessPoint"),
  DeleteAccessPointPolicy: onPoint("s3:DeleteAccessPointPolicy"),
  DeletePublicAccessBlock: onAccount("s3:PutAccountPublicAccessBlock"),
  GetAccessPoint: onPoint("s3:GetAccessPoint"),
  GetAccessPointPolicy: onPoint("s3:GetAccessPointPolicy"),
  GetAccessPointPolicyStatus: onPoint("s3:GetAccessPointPolicyStatus"),
  GetPublicAccessBlock: onAccount("s3:GetAccountPublicAccessBlock"),
  ListAccessPoints: onAccount("s3:ListAccessPoints"),
  ListTagsForResource: onResource("s3:ListTagsForResource"),
  PutAccessPointPolicy: onPoint("s3:PutAccessPointPolicy"),
  PutPublicAccessBlock: onAccount("s3:PutAccountPublicAccessBlock"),
  TagResource: onResource("s3:TagResource"),
  UntagResource: onResource("s3:UntagResource"),
};

/** Errors: AccessDenied. */
export const authorizeControl = async (scope: RequestScope, request: ControlRequest): Promise<void> => {
  if (scope.world.settings.authMode !== "strict") return;
  if (request.identified.caller.principal.kind === "Anonymous") throw new S3Error("AccessDenied");
  for (const action of actionsOf(request)) await assertAllowed(scope, request, action);
};

/** What a new access point says beside its name has actions of its own. */
const actionsOf = ({ operation, input }: ControlRequest): readonly string[] => {
  const { action } = ACTIONS[operation];
  if (operation !== "CreateAccessPoint") return [action];
  return [
    action,
    ...(input.PublicAccessBlockConfiguration === undefined ? [] : ["s3:PutAccessPointPublicAccessBlock"]),
    ...(input.Tags === undefined ? [] : ["s3:TagResource"]),
  ];
};

const assertAllowed = async (scope: RequestScope, request: ControlRequest, action: string): Promise<void> => {
  const { world } = scope;
  const { operation, input, identified, context } = request;
  const { caller } = identified;
  const point = pointOf(request);
  const present = point && (await world.read((view) => readAccessPoint(view, point)));
  const tags = await resourceTagsOf(request, present);
  const side = await callerSideOf(world, caller);
  const policies = policiesOfSide(side);
  const facts = s3Facts(
    scope,
    {
      operation,
      route: { query: parseParameters(scope.request.rawQuery) },
      identified,
      headers: scope.request.headers,
    },
    {
      fromDocument: NO_DOCUMENT,
      resourceAccountId: context.accountId,
      accessPoint: point && pointFacts(present ?? point, { ...input, tags }),
      identityTags: await identityTagsFor(world, { caller, policies }),
      requestTags: requestTagsOf(input),
      resourceTags: tags,
    },
  );
  const resource = input.ResourceArn ?? (point === undefined ? "*" : accessPointArn(point));
  const decision = decide(
    { caller, action, resource, values: s3Values(facts) },
    { caller: side, resource: point && (await pointSide(scope, point)) },
  );
  keepDecision(world, scope.draw.requestId, decision);
  if (!decision.allowed) throw deniedError(decision);
};

const pointOf = ({ operation, input, context: { accountId, region } }: ControlRequest): AccessPointId | undefined => {
  if (ACTIONS[operation].on === "resource") return parseAccessPointArn(input.ResourceArn ?? "");
  if (input.Name === undefined) return undefined;
  return parseAccessPointArn(input.Name) ?? { accountId, region, name: input.Name };
};

const pointFacts = (
  point: AccessPoint | AccessPointId,
  { VpcConfiguration, tags }: Pick<ControlInput, "VpcConfiguration"> & { readonly tags: readonly Tag[] | undefined },
): AccessPointFacts => ({
  arn: accessPointArn(point),
  accountId: point.accountId,
  networkOrigin: VpcConfiguration === undefined && !("vpcId" in point) ? "Internet" : "VPC",
  tags,
});

/** The access point's own policy may let others of its account manage it. */
const pointSide = async ({ world }: RequestScope, point: AccessPointId): Promise<ResourceSide> => {
  const text = await world.read((view) => readAccessPointDocument(view, point, "policy"));
  const policies =
    text === undefined
      ? []
      : [{ name: `access point policy of ${point.name}`, policy: parsedPolicy(text, "resource") }];
  return { accountId: point.accountId, policies, rootAlways: true };
};

const requestTagsOf = ({ Tags, TagKeys }: ControlInput): readonly Tag[] | undefined =>
  Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })) ?? TagKeys?.map((key) => ({ key, value: "" }));

/** Those that the resource has; what is not there has none, and the handler answers for it. */
const resourceTagsOf = async (
  { input, context }: ControlRequest,
  point: AccessPoint | undefined,
): Promise<readonly Tag[] | undefined> => {
  const { world } = context;
  if (point !== undefined) return world.read((view) => readTags(view, { kind: "accessPoint", point }));
  if (input.ResourceArn === undefined) return undefined;
  try {
    const resource = await findResource(context, input.ResourceArn);
    return await world.read((view) => readTags(view, resource));
  } catch (error) {
    if (error instanceof S3Error) return undefined;
    throw error;
  }
};
