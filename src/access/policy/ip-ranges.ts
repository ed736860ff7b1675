/** Ranges of addresses, IPv4 and IPv6, as conditions on `aws:SourceIp` have them. */
import { BlockList, isIP } from "node:net";

const PREFIX_BITS = /^\d{1,3}$/;

const familyOf = (address: string): "ipv4" | "ipv6" | undefined => {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
};

/** An address range as it was read: `bits` are those that must be the same. */
type IpRange = { readonly address: string; readonly family: "ipv4" | "ipv6"; readonly bits: number };

/** Reads an address or a CIDR range; undefined where it is neither. */
export const readIpRange = (text: string): IpRange | undefined => {
  const [address = "", prefix, ...more] = text.split("/");
  const family = familyOf(address);
  if (family === undefined || more.length > 0) return undefined;
  const most = family === "ipv4" ? 32 : 128;
  if (prefix === undefined) return { address, family, bits: most };
  const bits = PREFIX_BITS.test(prefix) ? Number(prefix) : Number.NaN;
  return bits <= most ? { address, family, bits } : undefined;
};

/** IPv4 within IPv6, as a socket that listens for both has it. */
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** What lies in a range, which holds addresses of its own family alone; undefined where `text` is neither an address nor a CIDR range. */
export const rangeOf = (text: string): ((actual: string) => boolean) | undefined => {
  const range = readIpRange(text);
  if (range === undefined) return undefined;
  const list = new BlockList();
  list.addSubnet(range.address, range.bits, range.family);
  return (actual) => {
    const address = actual.replace(MAPPED, "");
    return familyOf(address) === range.family && list.check(address, range.family);
  };
};
