/** What requests say of worlds: settings, time to live, seed, port. */
import type { DescEnum } from "@bufbuild/protobuf";
import type { Duration } from "@bufbuild/protobuf/wkt";
import { isAccountId } from "../protocol/caller.ts";
import type { AuthMode as Mode, ClientClock as Clock } from "../state/model.ts";
import { seedFromNumber } from "../state/state.ts";
import type { SettingsChange } from "../state/world.ts";
import { readDuration } from "./durations.ts";
import { invalidField } from "./errors.ts";
import {
  AuthMode,
  AuthModeSchema,
  BucketNamespace,
  BucketNamespaceSchema,
  ClientClock,
  ClientClockSchema,
  NewBuckets,
  NewBucketsSchema,
  type HostList,
  type WorldSettings,
} from "./generated/standin/v1/world_pb.ts";
import { notNamed } from "./named-values.ts";

export const AUTH_MODES: ReadonlyMap<AuthMode, Mode> = new Map([
  [AuthMode.OFF, "off"],
  [AuthMode.LENIENT, "lenient"],
  [AuthMode.STRICT, "strict"],
]);

/** An auth mode as a message has it. */
export const authModeMessage = (mode: Mode): AuthMode =>
  [...AUTH_MODES].find(([, known]) => known === mode)?.[0] ?? AuthMode.UNSPECIFIED;

export const NEW_BUCKETS: ReadonlyMap<NewBuckets, "current" | "legacy"> = new Map([
  [NewBuckets.CURRENT, "current"],
  [NewBuckets.LEGACY, "legacy"],
]);
export const BUCKET_NAMESPACES: ReadonlyMap<BucketNamespace, "partition" | "account"> = new Map([
  [BucketNamespace.PARTITION, "partition"],
  [BucketNamespace.ACCOUNT, "account"],
]);

export const CLIENT_CLOCKS: ReadonlyMap<ClientClock, Clock> = new Map([
  [ClientClock.EITHER, "either"],
  [ClientClock.REAL, "real"],
  [ClientClock.WORLD, "world"],
]);

const RESTORE_MS_MAX = 2 * 24 * 3_600_000;
const CREATION_DELAY_MS_MAX = 3_600_000;
/** Of events, replicas and access logs. */
const DELIVERY_DELAY_MS_MAX = 24 * 3_600_000;
const EVENT_DUPLICATES_MAX = 1_000_000;
const URL_CHARS_MAX = 2_048;
const BUCKETS_PER_ACCOUNT_MAX = 1_000_000;
/** Of a page of S3, unless a world has less. */
export const S3_PAGE_ENTRIES_MAX = 1_000;
const TIME_TO_LIVE_MS_MIN = 1_000;
const TIME_TO_LIVE_MS_MAX = 366 * 24 * 3_600_000;
const PORT_MAX = 65_535;

type DelayName = "restoreDuration" | "bucketCreationDelay" | "accessLogDelay" | "eventDelay" | "replicationDelay";

