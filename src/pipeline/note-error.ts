/** An error on its way out: taken down for the steps that follow, and for who asks later what became of the request. */
import { keepRefusal } from "../harness/refusals.ts";
import type { RequestScope } from "./scope.ts";

const CLIENT_ERROR_STATUS_MIN = 400;

/** Takes down what a request is answered. `message` is as the client reads it. */
export const noteError = (
  { trail, world, draw }: RequestScope,
  { status, code, message }: { readonly status: number; readonly code: string; readonly message: string },
): void => {
  trail.note({ errorCode: code });
  if (status < CLIENT_ERROR_STATUS_MIN) return;
  keepRefusal(world, draw.requestId, { operation: trail.facts.operation, status, code, message });
};
