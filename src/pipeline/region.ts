/** The region that a request is for, and what a bucket of another region answers. */
import type { Identified } from "../identity/identify.ts";
import { scopeText } from "../identity/sigv4.ts";
import { S3Error } from "../services/s3/errors.ts";
import type { Bucket } from "../state/model.ts";
import type { RequestScope } from "./scope.ts";

const DEFAULT_REGION = "us-east-1";
/** The SDKs name their region in the User-Agent: `region/eu-west-1`. */
const AGENT_REGION = /(?:^|\s)(?:cfg\/)?region\/([a-z0-9-]+)/;

const scopeRegion = ({ authorization }: Identified): string | undefined =>
  authorization !== undefined && "scope" in authorization ? authorization.scope.region : undefined;

/** The host's region, else the signature's, else the User-Agent's, else us-east-1. `identified` is absent where nobody asked who it is. */
export const requestRegion = ({ address, request }: RequestScope, identified: Identified | undefined): string => {
  if (address.region !== undefined) return address.region;
  const scoped = identified && scopeRegion(identified);
  if (scoped !== undefined && scoped !== "") return scoped;
  return AGENT_REGION.exec(request.headers["user-agent"] ?? "")?.[1] ?? DEFAULT_REGION;
};

/**
 * Answers a wrong region (than `region`, the bucket's unless told otherwise) as AWS does, where the host names one, in `strict`, or where the world says so; otherwise any region
 * will do. Errors: PermanentRedirect, AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidArgument.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 */
export const checkRegion = (
  { address, world, request }: RequestScope,
  { bucket, region = bucket.region, identified }: { bucket: Bucket; region?: string; identified: Identified },
): void => {
  const headers = { "x-amz-bucket-region": region };
  if (address.region !== undefined && address.region !== region) {
    // The bucket's own name, which stands before it, may hold the region's too.
    const at = request.host.lastIndexOf(address.region);
    const endpoint = request.host.slice(0, at) + region + request.host.slice(at + address.region.length);
    throw new S3Error("PermanentRedirect", { Endpoint: endpoint, Bucket: bucket.name }, { headers });
  }
  const { authMode, enforceRegion } = world.settings;
  if (authMode !== "strict" && !enforceRegion) return;
  const scoped = scopeRegion(identified);
  if (scoped === undefined || scoped === region) return;
  throw wrongRegion({ identified, headers, scoped, expected: region });
};

/** A wrong region is told where the credential stood: in a header, in the query, or in a field of a form. */
const wrongRegion = (found: {
  readonly identified: Identified;
  readonly headers: Readonly<Record<string, string>>;
  readonly scoped: string;
  readonly expected: string;
}): S3Error => {
  const { identified, headers, scoped, expected } = found;
  const problem = `the region '${scoped}' is wrong; expecting '${expected}'`;
  const { authorization } = identified;
  switch (authorization?.kind) {
    case "v4-query":
      return new S3Error(
        "AuthorizationQueryParametersError",
        { Region: expected },
        { headers, message: `Error parsing the X-Amz-Credential parameter; ${problem}` },
      );
    case "v4-form": {
      const credential = `${authorization.accessKeyId}/${scopeText(authorization.scope)}`;
      const fields = { ArgumentName: "X-Amz-Credential", ArgumentValue: credential, Region: expected };
      return new S3Error("InvalidArgument", fields, { headers, message: problem });
    }
    default:
      return new S3Error(
        "AuthorizationHeaderMalformed",
        { Region: expected },
        { headers, message: `The authorization header is malformed; ${problem}` },
      );
  }
};
