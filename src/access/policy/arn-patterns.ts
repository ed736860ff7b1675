/** ARNs with wildcards, as Resource elements and the ARN operators of conditions have them. */
import { globMatches, globOf, MANY, wildcardMatcher, type Glob } from "./wildcards.ts";

/** `arn:partition:service:region:account:resource`; the resource may hold colons. */
const SEGMENTS = 6;
const COLON = ":".charCodeAt(0);

const splitText = (arn: string): string[] => {
  const parts = arn.split(":");
  return parts.length <= SEGMENTS ? parts : [...parts.slice(0, SEGMENTS - 1), parts.slice(SEGMENTS - 1).join(":")];
};

const splitGlob = (glob: Glob): Glob[] => {
  const parts: number[][] = [[]];
  for (const unit of glob) {
    if (unit === COLON && parts.length < SEGMENTS) parts.push([]);
    else parts.at(-1)?.push(unit);
  }
  return parts;
};

/**
 * What an ARN operator's value fits: each of the six parts for itself. `ArnEquals` and `ArnLike` do the same.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export const arnMatcher = (glob: Glob): ((arn: string) => boolean) => {
  // A star alone is short for every ARN.
  if (glob.length === 1 && glob[0] === MANY) return () => true;
  const wanted = splitGlob(glob);
  return (arn) => {
    const parts = splitText(arn);
    return parts.length === wanted.length && parts.every((part, at) => globMatches(wanted[at] ?? [], part));
  };
};

/** A pattern's segments from `at` on against an ARN's: a star at a segment's end may take further segments with it. */
const segmentsMatch = (wanted: readonly Glob[], parts: readonly string[]): boolean => {
  const [first, ...rest] = wanted;
  if (first === undefined) return parts.length === 0;
  const longest = first.at(-1) === MANY ? parts.length - rest.length : 1;
  for (let taken = 1; taken <= longest; taken++)
    if (globMatches(first, parts.slice(0, taken).join(":")) && segmentsMatch(rest, parts.slice(taken))) return true;
  return false;
};

const HAS_WILDCARD = /[*?]/;

/**
 * What a Resource fits. Wildcards stay in their segment of the first five; a star that ends a segment goes on beyond the colon.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export const resourceMatcher = (pattern: string): ((resource: string) => boolean) => {
  const segments = splitText(pattern);
  const head = segments.slice(0, SEGMENTS - 1);
  // The usual form: everything before the resource is given, and what comes then is one segment.
  if (pattern === "*" || !head.some((segment) => HAS_WILDCARD.test(segment))) return wildcardMatcher(pattern);
  const wanted = segments.map(globOf);
  return (resource) => segmentsMatch(wanted, splitText(resource));
};

/** The same for a pattern whose variables were resolved. */
export const resourceGlobMatcher = (glob: Glob): ((resource: string) => boolean) => {
  const wanted = splitGlob(glob);
  if (!wanted.slice(0, SEGMENTS - 1).some((segment) => segment.some((unit) => unit < 0)))
    return (resource) => globMatches(glob, resource);
  return (resource) => segmentsMatch(wanted, splitText(resource));
};
