/** The terms on which a bucket serves those whom it lets in: by which endpoint, and who pays. */
import type { Identified } from "../identity/identify.ts";
import type { WireRequest } from "../protocol/wire.ts";
import { assertAccelerated } from "../services/s3/acceleration.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import { callerPays } from "../services/s3/request-payment.ts";
import type { Bucket } from "../state/model.ts";
import type { RequestScope } from "./scope.ts";

type Admitted = {
  readonly operation: S3OperationName;
  readonly bucket: Bucket | undefined;
  readonly identified: Identified;
  readonly headers: WireRequest["headers"];
};

/** Headers that the answer gets for it; undefined for most. Errors: AccessDenied, InvalidRequest. */
export const acceptTerms = (
  scope: RequestScope,
  admitted: Admitted,
): Readonly<Record<string, string>> | undefined | Promise<Readonly<Record<string, string>> | undefined> => {
  const { operation, bucket } = admitted;
  if (scope.address.accelerated !== true) return accountFor(scope, admitted);
  return assertAccelerated(scope.world, bucket, operation).then(() => accountFor(scope, admitted));
};

const accountFor = (scope: RequestScope, { operation, bucket, identified, headers }: Admitted) => {
  if (bucket === undefined) return undefined;
  const { caller } = identified;
  const pays = callerPays(scope.world, bucket, { operation, caller, payer: headers["x-amz-request-payer"] });
  return pays instanceof Promise ? pays.then(receipt) : receipt(pays);
};

const receipt = (pays: boolean): Readonly<Record<string, string>> | undefined =>
  pays ? { "x-amz-request-charged": "requester" } : undefined;
