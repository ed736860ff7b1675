/**
 * Every kind of plain configuration document that a bucket may have, a row each: what names its operations, what holds it to
 * AWS's rules, what Get answers where there is none. The validators stand in a file for each kind.
 */
import { scheduleWalk } from "../lifecycle/schedule.ts";
import { ANALYSES } from "../analytics/run.ts";
import { scheduleReport } from "../delivery/report.ts";
import { INVENTORIES } from "../inventory/run.ts";
import { documentHandlers } from "./document.ts";
import { namedDocumentHandlers } from "./named-document.ts";
import { parseAbac, readAbac } from "./abac.ts";
import { parseAccelerate, readAccelerate } from "./accelerate.ts";
import { assertAnalyticsFits, parseAnalytics, readAnalytics } from "./analytics.ts";
import { parseCors, readCors } from "./cors.ts";
import { parseIntelligentTiering, readIntelligentTiering } from "./intelligent-tiering.ts";
import { assertInventoryFits, parseInventory, readInventory } from "./inventory.ts";
import { parseLifecycle, readLifecycle } from "./lifecycle.ts";
import { assertLoggingTarget, parseLogging, readLogging } from "./logging.ts";
import { parseMetrics, readMetrics } from "./metrics.ts";
import { sendTestEvents } from "../events/test-events.ts";
import { parseNotification, readNotification } from "./notification.ts";
import { assertReplicationFits, parseReplication, readReplication } from "./replication.ts";
import { parseRequestPayment } from "./request-payment.ts";
import { parseWebsite, readWebsite } from "./website.ts";

/** The operations of all rows. */
export const DOCUMENT_HANDLERS = {
  ...documentHandlers({
    kind: "abac",
    put: "PutBucketAbac",
    get: "GetBucketAbac",
    read: ({ AbacStatus }) => readAbac(AbacStatus),
    parse: parseAbac,
    show: (AbacStatus) => ({ AbacStatus }),
    none: { AbacStatus: { Status: "Disabled" } },
  }),
  ...documentHandlers({
    kind: "accelerate",
    put: "PutBucketAccelerateConfiguration",
    get: "GetBucketAccelerateConfiguration",
    read: ({ AccelerateConfiguration }, { bucket }) => readAccelerate(AccelerateConfiguration, { bucket }),
    parse: parseAccelerate,
    show: (stored) => stored,
    none: {},
  }),
  ...documentHandlers({
    kind: "cors",
    put: "PutBucketCors",
    get: "GetBucketCors",
    remove: "DeleteBucketCors",
    read: ({ CORSConfiguration }, context) => readCors(CORSConfiguration, context),
    parse: parseCors,
    show: (stored) => stored,
    none: "NoSuchCORSConfiguration",
  }),
  ...documentHandlers({
    kind: "lifecycle",
    put: "PutBucketLifecycleConfiguration",
    get: "GetBucketLifecycleConfiguration",
    remove: "DeleteBucketLifecycle",
    read: readLifecycle,
    parse: parseLifecycle,
    show: (stored) => stored,
    // What the bucket holds already comes under the new rules; those that are gone are not found when their time comes.
    changed: async ({ context, tx, bucket, after }) => {
      if (after !== undefined) await scheduleWalk(tx, bucket, context.nowMs);
    },
    none: "NoSuchLifecycleConfiguration",
    answer: (stored) => ({ TransitionDefaultMinimumObjectSize: stored?.TransitionDefaultMinimumObjectSize }),
  }),
  ...documentHandlers({
    kind: "logging",
    put: "PutBucketLogging",
    get: "GetBucketLogging",
    read: ({ BucketLoggingStatus }) => readLogging(BucketLoggingStatus),
    assertFits: assertLoggingTarget,
    parse: parseLogging,
    show: (LoggingEnabled) => ({ LoggingEnabled }),
    none: {},
  }),
  ...documentHandlers({
    kind: "notification",
    put: "PutBucketNotificationConfiguration",
    get: "GetBucketNotificationConfiguration",
    read: readNotification,
    parse: parseNotification,
    changed: async ({ tx, context, bucket, after, input }) => {
      if (after !== undefined && input?.SkipDestinationValidation !== true)
        await sendTestEvents(tx, context, { bucket, configuration: after });
    },
    show: (stored) => stored,
    none: {},
  }),
  ...documentHandlers({
    kind: "replication",
    put: "PutBucketReplication",
    get: "GetBucketReplication",
    remove: "DeleteBucketReplication",
    read: ({ ReplicationConfiguration }, context) => readReplication(ReplicationConfiguration, context),
    assertFits: assertReplicationFits,
    parse: parseReplication,
    show: (ReplicationConfiguration) => ({ ReplicationConfiguration }),
    none: "ReplicationConfigurationNotFoundError",
  }),
  ...documentHandlers({
    kind: "requestPayment",
    put: "PutBucketRequestPayment",
    get: "GetBucketRequestPayment",
    read: ({ RequestPaymentConfiguration }) => RequestPaymentConfiguration,
    parse: parseRequestPayment,
    show: (stored) => stored,
    none: { Payer: "BucketOwner" },
  }),
  ...documentHandlers({
    kind: "website",
    put: "PutBucketWebsite",
    get: "GetBucketWebsite",
    remove: "DeleteBucketWebsite",
    read: ({ WebsiteConfiguration }) => readWebsite(WebsiteConfiguration),
    parse: parseWebsite,
    show: (stored) => stored,
    none: "NoSuchWebsiteConfiguration",
  }),
  ...namedDocumentHandlers({
    kind: "analytics",
    noun: "Analytics",
    read: ({ AnalyticsConfiguration }) => readAnalytics(AnalyticsConfiguration),
    assertFits: assertAnalyticsFits,
    parse: parseAnalytics,
    changed: ({ context, tx, bucket, after }) =>
      scheduleReport(ANALYSES, tx, { bucket, configuration: after, nowMs: context.nowMs }),
    show: (AnalyticsConfiguration) => ({ AnalyticsConfiguration }),
    showPage: (AnalyticsConfigurationList, page) => ({ ...page, AnalyticsConfigurationList }),
  }),
  ...namedDocumentHandlers({
    kind: "intelligentTiering",
    noun: "IntelligentTiering",
    read: ({ IntelligentTieringConfiguration }) => readIntelligentTiering(IntelligentTieringConfiguration),
    parse: parseIntelligentTiering,
    show: (IntelligentTieringConfiguration) => ({ IntelligentTieringConfiguration }),
    showPage: (IntelligentTieringConfigurationList, page) => ({ ...page, IntelligentTieringConfigurationList }),
  }),
  ...namedDocumentHandlers({
    kind: "inventory",
    noun: "Inventory",
    read: ({ InventoryConfiguration }) => readInventory(InventoryConfiguration),
    assertFits: assertInventoryFits,
    parse: parseInventory,
    changed: ({ context, tx, bucket, after }) =>
      scheduleReport(INVENTORIES, tx, { bucket, configuration: after, nowMs: context.nowMs }),
    show: (InventoryConfiguration) => ({ InventoryConfiguration }),
    showPage: (InventoryConfigurationList, page) => ({ ...page, InventoryConfigurationList }),
  }),
  ...namedDocumentHandlers({
    kind: "metrics",
    noun: "Metrics",
    read: ({ MetricsConfiguration }) => readMetrics(MetricsConfiguration),
    parse: parseMetrics,
    show: (MetricsConfiguration) => ({ MetricsConfiguration }),
    showPage: (MetricsConfigurationList, page) => ({ ...page, MetricsConfigurationList }),
  }),
};
