import path from "node:path";
import test, { type ExecutionContext } from "ava";
import { createConfig, parseCommand, UsageError, type Config } from "../src/config.ts";

const configOf = (line: string, env: Record<string, string> = {}): Config => {
  const command = parseCommand(line.split(" ").filter(Boolean), env);
  if (command.kind !== "serve") throw new Error(`not a serve command: ${command.kind}`);
  return command.config;
};

const refuses = (t: ExecutionContext, line: string, message: RegExp, env: Record<string, string> = {}): void => {
  const error = t.throws(
    () => configOf(line, env),
    { instanceOf: UsageError, message },
    `${line} ${JSON.stringify(env)}`,
  );
  t.false(error?.message.includes("\n"), "one line");
};

test("nothing said means the loopback, ports 5000 and 5001, and lenient", (t) => {
  for (const line of ["", "serve"]) {
    const config = configOf(line);
    t.like(config, {
      host: "127.0.0.1",
      port: 5000,
      controlHost: "127.0.0.1",
      controlPort: 5001,
      ephemeral: false,
      authMode: "lenient",
    });
    t.like(config, {
      account: "123456789012",
      durability: "process",
      logLevel: "info",
      crossAccountAccess: true,
      restoreSeconds: 0,
      tls: { kind: "off" },
    });
    t.is(config.dataDir, path.resolve(".standin"));
    t.deepEqual(config.baseHosts, []);
    for (const absent of [
      "seed",
      "accountOverride",
      "controlToken",
      "advertiseHost",
      "importFile",
      "exportOnExit",
      "seedDir",
    ])
      t.false(absent in config, absent);
  }
});

test("each flag is read", (t) => {
  const config = configOf(
    "serve --port 0 --control-port 65535 --host 0.0.0.0 --control-host ::1 --control-token t0k --data-dir /var/x --ephemeral " +
      "--account 000000000000 --auth strict --seed 0 --durability disk --restore-seconds 1.5 --log-level debug --base-host s3.Test --base-host b.test --equivalent-hosts minio:9000 " +
      "--advertise-host s3.example --world-ports 15000-15999 --compat-endpoints open --tls self-signed " +
      "--event-webhook http://hooks.test/s3 --import /in.tar.zst --export-on-exit /out.tar.gz --seed-dir /seed --seed-force",
  );
  t.deepEqual(config, {
    host: "0.0.0.0",
    port: 0,
    controlHost: "::1",
    controlPort: 65_535,
    worldPorts: { first: 15_000, last: 15_999 },
    controlToken: "t0k",
    dataDir: "/var/x",
    ephemeral: true,
    account: "000000000000",
    authMode: "strict",
    seed: 0,
    durability: "disk",
    restoreSeconds: 1.5,
    eventWebhook: "http://hooks.test/s3",
    logLevel: "debug",
    baseHosts: ["s3.test", "b.test"],
    equivalentHosts: ["minio:9000"],
    advertiseHost: "s3.example",
    compatEndpoints: "open",
    tls: { kind: "self-signed" },
    crossAccountAccess: true,
    importFile: "/in.tar.zst",
    exportOnExit: "/out.tar.gz",
    seedDir: "/seed",
    seedForce: true,
  });
});

test("each option is read from the environment, and a flag wins", (t) => {
  const env = {
    STANDIN_CONTROL_PORT: "7001",
    STANDIN_EPHEMERAL: "1",
    STANDIN_BASE_HOST: "a.test, b.test",
    STANDIN_AUTH: "off",
  };
  t.like(configOf("", env), { controlPort: 7001, ephemeral: true, authMode: "off" });
  t.deepEqual(configOf("", env).baseHosts, ["a.test", "b.test"]);
  t.like(configOf("--control-port 7002 --no-ephemeral --auth strict", env), {
    controlPort: 7002,
    ephemeral: false,
    authMode: "strict",
  });
  t.is(configOf("", { STANDIN_PORT: "" }).port, 5000, "an empty variable is none");
});

test("moto's variables mean what they mean to moto", (t) => {
  t.is(configOf("", { MOTO_PORT: "6000" }).port, 6000);
  t.is(configOf("", { MOTO_PORT: "6000", STANDIN_PORT: "6001" }).port, 6001);
  t.is(configOf("", { MOTO_ACCOUNT_ID: "111111111111" }).accountOverride, "111111111111");
  t.is(
    configOf("", { MOTO_ACCOUNT_ID: "111111111111", STANDIN_ACCOUNT_ID: "222222222222" }).accountOverride,
    "222222222222",
  );
  t.like(configOf("--account 333333333333", { MOTO_ACCOUNT_ID: "111111111111" }), {
    account: "333333333333",
    accountOverride: "111111111111",
  });
  t.false(configOf("", { MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS: "False" }).crossAccountAccess);
  t.true(configOf("", { MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS: "true" }).crossAccountAccess);
});

