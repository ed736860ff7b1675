/** The policy of an access point: its text as it was put, and what it says. */
import { parsePolicy } from "../../access/policy/parse-policy.ts";
import { isPublicPolicy } from "../../access/policy/public-policy.ts";
import { PolicySyntaxError } from "../../access/policy/syntax-error.ts";
import { readAccessPointDocument, type AccessPoint } from "../../state/access-points.ts";
import type { View } from "../../state/view.ts";
import { S3Error } from "../s3/errors.ts";
import { accessPointArn } from "./names.ts";

/**
 * Whether a policy that is put on an access point, or stands on it, is public. One for a single VPC is not, whomever it names.
 * Errors: MalformedPolicy.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export const isPublicPointPolicy = (text: string, point: AccessPoint): boolean => {
  try {
    const policy = parsePolicy(text, { kind: "resource", resourceArn: accessPointArn(point) });
    return point.vpcId === undefined && isPublicPolicy(policy);
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw new S3Error("MalformedPolicy", {}, { message: error.message });
    throw error;
  }
};

/** The text of an access point's policy. Errors: NoSuchAccessPointPolicy. */
export const requirePointPolicy = async (view: View, point: AccessPoint): Promise<string> => {
  const text = await readAccessPointDocument(view, point, "policy");
  if (text === undefined) throw new S3Error("NoSuchAccessPointPolicy", { AccessPointName: point.name });
  return text;
};
