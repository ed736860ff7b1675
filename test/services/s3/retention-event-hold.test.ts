/** Event holds: retention that counts from the day on which the hold is released. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  type HeadObjectCommandOutput,
  type ObjectLockRetention,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { element } from "../../support/signed.ts";
import { failure, outcome } from "./client.ts";
import { DAY_MS, makeLockBucket, putVersion, sendDocument, startAtTime } from "./lock-fixtures.ts";

const START_MS = Date.UTC(2027, 5, 1, 6, 0, 0, 500);
const inDays = (days: number) => new Date(START_MS + days * DAY_MS);

/** A server whose time a test moves, with one version in a bucket with object lock. */
const setUp = async (t: ExecutionContext) => {
  const { server, time } = await startAtTime(START_MS);
  t.teardown(() => server.close());
  const s3 = server.s3();
  const Bucket = await makeLockBucket(s3);
  const version = { Bucket, Key: "k", VersionId: await putVersion(s3, { Bucket, Key: "k" }) };
  return {
    server,
    s3,
    version,
    toDay: (days: number) => void (time.nowMs = START_MS + days * DAY_MS),
    retain: (Retention: ObjectLockRetention, bypass = false) =>
      s3.send(
        new PutObjectRetentionCommand({
          ...version,
          Retention,
          ...(bypass ? { BypassGovernanceRetention: true } : undefined),
        }),
      ),
    retention: async () => (await s3.send(new GetObjectRetentionCommand(version))).Retention,
    head: () => s3.send(new HeadObjectCommand(version)),
    remove: (bypass = false) =>
      s3.send(new DeleteObjectCommand({ ...version, ...(bypass ? { BypassGovernanceRetention: true } : undefined) })),
  };
};

const lockOf = (head: HeadObjectCommandOutput) => ({
  mode: head.ObjectLockMode,
  until: head.ObjectLockRetainUntilDate,
  hold: head.ObjectLockEventHold,
  days: head.ObjectLockEventHoldDurationDays,
  years: head.ObjectLockEventHoldDurationYears,
});

test("while a hold is on, the date moves on with the time; its release fixes it", async (t) => {
  const { retain, retention, head, remove, toDay } = await setUp(t);
  await retain({ Mode: "COMPLIANCE", EventHold: "ON", EventHoldDuration: { Years: 1 } });
  for (const day of [0, 100, 1_000]) {
    toDay(day);
    const until = inDays(day + 365);
    t.deepEqual(await retention(), {
      Mode: "COMPLIANCE",
      RetainUntilDate: until,
      EventHold: "ON",
      EventHoldDuration: { Years: 1 },
    });
    t.deepEqual(lockOf(await head()), { mode: "COMPLIANCE", until, hold: "ON", days: undefined, years: 1 });
    t.deepEqual(await outcome(remove()), ["AccessDenied", 403]);
  }
  await retain({ Mode: "COMPLIANCE", EventHold: "OFF" });
  toDay(1_364);
  const released = inDays(1_365);
  t.deepEqual(await retention(), { Mode: "COMPLIANCE", RetainUntilDate: released, EventHold: "OFF" });
  t.deepEqual(lockOf(await head()), {
    mode: "COMPLIANCE",
    until: released,
    hold: "OFF",
    days: undefined,
    years: undefined,
  });
  t.deepEqual(await outcome(remove()), ["AccessDenied", 403]);
  toDay(1_365);
  await t.notThrowsAsync(remove());
});

test("a date beside a hold is the least; the later of both holds", async (t) => {
  const { retain, retention, toDay } = await setUp(t);
  const hold = { EventHold: "ON", EventHoldDuration: { Days: 30 } } as const;
  await retain({ Mode: "COMPLIANCE", RetainUntilDate: inDays(100), ...hold });
  t.deepEqual((await retention())?.RetainUntilDate, inDays(100));
  toDay(80);
  t.deepEqual((await retention())?.RetainUntilDate, inDays(110));
  await retain({ Mode: "COMPLIANCE", EventHold: "OFF", RetainUntilDate: inDays(200) });
  t.deepEqual((await retention())?.RetainUntilDate, inDays(200));
});

