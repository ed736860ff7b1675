import { request as httpRequest } from "node:http";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import test from "ava";
import { createControlClient } from "../../src/control/client.ts";
import { StateService } from "../../src/control/generated/standin/v1/state_pb.ts";
import { call, withControlPlane } from "./control-plane.ts";

/** `fetch` would not let a test choose these headers. */
const statusFor = (baseUrl: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      `${baseUrl}/standin.v1.StateService/Reset`,
      { method: "POST", agent: false, headers: { "content-type": "application/json", ...headers } },
      (incoming) => {
        incoming.resume();
        incoming.on("end", () => resolve(incoming.statusCode ?? 0));
      },
    );
    outgoing.on("error", reject);
    outgoing.end("{}");
  });

test("only hosts that the server is known as are served, so that no rebound name gets in", async (t) => {
  await withControlPlane({ allowedHosts: ["Standin.Test"] }, async (baseUrl) => {
    const known = [
      "localhost",
      "LOCALHOST:5001",
      "a.localhost",
      "127.0.0.1",
      "192.168.1.7:80",
      "[::1]:5001",
      "standin.test",
      "x.standin.test",
    ];
    for (const host of known) t.is(await statusFor(baseUrl, { host }), 200, host);
    const unknown = ["evil.example", "localhost.evil.example", "notlocalhost", "standin.test.evil.example"];
    for (const host of unknown) t.is(await statusFor(baseUrl, { host }), 403, host);
    for (const host of ["?", "a b", "localhost:99999", "user@localhost", "[::1"])
      t.is(await statusFor(baseUrl, { host }), 400, host);
  });
});

test("web pages of other origins are refused", async (t) => {
  await withControlPlane({}, async (baseUrl) => {
    const host = "localhost:5001";
    t.is(await statusFor(baseUrl, { host, origin: "http://localhost:5001" }), 200);
    for (const origin of ["null", "http://evil.example", "http://localhost:8080", "http://localhost", "file://"]) {
      t.is(await statusFor(baseUrl, { host, origin }), 403, origin);
    }
  });
});

test("where a token is set, nothing is answered without it", async (t) => {
  await withControlPlane({ token: "s3cret" }, async (baseUrl) => {
    const bare = await call(baseUrl, "StateService/Reset");
    t.is(bare.status, 401);
    t.is(bare.json["code"], "unauthenticated");
    t.is(bare.headers.get("www-authenticate"), "Bearer");
    t.is((await fetch(`${baseUrl}/`)).status, 401);
    for (const authorization of ["Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret", "Bearer "]) {
      t.is(await statusFor(baseUrl, { authorization }), 401, authorization);
    }
    t.is(await statusFor(baseUrl, { authorization: "bearer s3cret" }), 200);
    await createControlClient({ baseUrl, token: "s3cret" }).state.reset({});
    const error = await t.throwsAsync(createControlClient({ baseUrl }).state.reset({}));
    t.is(ConnectError.from(error).code, Code.Unauthenticated);
  });
});

test("gRPC clients are told of a refusal by its code", async (t) => {
  await withControlPlane({ token: "s3cret" }, async (baseUrl) => {
    const grpc = createClient(StateService, createGrpcTransport({ baseUrl }));
    const error = await t.throwsAsync(grpc.reset({}));
    t.is(ConnectError.from(error).code, Code.Unauthenticated);
    await grpc.reset({}, { headers: { authorization: "Bearer s3cret" } });
  });
});
