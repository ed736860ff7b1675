import test from "ava";
import { UsageError } from "../src/config.ts";
import { EngineLockedError, EngineOpenError } from "../src/engine/errors.ts";
import { StoreFormatError } from "../src/state/errors.ts";
import { assertNodeVersion, explainStartError } from "../src/start-error.ts";

const explain = (error: unknown): string | undefined => explainStartError(error, { dataDir: "/data" });
const systemError = (fields: object): Error => Object.assign(new Error("raw"), fields);

test("what the user can put right is one line, also as the cause of another error", (t) => {
  t.is(explain(new UsageError("no such flag")), "no such flag");
  t.is(
    explain(systemError({ code: "EADDRINUSE", syscall: "listen", address: "127.0.0.1", port: 80 })),
    "port 80 on 127.0.0.1 is taken by another program",
  );
  t.is(
    explain(systemError({ code: "EACCES", syscall: "listen", address: "::1", port: 80 })),
    "port 80 on ::1 may not be used by this user",
  );
  t.is(
    explain(systemError({ code: "ENOTFOUND", syscall: "getaddrinfo", hostname: "nowhere.test" })),
    "host nowhere.test cannot be resolved",
  );
  t.is(explain(systemError({ code: "EACCES", syscall: "mkdir", path: "/data" })), "/data: permission denied");
  t.is(
    explain(new Error("outer", { cause: systemError({ code: "ENOENT", path: "/key.pem" }) })),
    "/key.pem: no such file",
  );
  t.is(explain(new EngineLockedError("/data/db")), "data directory /data is in use by another Standin");
  t.is(explain(new EngineOpenError("damaged")), "data directory /data: damaged");
  t.is(explain(new StoreFormatError("written by a newer program")), "data directory /data: written by a newer program");
});

test("anything else is a bug and not explained away", (t) => {
  t.is(explain(new TypeError("x is not a function")), undefined);
  t.is(explain(systemError({ code: "ECONNRESET", syscall: "read" })), undefined);
  t.is(explain("text"), undefined);
});

test("a Node that is too old is told so in one line, and any later one is taken", (t) => {
  t.throws(() => assertNodeVersion("20.20.2"), {
    instanceOf: UsageError,
    message: "Node >=22.20 is needed, this is 20.20.2",
  });
  t.notThrows(() => assertNodeVersion("22.20.0"));
  t.notThrows(() => assertNodeVersion("100.0.0"));
});