test("an extension by a date alone leaves the hold on", async (t) => {
  const { retain, retention } = await setUp(t);
  await retain({ Mode: "COMPLIANCE", EventHold: "ON", EventHoldDuration: { Days: 10 } });
  t.deepEqual(await outcome(retain({ Mode: "COMPLIANCE", RetainUntilDate: inDays(9) })), ["AccessDenied", 403]);
  await retain({ Mode: "COMPLIANCE", RetainUntilDate: inDays(20) });
  t.deepEqual(await retention(), {
    Mode: "COMPLIANCE",
    RetainUntilDate: inDays(20),
    EventHold: "ON",
    EventHoldDuration: { Days: 10 },
  });
});

test("a shorter duration does not move the date back: it rests until the duration has caught up", async (t) => {
  const { retain, retention, toDay } = await setUp(t);
  await retain({ Mode: "COMPLIANCE", EventHold: "ON", EventHoldDuration: { Days: 100 } });
  toDay(10);
  await retain({ Mode: "COMPLIANCE", EventHold: "ON", EventHoldDuration: { Days: 5 } });
  t.deepEqual((await retention())?.RetainUntilDate, inDays(110));
  toDay(105);
  t.deepEqual((await retention())?.RetainUntilDate, inDays(110));
  toDay(120);
  t.deepEqual((await retention())?.RetainUntilDate, inDays(125));
});

test("a bypass of governance releases, shortens and deletes; a date alone does not say what becomes of the hold", async (t) => {
  const { retain, retention, remove } = await setUp(t);
  const on = { Mode: "GOVERNANCE", EventHold: "ON", EventHoldDuration: { Days: 100 } } as const;
  await retain(on);
  const error = await failure(retain({ Mode: "GOVERNANCE", RetainUntilDate: inDays(1) }, true));
  t.is(error.name, "InvalidRequest");
  await retain({ Mode: "GOVERNANCE", EventHold: "OFF", RetainUntilDate: inDays(1) }, true);
  t.deepEqual(await retention(), { Mode: "GOVERNANCE", EventHold: "OFF", RetainUntilDate: inDays(1) });
  await retain(on);
  t.deepEqual(await outcome(remove()), ["AccessDenied", 403]);
  await retain({}, true);
  t.deepEqual((await failure(retention())).name, "NoSuchObjectLockConfiguration");
  await retain(on);
  await t.notThrowsAsync(remove(true));
});

test("an early date does not cut a release short, without a bypass", async (t) => {
  const { retain, retention } = await setUp(t);
  await retain({ Mode: "GOVERNANCE", EventHold: "ON", EventHoldDuration: { Days: 100 } });
  await retain({ Mode: "GOVERNANCE", EventHold: "OFF", RetainUntilDate: inDays(1) });
  t.deepEqual((await retention())?.RetainUntilDate, inDays(100));
});

