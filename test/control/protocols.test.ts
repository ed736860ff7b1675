import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import test, { type ExecutionContext } from "ava";
import { createControlClient, DefaultAccountMode } from "../../src/control/client.ts";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "../../src/control/generated/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../src/control/generated/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../src/control/generated/grpc/reflection/v1alpha/reflection_pb.ts";
import { AccountService } from "../../src/control/generated/standin/v1/account_pb.ts";
import { NamedResourceSchema } from "../../src/control/generated/standin/v1/errors_pb.ts";
import { InspectService } from "../../src/control/generated/standin/v1/inspect_pb.ts";
import { StateService } from "../../src/control/generated/standin/v1/state_pb.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { call, withControlPlane } from "./control-plane.ts";

const TRANSPORTS: Record<string, (baseUrl: string) => Transport> = {
  "Connect in JSON over HTTP/1.1": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false }),
  "Connect in binary over HTTP/1.1": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect in binary over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "gRPC over HTTP/2": (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web over HTTP/1.1": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "gRPC-Web over HTTP/2": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "2" }),
};

const refusalOf = async (t: ExecutionContext, calling: Promise<unknown>): Promise<ConnectError> => {
  const error = await t.throwsAsync(calling, { instanceOf: ConnectError });
  return ConnectError.from(error);
};

for (const [name, transportTo] of Object.entries(TRANSPORTS)) {
  test(`calls, streams and errors with details go by ${name}`, async (t) => {
    await withControlPlane({}, async (baseUrl) => {
      const transport = transportTo(baseUrl);
      const accounts = createClient(AccountService, transport);
      await accounts.setDefaultAccount({ accountId: "111111111111", mode: DefaultAccountMode.FALLBACK });
      t.is((await accounts.getDefaultAccount({})).fallbackAccountId, "111111111111");
      const state = createClient(StateService, transport);
      const { snapshot } = await state.createSnapshot({ name: "s" });
      t.is(snapshot?.createdAt?.seconds, BigInt(Date.parse("2026-01-02T03:04:05Z") / 1000));
      const error = await refusalOf(t, state.restoreSnapshot({ name: "none" }));
      t.is(error.code, Code.NotFound);
      t.like(error.findDetails(NamedResourceSchema)[0], { type: "snapshot", name: "none", world: "default" });
      const inspect = createClient(InspectService, transport);
      for await (const record of inspect.dumpState({})) t.fail(`an empty world has no ${record.record.case}`);
      const dump = async (): Promise<void> => {
        for await (const _ of inspect.dumpState({ world: "none" })) t.fail();
      };
      t.is((await refusalOf(t, dump())).code, Code.NotFound);
    });
  });
}

test("the health of the server and of each service is told over gRPC", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    const health = createClient(Health, createGrpcTransport({ baseUrl }));
    for (const service of ["", "standin.v1.AccountService", "standin.v1.StateService", "standin.v1.InspectService"]) {
      t.is((await health.check({ service })).status, Status.SERVING);
    }
    t.is((await refusalOf(t, health.check({ service: "standin.v1.None" }))).code, Code.NotFound);
    for await (const { status } of health.watch({ service: "standin.v1.None" })) {
      t.is(status, Status.SERVICE_UNKNOWN);
      break;
    }
  });
});

test("a watch of the health ends with NOT_SERVING when the server stops", async (t) => {
  const shutdown = new AbortController();
  await withControlPlane({ shutdownSignal: shutdown.signal }, async (baseUrl) => {
    const health = createClient(Health, createGrpcTransport({ baseUrl }));
    const seen: Status[] = [];
    const watch = async (): Promise<void> => {
      for await (const { status } of health.watch({ service: "" })) {
        seen.push(status);
        shutdown.abort();
      }
    };
    await watch();
    t.deepEqual(seen, [Status.SERVING, Status.NOT_SERVING]);
  });
});

async function* each<T>(...questions: T[]): AsyncGenerator<T> {
  yield* questions;
}

test("reflection lists the services and gives their files with all that they import", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    const transport = createGrpcTransport({ baseUrl });
    for (const reflection of [
      createClient(ServerReflection, transport),
      createClient(ServerReflectionAlpha, transport),
    ]) {
      const questions = each(
        { host: "h", messageRequest: { case: "listServices", value: "" } } as const,
        { messageRequest: { case: "fileContainingSymbol", value: "standin.v1.InspectService" } } as const,
        { messageRequest: { case: "fileContainingSymbol", value: "standin.v1.StateService.Reset" } } as const,
        { messageRequest: { case: "fileByFilename", value: "google/protobuf/timestamp.proto" } } as const,
        { messageRequest: { case: "fileContainingSymbol", value: "standin.v1.None" } } as const,
        { messageRequest: { case: "allExtensionNumbersOfType", value: "standin.v1.Account" } } as const,
        {
          messageRequest: { case: "fileContainingExtension", value: { containingType: "x", extensionNumber: 1 } },
        } as const,
        {},
      );
      const answers: unknown[] = [];
      for await (const answer of reflection.serverReflectionInfo(questions)) {
        if (answers.length === 0) t.is(answer.validHost, "h");
        const response = answer.messageResponse;
        if (response.case === "listServicesResponse") answers.push(response.value.service.map(({ name }) => name));
        else if (response.case === "errorResponse") answers.push(response.value.errorCode);
        else if (response.case === "fileDescriptorResponse") {
          const files = response.value.fileDescriptorProto.map(
            (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
          );
          answers.push(files);
        } else answers.push(response.case);
      }
      t.deepEqual(answers, [
        [
          "standin.v1.AccountService",
          "standin.v1.ClockService",
          "standin.v1.StateService",
          "standin.v1.WorldService",
          "standin.v1.InspectService",
          "standin.v1.DoctorService",
          "standin.v1.EventService",
          "standin.v1.IdentityService",
          "standin.v1.AccessService",
          "grpc.health.v1.Health",
          "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection",
        ],
        ["standin/v1/inspect.proto", "google/protobuf/timestamp.proto", "standin/v1/account.proto"],
        ["standin/v1/state.proto", "google/protobuf/timestamp.proto"],
        ["google/protobuf/timestamp.proto"],
        Code.NotFound,
        "allExtensionNumbersResponse",
        Code.NotFound,
        Code.InvalidArgument,
      ]);
    }
  });
});