test("a value that is none is refused in a line that names where it stands", (t) => {
  refuses(t, "--port 65536", /^--port: "65536" is not a port/);
  for (const range of ["15000", "2-1", "0-5", "1-65536", "a-b"]) {
    refuses(t, `--world-ports ${range}`, /^--world-ports: "[^"]*" is not a range of ports, like 15000-15999/);
  }
  refuses(t, "--port 1e3", /^--port: "1e3" is not a port/);
  refuses(t, "", /^MOTO_PORT: "x" is not a port/, { MOTO_PORT: "x" });
  refuses(t, "", /^STANDIN_EPHEMERAL: "maybe" is not true or false/, { STANDIN_EPHEMERAL: "maybe" });
  refuses(t, "", /^MOTO_ACCOUNT_ID: "12" is not an account id of twelve digits/, { MOTO_ACCOUNT_ID: "12" });
  refuses(t, "--account 12345678901a", /^--account: /);
  refuses(t, "--auth loose", /^--auth: "loose" is not one of off, lenient, strict/);
  refuses(t, "--durability ram", /^--durability: /);
  refuses(t, "--restore-seconds 1e2", /^--restore-seconds: /);
  refuses(t, "--event-webhook hooks.test", /^--event-webhook: /);
  refuses(t, "--restore-seconds 172801", /^--restore-seconds: /);
  refuses(t, "--log-level chatty", /^--log-level: .*debug, info, warn, error, silent/);
  refuses(t, "--compat-endpoints all", /^--compat-endpoints: /);
  refuses(t, "--seed 9007199254740992", /^--seed: /);
  refuses(t, "--seed 1.5", /^--seed: /);
  refuses(t, "--host http://x", /^--host: /);
  refuses(t, "--base-host a_b", /^--base-host: /);
  refuses(t, "--equivalent-hosts a/b", /^--equivalent-hosts: /);
  t.is(configOf("--seed 9007199254740991").seed, Number.MAX_SAFE_INTEGER);
});

test("a flag that is none, one without its value, and a command that is none are refused", (t) => {
  refuses(t, "--prot 5000", /^Unknown option '--prot'; see standin --help$/);
  refuses(t, "--port", /^Option '--port <value>' argument missing; see standin --help$/);
  refuses(t, "--ephemeral=yes", /'--ephemeral' does not take an argument/);
  refuses(t, "start", /^unknown command start/);
  refuses(t, "serve now", /^unknown command serve now/);
});

test("TLS is a certificate of our own or a pair of files", (t) => {
  t.deepEqual(configOf("--tls-cert a.pem --tls-key b.pem").tls, {
    kind: "files",
    certFile: path.resolve("a.pem"),
    keyFile: path.resolve("b.pem"),
  });
  t.deepEqual(configOf("--tls off").tls, { kind: "off" });
  refuses(t, "--tls-cert a.pem", /go together/);
  refuses(t, "--tls self-signed --tls-key b.pem", /cannot go with/);
  refuses(t, "--tls on", /^--tls: /);
});

test("a control plane that other machines reach needs a token", (t) => {
  refuses(t, "--host 0.0.0.0", /0\.0\.0\.0.*--control-token/);
  refuses(t, "--control-host 192.168.0.1", /192\.168\.0\.1.*--control-token/);
  t.is(configOf("--host 0.0.0.0 --control-token x").controlHost, "0.0.0.0");
  t.is(configOf("--host 0.0.0.0 --control-host localhost").controlHost, "localhost");
  t.is(configOf("--control-host 127.8.8.8").controlHost, "127.8.8.8");
  const error = t.throws(() => configOf("--control-token s\u00e9cret"), { instanceOf: UsageError });
  t.false(error?.message.includes("cret"), "a token is not printed");
});

test("the two planes cannot share a port, unless each picks its own", (t) => {
  refuses(t, "--port 5001", /cannot share port 5001/);
  t.notThrows(() => configOf("--port 0 --control-port 0"));
});

test("settings from a program are read as those of the command line", (t) => {
  t.is(createConfig({ port: 0 }).port, 0);
  t.is(createConfig({ dataDir: "x" }).dataDir, path.resolve("x"));
  t.deepEqual(createConfig({ baseHosts: ["S3.Test"] }).baseHosts, ["s3.test"]);
  t.deepEqual(createConfig({ tls: { kind: "files", certFile: "c", keyFile: "k" } }).tls, {
    kind: "files",
    certFile: path.resolve("c"),
    keyFile: path.resolve("k"),
  });
});

test("settings from a program that are not valid are refused by their names, whatever their type", (t) => {
  // As from JavaScript, which no type holds back.
  const refused: readonly (readonly [settings: object, message: RegExp])[] = [
    [{ port: -1 }, /^port: /],
    [{ port: "80x" }, /^port: /],
    [{ account: "1" }, /^account: /],
    [{ account: 123 }, /^account: /],
    [{ host: "0.0.0.0" }, /control plane/],
    [{ host: "a b" }, /^host: /],
    [{ authMode: "loose" }, /^authMode: "loose" is not one of off, lenient, strict$/],
    [{ ephemeral: "maybe" }, /^ephemeral: /],
    [{ seed: 1.5 }, /^seed: /],
    [{ baseHosts: "s3.test" }, /^baseHosts: "s3.test" is not a list/],
    [{ baseHosts: ["a b"] }, /^baseHosts: /],
    [{ equivalentHosts: "minio:9000" }, /^equivalentHosts: "minio:9000" is not a list/],
    [{ tls: "self-signed" }, /^tls.kind: /],
    [{ tls: { kind: "files", certFile: "c" } }, /^tls.keyFile: /],
    [{ acount: "123456789012" }, /^there is no setting "acount"$/],
  ];
  for (const [settings, message] of refused)
    t.throws(() => createConfig(settings), { instanceOf: UsageError, message }, JSON.stringify(settings));
});

test("a setting from a program that is undefined is as if it were left out", (t) => {
  const settings: object = { port: undefined, seed: undefined, controlHost: undefined };
  t.deepEqual(createConfig(settings), createConfig());
});

test("help names every option", (t) => {
  const command = parseCommand(["--help", "--port", "1"], {});
  t.is(command.kind, "help");
  if (command.kind !== "help") return;
  for (const flag of ["--port", "--control-port", "--tls-key", "--compat-endpoints", "--json", "--seed"])
    t.true(command.text.includes(flag));
  t.true(command.text.split("\n").every((line) => line.length <= 120));
  t.deepEqual(parseCommand(["--version"], {}), { kind: "version" });
});
