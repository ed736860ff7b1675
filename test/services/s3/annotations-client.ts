/** What the tests of annotations share. */
import {
  GetObjectAnnotationCommand,
  ListObjectAnnotationsCommand,
  PutObjectAnnotationCommand,
  PutObjectCommand,
  type PutObjectAnnotationCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { makeBucket } from "./client.ts";

/** An annotation by its name, of the current version unless another is named. */
type Named = { Bucket: string; Key: string; AnnotationName: string; VersionId?: string | undefined };

/** Calls about annotations, by one client. */
export const annotationsOf = (s3: S3Client) => {
  const put = async (Bucket: string, Key: string, Body = "body"): Promise<string | undefined> =>
    (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId;

  return {
    /** Puts an object. */
    put,
    /** Annotates with `text` unless told otherwise. */
    annotate: (input: Named & Omit<Partial<PutObjectAnnotationCommandInput>, "VersionId">) =>
      s3.send(new PutObjectAnnotationCommand({ AnnotationPayload: "text", ...input })),
    text: async (input: Named): Promise<string | undefined> =>
      (await s3.send(new GetObjectAnnotationCommand(input))).AnnotationPayload?.transformToString(),
    names: async (Bucket: string, Key: string, VersionId?: string): Promise<(string | undefined)[]> => {
      const { Annotations = [] } = await s3.send(new ListObjectAnnotationsCommand({ Bucket, Key, VersionId }));
      return Annotations.map(({ AnnotationName }) => AnnotationName);
    },
    /** The name of an annotation of an object `k` that is there. */
    annotated: async (prefix: string) => {
      const Bucket = await makeBucket(s3, prefix);
      await put(Bucket, "k");
      return { Bucket, Key: "k", AnnotationName: "note" };
    },
  };
};