test("the headers of a write set a hold, which GET shows and copies do not take along", async (t) => {
  const { s3, version } = await setUp(t);
  const { Bucket } = version;
  const hold = { ObjectLockMode: "COMPLIANCE", ObjectLockEventHold: "ON", ObjectLockEventHoldDurationDays: 7 } as const;
  await putVersion(s3, { Bucket, Key: "held", ...hold });
  t.like(await s3.send(new GetObjectCommand({ Bucket, Key: "held" })), {
    ...hold,
    ObjectLockRetainUntilDate: inDays(7),
  });
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/held` }));
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).ObjectLockEventHold, undefined);
  const CopySource = `${Bucket}/held`;
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource, ...hold }));
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).ObjectLockEventHoldDurationDays, 7);
  const off = {
    ObjectLockMode: "GOVERNANCE",
    ObjectLockRetainUntilDate: inDays(1),
    ObjectLockEventHold: "OFF",
  } as const;
  await putVersion(s3, { Bucket, Key: "off", ...off });
  t.like(await s3.send(new HeadObjectCommand({ Bucket, Key: "off" })), off);
});

test("a bucket's default hold is on in every new version that names no retention", async (t) => {
  const { s3, version, toDay } = await setUp(t);
  const { Bucket } = version;
  const DefaultRetention = { Mode: "GOVERNANCE", Days: 50, DefaultEventHold: { Days: 20 } } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: "Enabled", Rule: { DefaultRetention } } as const;
  await s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
  await putVersion(s3, { Bucket, Key: "new" });
  const lock = async () => lockOf(await s3.send(new HeadObjectCommand({ Bucket, Key: "new" })));
  const held = { mode: "GOVERNANCE", hold: "ON", days: 20, years: undefined } as const;
  t.deepEqual(await lock(), { ...held, until: inDays(50) });
  toDay(40);
  t.deepEqual(await lock(), { ...held, until: inDays(60) });
});

const HEADER = "x-amz-object-lock-event-hold";

test("a hold in headers needs a mode and one duration that is in range", async (t) => {
  const { server, version } = await setUp(t);
  const mode = { "x-amz-object-lock-mode": "GOVERNANCE" };
  const days = `${HEADER}-duration-days`;
  const years = `${HEADER}-duration-years`;
  for (const [headers, code, name] of [
    [{ [HEADER]: "ON", [days]: "1" }, "InvalidArgument", "x-amz-object-lock-mode"],
    [{ ...mode, [HEADER]: "ON" }, "InvalidRequest", undefined],
    [{ ...mode, [HEADER]: "ON", [days]: "1", [years]: "1" }, "InvalidRequest", undefined],
    [{ ...mode, [HEADER]: "OFF", [days]: "1" }, "InvalidRequest", undefined],
    [{ ...mode, [HEADER]: "OFF" }, "InvalidArgument", "x-amz-object-lock-retain-until-date"],
    [{ ...mode, [HEADER]: "yes", [days]: "1" }, "InvalidArgument", HEADER],
    [{ ...mode, [days]: "1" }, "InvalidRequest", undefined],
    [{ ...mode, [HEADER]: "ON", [days]: "0" }, "InvalidArgument", days],
    [{ ...mode, [HEADER]: "ON", [days]: "36501" }, "InvalidArgument", days],
    [{ ...mode, [HEADER]: "ON", [years]: "101" }, "InvalidArgument", years],
    [
      { ...mode, [HEADER]: "ON", [days]: "2", "x-amz-object-lock-retain-until-date": inDays(1).toISOString() },
      "InvalidArgument",
      "x-amz-object-lock-retain-until-date",
    ],
  ] as const) {
    const answer = await server.request("PUT", `/${version.Bucket}/k`, { headers });
    t.is(answer.status, 400, JSON.stringify(headers));
    t.is(element(answer, "Code"), code, JSON.stringify(headers));
    t.is(element(answer, "ArgumentName"), name, JSON.stringify(headers));
  }
});

test("a hold in a document needs the same, and a date when there is none to keep", async (t) => {
  const { server, version } = await setUp(t);
  const on = "<EventHold>ON</EventHold>";
  const off = "<Mode>GOVERNANCE</Mode><EventHold>OFF</EventHold>";
  const lasting = (period: string) => `<Mode>GOVERNANCE</Mode>${on}<EventHoldDuration>${period}</EventHoldDuration>`;
  for (const [content, code] of [
    [`${on}<EventHoldDuration><Days>1</Days></EventHoldDuration>`, "MalformedXML"],
    [`<Mode>GOVERNANCE</Mode>${on}`, "InvalidRequest"],
    [lasting("<Days>1</Days><Years>1</Years>"), "MalformedXML"],
    [lasting("<Days>0</Days>"), "InvalidArgument"],
    [lasting("<Days>36501</Days>"), "InvalidArgument"],
    [lasting("<Years>101</Years>"), "InvalidArgument"],
    ["<Mode>GOVERNANCE</Mode><EventHold>yes</EventHold>", "MalformedXML"],
    ["<Mode>GOVERNANCE</Mode><EventHoldDuration><Days>1</Days></EventHoldDuration>", "MalformedXML"],
    [off, "InvalidRequest"],
    [`${off}<EventHoldDuration><Days>1</Days></EventHoldDuration>`, "InvalidRequest"],
    [`${lasting("<Days>2</Days>")}<RetainUntilDate>${inDays(1).toISOString()}</RetainUntilDate>`, "InvalidArgument"],
  ] as const) {
    const body = `<Retention>${content}</Retention>`;
    const answer = await sendDocument(server, `/${version.Bucket}/k?retention`, { body });
    t.is(answer.status, 400, content);
    t.is(element(answer, "Code"), code, content);
  }
});
