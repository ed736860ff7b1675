/** How one number of a job is done on a connection. Each connection has a performer, and buffers, of its own. */
import { crc32 } from "node:zlib";

import { bodyOf } from "./bodies.ts";
import type { RawConnection } from "./connection.ts";
import type { DeleteJob, MultipartJob, RequestsJob } from "./jobs.ts";
import { crc32Base64, createTemplate, numberText, writeNumber } from "./request.ts";
import type { RequestShape, Template } from "./request.ts";
import type { RawResponse, ReadOptions } from "./response-reader.ts";

/** Does one number; answers the bytes of response bodies. */
export type Perform = (connection: RawConnection, number: number) => Promise<number>;

/** Bodies up to this size go out in one piece with their head. */
const JOINED_BYTES_MAX = 16 * 1024;
const SHOWN_CHARACTERS = 300;

/** Throws unless the answer is a success. */
export const requireSuccess = (response: RawResponse, template: Template): RawResponse => {
  if (response.status >= 200 && response.status < 300) return response;
  const line = template.head.toString("latin1", 0, template.head.indexOf("\r\n"));
  const said = response.body.toString("utf8").slice(0, SHOWN_CHARACTERS);
  throw new Error(`${line} was answered ${response.status}: ${said}`);
};

const piecesOf = ({ head, body }: Template): readonly Uint8Array[] => (body === undefined ? [head] : [head, body]);

const sendTemplate = async (
  connection: RawConnection,
  template: Template,
  body: ReadOptions["body"] = "count",
): Promise<RawResponse> =>
  requireSuccess(await connection.send(piecesOf(template), { method: template.method, body }), template);

/** Joins head and a small body into one piece; the number is still written in place. */
const joined = (template: Template): Template =>
  template.body === undefined || template.body.byteLength > JOINED_BYTES_MAX
    ? template
    : { ...template, head: Buffer.concat([template.head, template.body]), body: undefined };

/** Requests that are signed in earnest: a signature holds for one number, so each has a template of its own. */
const performSigned = (job: RequestsJob, body: Pick<RequestShape, "body">): Perform => {
  const { method, target, modulo = Number.MAX_SAFE_INTEGER, stride = 1 } = job;
  const templates = new Map<number, Template>();
  return async (connection, number) => {
    const at = (number * stride) % modulo;
    const shape: RequestShape = { method, target: target.replace("#", numberText(at)), ...body };
    const template = templates.get(at) ?? createTemplate(shape, job.address, job.credentials);
    templates.set(at, template);
    return (await sendTemplate(connection, template)).bodyBytes;
  };
};

export const performRequest = (job: RequestsJob): Perform => {
  const { method, target, bodyBytes, modulo = Number.MAX_SAFE_INTEGER, stride = 1 } = job;
  const body = bodyBytes === undefined ? {} : { body: bodyOf(bodyBytes) };
  if (job.credentials.secretAccessKey !== undefined) return performSigned(job, body);
  const template = joined(createTemplate({ method, target, ...body }, job.address, job.credentials));
  const { head, digitsAt } = template;
  return async (connection, number) => {
    if (digitsAt !== undefined) writeNumber(head, digitsAt, (number * stride) % modulo);
    const { bodyBytes } = await sendTemplate(connection, template);
    return bodyBytes;
  };
};

const requireMatch = (text: string, pattern: RegExp): string => {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`${String(pattern)} is not in: ${text.slice(0, SHOWN_CHARACTERS)}`);
  return found;
};

/** As the SDKs do it: an upload of the algorithm CRC32, and each part's checksum again in its completion. */
const ALGORITHM = { "x-amz-checksum-algorithm": "CRC32" };

const completionOf = (etags: readonly string[], body: Uint8Array): Buffer => {
  const checksum = `<ChecksumCRC32>${crc32Base64(crc32(body))}</ChecksumCRC32>`;
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag>${checksum}</Part>`,
  );
  return Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`);
};

export const performMultipart = (job: MultipartJob): Perform => {
  const body = bodyOf(job.partBytes);
  const template = (shape: RequestShape): Template => createTemplate(shape, job.address, job.credentials);
  const putParts = async (connection: RawConnection, targetOf: (part: number) => string): Promise<string[]> => {
    const etags: string[] = [];
    for (let part = 1; part <= job.parts; part++) {
      const { head } = await sendTemplate(connection, template({ method: "PUT", target: targetOf(part), body }));
      etags.push(requireMatch(head, /\r\netag: *([^\r]+)/i));
    }
    return etags;
  };
  return async (connection, number) => {
    const path = job.path.replace("#", numberText(number % job.modulo));
    if (job.asPuts) {
      await putParts(connection, (part) => `${path}-${part}`);
      return 0;
    }
    const created = await sendTemplate(
      connection,
      template({ method: "POST", target: `${path}?uploads=`, headers: ALGORITHM }),
      "keep",
    );
    const uploadId = encodeURIComponent(requireMatch(created.body.toString(), /<UploadId>([^<]+)</));
    const etags = await putParts(connection, (part) => `${path}?partNumber=${part}&uploadId=${uploadId}`);
    const target = `${path}?uploadId=${uploadId}`;
    const completion = template({ method: "POST", target, body: completionOf(etags, body), unchecked: true });
    const completed = await sendTemplate(connection, completion, "keep");
    // S3 may answer 200 and tell of an error in the body. (moto calls the root ...Response.)
    requireMatch(completed.body.toString(), /(<CompleteMultipartUploadRes)/);
    return completed.bodyBytes;
  };
};

const deletionOf = ({ prefix, keys }: DeleteJob, number: number): Buffer => {
  const objects = Array.from(
    { length: keys },
    (_, index) => `<Object><Key>${prefix}${numberText(number * keys + index)}</Key></Object>`,
  );
  return Buffer.from(`<Delete><Quiet>true</Quiet>${objects.join("")}</Delete>`);
};

export const performDelete = (job: DeleteJob): Perform => {
  const target = `/${job.bucket}?delete=`;
  return async (connection, number) => {
    const shape = { method: "POST", target, body: deletionOf(job, number) } as const;
    const response = await sendTemplate(connection, createTemplate(shape, job.address, job.credentials), "keep");
    // Quiet: only failures are listed.
    if (response.body.includes("<Error>")) throw new Error(response.body.toString().slice(0, SHOWN_CHARACTERS));
    return response.bodyBytes;
  };
};