/** The settings that a request names. INVALID_ARGUMENT for a value out of its range. */
export const readSettings = (settings: WorldSettings | undefined): SettingsChange => {
  if (settings === undefined) return {};
  const delay = (name: DelayName, msMax: number): number | undefined =>
    readDuration(settings[name], { field: `settings.${name}`, msMin: 0, msMax });
  const { overrideAccountId, fallbackAccountId, eventWebhookUrl, eventDuplicates } = settings;
  return {
    ...(eventWebhookUrl === undefined ? undefined : { eventWebhookUrl: readWebhook(eventWebhookUrl) }),
    ...(eventDuplicates === undefined ? undefined : { eventDuplicates: readDuplicates(eventDuplicates) }),
    ...(overrideAccountId === undefined ? undefined : { accountOverride: readOverride(overrideAccountId) }),
    ...named({
      fallbackAccount:
        fallbackAccountId === undefined ? undefined : readAccount(fallbackAccountId, "fallbackAccountId"),
      authMode: readChoice(settings.authMode, { field: "authMode", choices: AUTH_MODES, names: AuthModeSchema }),
      crossAccountAccess: settings.crossAccountAccess,
      accountHeader: settings.accountHeader,
      newBuckets: readChoice(settings.newBuckets, {
        field: "newBuckets",
        choices: NEW_BUCKETS,
        names: NewBucketsSchema,
      }),
      enforceRegion: settings.enforceRegion,
      restoreDurationMs: delay("restoreDuration", RESTORE_MS_MAX),
      bucketNamespace: readChoice(settings.bucketNamespace, {
        field: "bucketNamespace",
        choices: BUCKET_NAMESPACES,
        names: BucketNamespaceSchema,
      }),
      bucketsPerAccountMax: readCount(settings.bucketsPerAccountMax, {
        field: "settings.bucketsPerAccountMax",
        countMax: BUCKETS_PER_ACCOUNT_MAX,
      }),
      pageEntriesMax: readCount(settings.pageEntriesMax, {
        field: "settings.pageEntriesMax",
        countMax: S3_PAGE_ENTRIES_MAX,
      }),
      bucketCreationDelayMs: delay("bucketCreationDelay", CREATION_DELAY_MS_MAX),
      accessLogDelayMs: delay("accessLogDelay", DELIVERY_DELAY_MS_MAX),
      eventDelayMs: delay("eventDelay", DELIVERY_DELAY_MS_MAX),
      replicationDelayMs: delay("replicationDelay", DELIVERY_DELAY_MS_MAX),
      clientClock: readChoice(settings.clientClock, {
        field: "clientClock",
        choices: CLIENT_CLOCKS,
        names: ClientClockSchema,
      }),
      equivalentHosts: readHosts(settings.equivalentHosts),
    }),
  };
};

const HOSTS_MAX = 100;
// Nothing that could not stand in a Host header.
const HOST = /^[A-Za-z0-9.\-_:[\]]{1,255}$/;

const readHosts = (list: HostList | undefined): readonly string[] | undefined => {
  if (list === undefined) return undefined;
  if (list.hosts.length <= HOSTS_MAX && list.hosts.every((host) => HOST.test(host))) return [...list.hosts];
  throw invalidField("settings.equivalentHosts", `must be up to ${HOSTS_MAX} hosts, each with its port`);
};

/** Without what nobody named: a setting that is named with `undefined` would be taken away. */
const named = (settings: SettingsChange): SettingsChange =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

const readAccount = (accountId: string, field: string): string => {
  if (!isAccountId(accountId)) throw invalidField(`settings.${field}`, "must be twelve digits");
  return accountId;
};

/** Undefined takes the override away. */
const readOverride = (accountId: string): string | undefined =>
  accountId === "" ? undefined : readAccount(accountId, "overrideAccountId");

/** Undefined takes the webhook away. */
const readWebhook = (url: string): string | undefined => {
  if (url === "") return undefined;
  if (url.length <= URL_CHARS_MAX && /^https?:\/\/[^/]/i.test(url) && URL.canParse(url)) return url;
  throw invalidField("settings.eventWebhookUrl", "must be an http or https URL");
};

/** Undefined: none. */
const readDuplicates = (every: number): number | undefined =>
  every === 0 ? undefined : readCount(every, { field: "settings.eventDuplicates", countMax: EVENT_DUPLICATES_MAX });

const readCount = (
  count: number | undefined,
  { field, countMax }: { field: string; countMax: number },
): number | undefined => {
  if (count === undefined || (count >= 1 && count <= countMax)) return count;
  throw invalidField(field, `must be 1 to ${countMax}`);
};

const readChoice = <E extends number, T>(
  value: E | undefined,
  { field, choices, names }: { field: string; choices: ReadonlyMap<E, T>; names: DescEnum },
): T | undefined => {
  if (value === undefined) return undefined;
  const choice = choices.get(value);
  if (choice === undefined) throw notNamed(`settings.${field}`, names);
  return choice;
};

/** Undefined where there is none. */
export const readTimeToLive = (duration: Duration | undefined): number | undefined =>
  readDuration(duration, { field: "timeToLive", msMin: TIME_TO_LIVE_MS_MIN, msMax: TIME_TO_LIVE_MS_MAX });

/** 64 hex digits; undefined where there is none. */
export const readSeed = (seed: bigint | undefined): string | undefined => {
  if (seed === undefined) return undefined;
  if (seed < 0n || seed > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField("idSeed", "must be 0 to 2^53 - 1");
  return seedFromNumber(Number(seed));
};

export const readPort = (port: number): number => {
  if (port > PORT_MAX) throw invalidField("port", `must be 0 to ${PORT_MAX}`);
  return port;
};