const run = promisify(execFile);

for (const version of ["v1", "v1alpha"]) {
  test(`a gRPC client of another make calls what it found out by reflection ${version}`, async (t) => {
    await withControlPlane({}, async (baseUrl) => {
      const options = ["--protocol", "grpc", "--http2-prior-knowledge", "--reflect-protocol", `grpc-${version}`];
      const rpc = `${baseUrl}/standin.v1.StateService/CreateSnapshot`;
      const { stdout } = await run("node_modules/.bin/buf", ["curl", ...options, "--data", '{"name": "seeded"}', rpc]);
      t.like(JSON.parse(stdout), { snapshot: { name: "seeded", createdAt: "2026-01-02T03:04:05Z", whole: true } });
    });
  });
}

test("a misspelt field is refused by name in JSON", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    const { status, json } = await call(baseUrl, "StateService/Reset", { body: { accountId: "111111111111" } });
    t.is(status, 400);
    t.like(json, { code: "invalid_argument" });
    t.regex(String(json["message"]), /"accountId" is unknown/);
  });
});

test("what is no JSON, or JSON of the wrong kind, is refused", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    for (const body of ["", "{", "[]", '"x"', '{"accountIds": "111111111111"}', '{"everything": "yes"}', "\u0000"]) {
      const { status, json } = await call(baseUrl, "StateService/Reset", { body });
      t.is(status, 400, body);
      t.is(json["code"], "invalid_argument");
    }
  });
});

test("a request larger than a mebibyte is refused", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    const padded = (size: number): string => "{}".padEnd(size, " ");
    t.is((await call(baseUrl, "StateService/Reset", { body: padded(1_048_576) })).status, 200);
    const { status, json } = await call(baseUrl, "StateService/Reset", { body: padded(1_048_577) });
    t.is(status, 429);
    t.is(json["code"], "resource_exhausted");
  });
});

test("a call without the content type of a protocol, or by GET, is told what to send", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    const url = `${baseUrl}/standin.v1.StateService/Reset`;
    const form = await fetch(url, { method: "POST", body: new URLSearchParams({ world: "x" }) });
    t.is(form.status, 415);
    t.regex(await form.text(), /Content-Type: application\/json/);
    const stream = await call(baseUrl, "InspectService/DumpState");
    t.is(stream.status, 415);
    t.regex(String(stream.json["message"]), /streams.*application\/connect\+json/);
    const get = await fetch(url);
    t.is(get.status, 405);
    t.regex(await get.text(), /POST/);
  });
});

test("GET / names the services, and an unknown path answers 404", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    const index = await fetch(`${baseUrl}/`);
    t.is(index.status, 200);
    t.true((await index.text()).includes("POST /standin.v1.StateService/Reset"));
    t.is((await fetch(`${baseUrl}/`, { method: "HEAD" })).status, 200);
    const { status, json } = await call(baseUrl, "StateService/None");
    t.is(status, 404);
    t.is(json["code"], "unimplemented");
  });
});

test("a fault of the server is answered without its cause and logged with it", async (t) => {
  const logged: unknown[] = [];
  const platform = {
    clock: { now: () => 0 },
    random: { bytes: (size: number) => Buffer.alloc(size) },
    logger: { ...silentLogger, error: (message: string, fields?: object) => void logged.push({ message, ...fields }) },
  };
  const broken = () => {
    throw new Error("the disk is on fire");
  };
  const state = { world: broken, fork: broken, close: broken } as never;
  await withControlPlane({ state, platform }, async (baseUrl) => {
    const { status, json } = await call(baseUrl, "StateService/Reset", { body: { world: "w" } });
    t.is(status, 500);
    t.deepEqual(json, { code: "internal", message: "internal error; the server's log says more" });
    t.like(logged[0], { rpc: "standin.v1.StateService/Reset", world: "w", error: { message: "the disk is on fire" } });
    const { inspect } = createControlClient({ baseUrl });
    const dump = async (): Promise<void> => {
      for await (const _ of inspect.dumpState({})) t.fail();
    };
    t.is((await refusalOf(t, dump())).rawMessage, "internal error; the server's log says more");
    t.is(logged.length, 2);
  });
});
