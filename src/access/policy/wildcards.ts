/**
 * Texts with the wildcards of policies: `*` for any number of characters, `?` for one. No regular expressions: a pattern with
 * twenty stars must not cost more than pattern times text.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** Any number of characters. */
export const MANY = -1;
/** One character. */
export const ONE = -2;

/** UTF-16 code units, {@link MANY} and {@link ONE}. */
export type Glob = readonly number[];

const STAR = "*".charCodeAt(0);
const QUESTION = "?".charCodeAt(0);

/** The code units of a text that stands for itself. */
export const literalGlob = (text: string): number[] => {
  const glob: number[] = [];
  for (let at = 0; at < text.length; at++) glob.push(text.charCodeAt(at));
  return glob;
};

/** A text with wildcards. */
export const globOf = (pattern: string): number[] =>
  literalGlob(pattern).map((unit) => {
    if (unit === STAR) return MANY;
    return unit === QUESTION ? ONE : unit;
  });

const isLead = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isTrail = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Code units of the character at a place: a character beyond the basic plane is one character, not two. */
const unitsAt = (text: string, at: number): number =>
  isLead(text.charCodeAt(at)) && isTrail(text.charCodeAt(at + 1)) ? 2 : 1;

/** True where the whole of `text` fits. Takes at most the product of both lengths. */
export const globMatches = (glob: Glob, text: string): boolean => {
  let inGlob = 0;
  let inText = 0;
  let star = -1;
  let resumeAt = 0;
  while (inText < text.length) {
    const wanted = glob[inGlob];
    if (wanted === MANY) {
      star = inGlob++;
      resumeAt = inText;
    } else if (wanted === ONE) {
      inGlob++;
      inText += unitsAt(text, inText);
    } else if (wanted === text.charCodeAt(inText)) {
      inGlob++;
      inText++;
    } else if (star >= 0) {
      // The last star takes one character more; what earlier stars took can stay as it is.
      inGlob = star + 1;
      inText = ++resumeAt;
    } else return false;
  }
  while (glob[inGlob] === MANY) inGlob++;
  return inGlob === glob.length;
};

/** What `pattern` fits, as a function made once. */
export const wildcardMatcher = (pattern: string): ((text: string) => boolean) => {
  if (pattern === "*") return () => true;
  if (!/[*?]/.test(pattern)) return (text) => text === pattern;
  const before = pattern.slice(0, -1);
  if (pattern.endsWith("*") && !/[*?]/.test(before)) return (text) => text.startsWith(before);
  const glob = globOf(pattern);
  return (text) => globMatches(glob, text);
};
