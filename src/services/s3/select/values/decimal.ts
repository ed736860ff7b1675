/** Numbers of base 10: `coefficient` times ten to the `exponent`. Of at most 38 digits where they are computed. */

export type Decimal = { readonly kind: "decimal"; readonly coefficient: bigint; readonly exponent: number };

/** Digits that a computed decimal keeps. */
const PRECISION_MAX = 38;
/** Exponents beyond this are no number that anyone means, and would make computing with them endless. */
const EXPONENT_MAX = 6_144;
/** Characters of a number that is read. */
const NUMBER_CHARS_MAX = 1_024;

export const decimal = (coefficient: bigint, exponent: number): Decimal => ({ kind: "decimal", coefficient, exponent });

const powerOfTen = (exponent: number): bigint => 10n ** BigInt(exponent);

const digitsOf = (value: bigint): number => (value < 0n ? -value : value).toString().length;

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** A decimal as it is written: `1.50`, `-2e10`. Undefined for what is none. */
export const parseDecimal = (text: string): Decimal | undefined => {
  if (text.length > NUMBER_CHARS_MAX) return undefined;
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const [, sign = "", whole = "", fraction = "", power = "0"] = found;
  if (whole === "" && fraction === "") return undefined;
  const exponent = Number(power) - fraction.length;
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined;
  const coefficient = BigInt(whole + fraction);
  return decimal(sign === "-" ? -coefficient : coefficient, exponent);
};

/** Cuts to 38 digits, rounding halves to the even neighbour. */
const rounded = ({ coefficient, exponent }: Decimal): Decimal => {
  const excess = digitsOf(coefficient) - PRECISION_MAX;
  if (excess <= 0) return decimal(coefficient, exponent);
  return decimal(divideRounded(coefficient, powerOfTen(excess)), exponent + excess);
};

const divideRounded = (dividend: bigint, divisor: bigint): bigint => {
  const quotient = dividend / divisor;
  const twice = (dividend % divisor) * 2n;
  const size = twice < 0n ? -twice : twice;
  const step = divisor < 0n ? -divisor : divisor;
  const up = size > step || (size === step && quotient % 2n !== 0n);
  if (!up) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
};

/** Both coefficients at the lower of the two exponents. */
const aligned = (a: Decimal, b: Decimal): { left: bigint; right: bigint; exponent: number } => {
  const exponent = Math.min(a.exponent, b.exponent);
  return {
    left: a.coefficient * powerOfTen(a.exponent - exponent),
    right: b.coefficient * powerOfTen(b.exponent - exponent),
    exponent,
  };
};

export const addDecimals = (a: Decimal, b: Decimal): Decimal => {
  const { left, right, exponent } = aligned(a, b);
  return rounded(decimal(left + right, exponent));
};

export const negateDecimal = ({ coefficient, exponent }: Decimal): Decimal => decimal(-coefficient, exponent);

export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal =>
  rounded(decimal(a.coefficient * b.coefficient, a.exponent + b.exponent));

/** `b` is not zero. An exact quotient keeps no zeros that nobody wrote. */
export const divideDecimals = (a: Decimal, b: Decimal): Decimal => {
  const extra = Math.max(0, PRECISION_MAX + digitsOf(b.coefficient) - digitsOf(a.coefficient));
  const quotient = divideRounded(a.coefficient * powerOfTen(extra), b.coefficient);
  return withoutZeros(rounded(decimal(quotient, a.exponent - b.exponent - extra)), a.exponent - b.exponent);
};

/** Drops zeros at the end as long as the exponent stays at most `exponentMax`. */
const withoutZeros = ({ coefficient, exponent }: Decimal, exponentMax: number): Decimal => {
  let digits = coefficient;
  let power = exponent;
  while (power < exponentMax && digits % 10n === 0n) {
    digits /= 10n;
    power += 1;
  }
  return decimal(digits, power);
};

/** What is left of `a` after `b` (not zero) was taken from it as often as it goes; its sign is `a`'s. */
export const remainderOfDecimals = (a: Decimal, b: Decimal): Decimal => {
  const { left, right, exponent } = aligned(a, b);
  return decimal(left % right, exponent);
};

/** Below, at or above 0 as `a` is less than, equal to or greater than `b`. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  const { left, right } = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
};

/** Cut towards zero. */
export const truncateDecimal = ({ coefficient, exponent }: Decimal): bigint =>
  exponent >= 0 ? coefficient * powerOfTen(exponent) : coefficient / powerOfTen(-exponent);

export const decimalToNumber = ({ coefficient, exponent }: Decimal): number => Number(`${coefficient}e${exponent}`);

/** Zeros after the digits that are still written out instead of as an exponent. */
const PLAIN_ZEROS_MAX = 20;

/** As it is written without an exponent, unless that would be long: `1.50`, `1E+30`. */
export const formatDecimal = ({ coefficient, exponent }: Decimal): string => {
  const sign = coefficient < 0n ? "-" : "";
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString();
  if (exponent > 0) {
    if (exponent > PLAIN_ZEROS_MAX) return `${sign}${scientific(digits, exponent)}`;
    return `${sign}${digits}${coefficient === 0n ? "" : "0".repeat(exponent)}`;
  }
  if (exponent === 0) return `${sign}${digits}`;
  if (-exponent > digits.length + PLAIN_ZEROS_MAX) return `${sign}${scientific(digits, exponent)}`;
  const padded = digits.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
};

const scientific = (digits: string, exponent: number): string => {
  const power = exponent + digits.length - 1;
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
  return `${digits.slice(0, 1)}${fraction}E${power < 0 ? "" : "+"}${power}`;
};
