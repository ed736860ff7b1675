/**
 * What a host name says: world, service, region, bucket. Read from right to left.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
import { isIP } from "node:net";

/** Services that a label of the host can name. */
export type HostService =
  | "s3"
  | "s3-website"
  | "s3-accesspoint"
  | "s3-control"
  | "s3express"
  | "s3express-control"
  | "sts"
  | "iam";

export type HostAddress = {
  readonly world?: string;
  readonly service?: HostService;
  readonly region?: string;
  /** True for the endpoint of transfer acceleration. */
  readonly accelerated?: true;
  /** Present for a virtual-hosted request. */
  readonly bucket?: string;
  /** A host's name with dots that stands under no base: path style, unless a website has it for its own domain. */
  readonly domain?: string;
};

type BaseHost = { readonly name: string; readonly needsService: boolean };

/** Bases that are always known. `needsService`: a bucket must be followed by a service's label. */
const KNOWN_BASES: readonly BaseHost[] = [
  { name: "localhost.localstack.cloud", needsService: true },
  { name: "amazonaws.com.cn", needsService: true },
  { name: "amazonaws.com", needsService: true },
  { name: "localhost", needsService: false },
];

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;
const LEGACY_LABEL = /^(s3|s3-website|s3-fips)-([a-z]{2}(?:-[a-z]+)+-\d+)$/;
const ACCELERATED = "s3-accelerate";
const SERVICE_LABELS: ReadonlyMap<string, HostService> = new Map([
  ["s3", "s3"],
  ["s3-fips", "s3"],
  [ACCELERATED, "s3"],
  ["s3-website", "s3-website"],
  ["s3-accesspoint", "s3-accesspoint"],
  ["s3-accesspoint-fips", "s3-accesspoint"],
  ["s3-control", "s3-control"],
  ["s3-control-fips", "s3-control"],
  ["s3express-control", "s3express-control"],
  ["sts", "sts"],
  ["sts-fips", "sts"],
  ["iam", "iam"],
]);
/** The zonal endpoint of directory buckets: `s3express-usw2-az1`, `s3express-fips-usw2-az1`. */
const ZONE_LABEL = /^s3express-(?:fips-)?[a-z0-9]+-az\d+$/;

const serviceOf = (label: string): HostService | undefined =>
  SERVICE_LABELS.get(label) ?? (ZONE_LABEL.test(label) ? "s3express" : undefined);

/** `Bucket.localhost.:5000` -> `bucket.localhost`; IPv6 addresses keep no brackets. */
const hostName = (host: string): string => {
  if (host.startsWith("[")) return host.slice(1, host.indexOf("]"));
  const at = host.indexOf(":");
  const name = (at < 0 ? host : host.slice(0, at)).toLowerCase();
  return name.endsWith(".") ? name.slice(0, -1) : name;
};

type Labels = { readonly rest: readonly string[]; readonly world?: string };

/** Takes `<world>.world` off the right end. */
const takeWorld = (labels: readonly string[]): Labels => {
  if (labels.length < 2 || labels.at(-1) !== "world") return { rest: labels };
  const world = labels.at(-2);
  return world === undefined ? { rest: labels } : { rest: labels.slice(0, -2), world };
};

type Service = {
  readonly rest: readonly string[];
  readonly service: HostService;
  readonly region?: string;
  readonly accelerated?: true;
};

/** Takes the service's labels off the right end: `s3`, `s3.<region>`, `s3-<region>`, `s3.dualstack.<region>` ... */
const takeService = (labels: readonly string[]): Service | undefined => {
  const last = labels.at(-1) ?? "";
  const legacy = LEGACY_LABEL.exec(last);
  if (legacy !== null) {
    const service = serviceOf(legacy[1] ?? "");
    if (service !== undefined) return { rest: labels.slice(0, -1), service, region: legacy[2] ?? "" };
  }
  const region = REGION.test(last) ? last : undefined;
  let end = region === undefined ? labels.length : labels.length - 1;
  if (labels[end - 1] === "dualstack") end -= 1;
  const label = labels[end - 1] ?? "";
  const service = serviceOf(label);
  if (service === undefined) return undefined;
  return {
    rest: labels.slice(0, end - 1),
    service,
    ...(region === undefined ? {} : { region }),
    ...(label === ACCELERATED ? { accelerated: true } : {}),
  };
};

const PATH_STYLE: HostAddress = {};

/** Reads a host name without its port. What matches nothing, and an IP address, is path style. */
const readHost = (name: string, bases: readonly BaseHost[]): HostAddress => {
  if (isIP(name) !== 0) return PATH_STYLE;
  const base = bases.find((candidate) => name === candidate.name || name.endsWith(`.${candidate.name}`));
  if (base === undefined) return name.includes(".") ? { domain: name } : PATH_STYLE;
  if (name === base.name) return PATH_STYLE;
  const labels = name.slice(0, -base.name.length - 1).split(".");
  const { rest, world } = takeWorld(labels);
  const service = takeService(rest);
  const address: HostAddress = {
    ...(world === undefined ? {} : { world }),
    ...(service === undefined ? {} : { service: service.service }),
    ...(service?.region === undefined ? {} : { region: service.region }),
    ...(service?.accelerated === undefined ? {} : { accelerated: service.accelerated }),
  };
  const bucket = (service?.rest ?? rest).join(".");
  if (bucket === "" || (service === undefined && base.needsService)) return address;
  return { ...address, bucket };
};

/** The most hosts whose reading is kept. */
const HOSTS_MAX = 1_000;

/** Reads Host headers; `baseHosts` are further names under which buckets stand. */
export const createAddressing = (options: {
  readonly baseHosts: readonly string[];
}): ((host: string) => HostAddress) => {
  const own = options.baseHosts.map((name) => ({ name: name.toLowerCase(), needsService: false }));
  const bases = [...own, ...KNOWN_BASES].sort((a, b) => b.name.length - a.name.length);
  const known = new Map<string, HostAddress>();
  return (host) => {
    const found = known.get(host);
    if (found !== undefined) return found;
    const address = readHost(hostName(host), bases);
    if (known.size >= HOSTS_MAX) known.clear();
    known.set(host, address);
    return address;
  };
};
