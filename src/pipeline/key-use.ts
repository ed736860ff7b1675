/** Remembers when registered keys were used, for GetAccessKeyLastUsed. */
import { noteKeyUse } from "../harness/key-uses.ts";
import type { Identified } from "../identity/identify.ts";
import { requestRegion } from "./region.ts";
import type { RequestScope } from "./scope.ts";

/** After the caller was believed. Costs nothing for keys that nobody registered. */
export const noteUse = (scope: RequestScope, identified: Identified, service: "s3" | "sts" | "iam"): void => {
  const { key, authorization } = identified;
  if (key.kind !== "registered" || authorization === undefined) return;
  const use = { atMs: scope.nowMs, service, region: requestRegion(scope, identified) };
  noteKeyUse(scope.world, authorization.accessKeyId, use);
};
