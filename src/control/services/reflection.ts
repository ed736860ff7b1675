/** gRPC's server reflection: which services and types there are. Both versions of the protocol ask the same questions. */
import { type DescFile, type DescService, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { ServerReflection } from "../generated/grpc/reflection/v1/reflection_pb.ts";
import type { ServerReflection as ServerReflectionAlpha } from "../generated/grpc/reflection/v1alpha/reflection_pb.ts";

/** A question and its answer without the type names that tell the two versions apart. */
type Question =
  | {
      readonly case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices";
      readonly value: string;
    }
  | { readonly case: "fileContainingExtension"; readonly value: { readonly containingType: string } }
  | { readonly case: undefined };
type Answer =
  | { readonly case: "listServicesResponse"; readonly value: { readonly service: { readonly name: string }[] } }
  | { readonly case: "fileDescriptorResponse"; readonly value: { readonly fileDescriptorProto: Uint8Array[] } }
  | { readonly case: "allExtensionNumbersResponse"; readonly value: { readonly baseTypeName: string } }
  | { readonly case: "errorResponse"; readonly value: { readonly errorCode: number; readonly errorMessage: string } };

type Reflection = {
  readonly v1: ServiceImpl<typeof ServerReflection>;
  readonly v1alpha: ServiceImpl<typeof ServerReflectionAlpha>;
};

/** `services`: what is served, these two among them. */
export const createReflection = (services: readonly DescService[]): Reflection => {
  let index: FileIndex | undefined;
  const answer = (question: Question): Answer => {
    index ??= indexFiles(services);
    switch (question.case) {
      case "listServices":
        return {
          case: "listServicesResponse",
          value: { service: services.map(({ typeName }) => ({ name: typeName })) },
        };
      case "fileByFilename":
        return fileAnswer(index.byName.get(question.value), question.value);
      case "fileContainingSymbol":
        return fileAnswer(index.bySymbol.get(question.value), question.value);
      case "allExtensionNumbersOfType":
        // The control plane's messages have no extensions.
        return index.bySymbol.has(question.value)
          ? { case: "allExtensionNumbersResponse", value: { baseTypeName: question.value } }
          : refused(Code.NotFound, question.value);
      case "fileContainingExtension":
        return refused(Code.NotFound, `extension of ${question.value.containingType}`);
      case undefined:
    }
    return { case: "errorResponse", value: { errorCode: Code.InvalidArgument, errorMessage: "nothing was asked" } };
  };
  return {
    v1: {
      serverReflectionInfo: async function* (requests) {
        for await (const request of requests) {
          yield { validHost: request.host, originalRequest: request, messageResponse: answer(request.messageRequest) };
        }
      },
    },
    v1alpha: {
      serverReflectionInfo: async function* (requests) {
        for await (const request of requests) {
          yield {
            validHost: request.host,
            originalRequest: request,
            messageResponse: answer(request.messageRequest),
          };
        }
      },
    },
  };
};

const refused = (errorCode: Code, name: string): Answer => ({
  case: "errorResponse",
  value: { errorCode, errorMessage: `there is no ${name}` },
});

const fileAnswer = (file: DescFile | undefined, name: string): Answer =>
  file === undefined
    ? refused(Code.NotFound, name)
    : {
        case: "fileDescriptorResponse",
        value: {
          fileDescriptorProto: withImports(file).map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto)),
        },
      };

/** The file first, then all that it needs. */
const withImports = (file: DescFile): DescFile[] => {
  const found = new Set([file]);
  // A set can grow while it is walked.
  for (const known of found) for (const imported of known.dependencies) found.add(imported);
  return [...found];
};

type FileIndex = { readonly byName: ReadonlyMap<string, DescFile>; readonly bySymbol: ReadonlyMap<string, DescFile> };

const indexFiles = (services: readonly DescService[]): FileIndex => {
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  for (const file of services.flatMap((service) => withImports(service.file))) {
    byName.set(file.proto.name, file);
    for (const type of nestedTypes(file)) {
      bySymbol.set(type.typeName, file);
      if (type.kind === "service") for (const { name } of type.methods) bySymbol.set(`${type.typeName}.${name}`, file);
      if (type.kind === "message") for (const { name } of type.fields) bySymbol.set(`${type.typeName}.${name}`, file);
    }
  }
  return { byName, bySymbol };
};
