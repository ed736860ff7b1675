/** Which operation a request to S3 Control is: by method and path alone. */
import { AwsError } from "./aws-error.ts";
import { description, otherOperations, type Operations } from "./generated/s3-control.ts";
import { decodePath } from "./query-string.ts";

export type S3ControlOperationName = keyof Operations;

export type S3ControlRoute = {
  readonly operation: S3ControlOperationName;
  /** What the path says, by the members' names. */
  readonly labels: Readonly<Record<string, string>>;
};

type Candidate = { readonly operation: string; readonly method: string; readonly pattern: RegExp };

/** `/v20180820/accesspoint/{Name}/policy`; a label with a plus may have slashes. */
const patternOf = (uri: string): RegExp => {
  const parts = uri.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, plus: string) =>
    plus === "" ? `(?<${name}>[^/]+)` : `(?<${name}>.+)`,
  );
  return new RegExp(`^${parts}/?$`);
};

const candidateOf = (operation: string, [method, uri]: readonly [string, string, ...unknown[]]): Candidate => ({
  operation,
  method,
  pattern: patternOf(uri),
});

const BUILT: readonly Candidate[] = Object.entries(description.operations).map(([name, { http }]) =>
  candidateOf(name, http),
);
const OTHERS: readonly Candidate[] = Object.entries(otherOperations).map(([name, http]) => candidateOf(name, http));

type RoutedRequest = { readonly method: string; readonly rawPath: string };

/**
 * Finds the operation. Errors: NotImplemented naming one that is not built, MethodNotAllowed for a method that the place does not
 * have, InvalidURI for a path that is none.
 */
export const routeS3Control = ({ method, rawPath }: RoutedRequest): S3ControlRoute => {
  for (const { operation, method: own, pattern } of BUILT) {
    const found = own === method ? pattern.exec(rawPath) : null;
    if (found === null) continue;
    const labels = Object.entries(found.groups ?? {}).map(([name, text]) => [name, decodePath(text)]);
    return {
      operation: operation as S3ControlOperationName,
      labels: Object.fromEntries(labels) as Record<string, string>,
    };
  }
  const places = [...BUILT, ...OTHERS].filter(({ pattern }) => pattern.test(rawPath));
  const other = places.find((place) => place.method === method);
  if (other !== undefined) {
    const message = `The S3 Control operation ${other.operation} is not implemented.`;
    throw new AwsError("NotImplemented", {}, { status: 501, message });
  }
  if (places.length === 0) {
    const uri = rawPath.split("/").slice(2).join("/");
    throw new AwsError("InvalidURI", { URI: uri }, { status: 400, message: "Couldn't parse the specified URI." });
  }
  throw new AwsError(
    "MethodNotAllowed",
    { Method: method },
    {
      status: 405,
      message: "The specified method is not allowed against this resource.",
      headers: { Allow: [...new Set(places.map((place) => place.method))].join(", ") },
    },
  );
};
