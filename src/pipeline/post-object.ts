/** An upload by a browser's form through the steps of the pipeline: its fields say who, its policy what, its file is the body. */
import { checkPostPolicy, parsePostPolicy, type SizeRange } from "../identity/post-policy.ts";
import type { Identified } from "../identity/identify.ts";
import { verify } from "../identity/verify.ts";
import { POST_FIELDS_BYTES_MAX } from "../platform/limits.ts";
import { decodePostObject, encodePostObject, formHeaders, formKey } from "../protocol/codec/post-object.ts";
import { readPostForm, type PostForm } from "../protocol/form-data/post-form.ts";
import type { S3Route } from "../protocol/router.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import { UNMODELLED_HANDLERS } from "../services/s3/handlers.ts";
import { assertKey } from "../services/s3/object-key.ts";
import { acceptTerms } from "./bucket-terms.ts";
import { createFormPayload } from "./form-payload.ts";
import { noteUse } from "./key-use.ts";
import { authorize, commonHeaders, contextOf, identifyCaller, question } from "./s3-steps.ts";
import { signingTimes, type RequestScope } from "./scope.ts";

const ANY_SIZE: SizeRange = { sizeBytesMin: 0, sizeBytesMax: Number.POSITIVE_INFINITY };

/** Runs a PostObject. Errors: those of its steps. */
export const runPostObject = async (scope: RequestScope, route: S3Route): Promise<WireResponse> => {
  const { request } = scope;
  request.continueBody();
  try {
    const contentType = request.headers["content-type"] ?? "";
    const form = await readPostForm(request.body, { contentType, bytesMax: POST_FIELDS_BYTES_MAX });
    return await upload(scope, { route, form });
  } finally {
    // What an early answer leaves of the form is the listener's to read away.
    request.body.destroy();
  }
};

const upload = async (
  scope: RequestScope,
  { route, form }: { readonly route: S3Route; readonly form: PostForm },
): Promise<WireResponse> => {
  const { fields } = form;
  const names = { bucket: route.bucket ?? "", key: formKey(fields) };
  const values = new Map([...fields].map(([name, { value }]) => [name, value]));
  const identified = await identifyCaller(scope, { form: values });
  scope.trail.note({ identified, key: names.key });
  verify({ ...question(scope), identified, ...signingTimes(scope) });
  noteUse(scope, identified, "s3");
  const range = allowedSizes(scope, { identified, form, bucket: names.bucket });
  const headers = formHeaders(fields);
  const wanted = {
    operation: "PutObject",
    route,
    identified,
    headers: { ...withoutThoseOfObjects(scope.request.headers), ...headers },
  } as const;
  const bucket = await authorize(scope, wanted);
  const terms = await acceptTerms(scope, { ...wanted, bucket });
  assertKey(names.key);
  const input = decodePostObject(fields, { ...names, headers });
  const payload = createFormPayload(form.file(), { headers, range });
  const output = await UNMODELLED_HANDLERS.PostObject(contextOf(scope, { identified, bucket, payload }), input);
  return encodePostObject(output, { ...commonHeaders(scope), ...terms });
};

/** Headers that say nothing of the object. */
const OF_REQUEST: ReadonlySet<string> = new Set(["x-amz-expected-bucket-owner", "x-amz-request-payer"]);

const isOfObject = (name: string): boolean =>
  (name.startsWith("x-amz-") || name.startsWith("if-")) && !OF_REQUEST.has(name);

/** What a PutObject's headers say of its object a form's fields say: a header beside them must not tell policies otherwise. */
const withoutThoseOfObjects = (headers: WireRequest["headers"]): WireRequest["headers"] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !isOfObject(name)));

/** What sizes the form's policy lets through; `off` believes everything. Errors: those of a policy that the form does not keep. */
const allowedSizes = (
  { world }: RequestScope,
  { identified, form, bucket }: { readonly identified: Identified; readonly form: PostForm; readonly bucket: string },
): SizeRange => {
  const { authorization } = identified;
  if (authorization === undefined || !("policy" in authorization) || world.settings.authMode === "off") return ANY_SIZE;
  return checkPostPolicy(parsePostPolicy(authorization.policy), { fields: form.fields, bucket });
};
