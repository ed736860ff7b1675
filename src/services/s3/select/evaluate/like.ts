/** LIKE: `_` is any character, `%` any number of them. */
import { SelectError } from "../errors.ts";

const ONE = Symbol("one");
const MANY = Symbol("many");

/** A character that must be there, or a wildcard. */
type Element = string | typeof ONE | typeof MANY;

/** Reads a pattern. Errors: EvaluatorLikePatternInvalidEscapeSequence. */
export const compileLike = (pattern: string, escape: string | undefined): ((text: string) => boolean) => {
  if (escape !== undefined && Array.from(escape).length !== 1)
    throw new SelectError("EvaluatorLikePatternInvalidEscapeSequence");
  const elements = readPattern(pattern, escape);
  return (text) => matches(elements, text);
};

const readPattern = (pattern: string, escape: string | undefined): readonly Element[] => {
  const elements: Element[] = [];
  let escaped = false;
  for (const character of pattern) {
    if (escaped) {
      if (character !== "%" && character !== "_" && character !== escape) {
        throw new SelectError("EvaluatorLikePatternInvalidEscapeSequence");
      }
      elements.push(character);
      escaped = false;
    } else if (character === escape) escaped = true;
    else elements.push(character === "%" ? MANY : character === "_" ? ONE : character);
  }
  if (escaped) throw new SelectError("EvaluatorLikePatternInvalidEscapeSequence");
  return elements;
};

/** Goes back to the last `%` only, so that no pattern takes longer than its length times the text's. */
const matches = (elements: readonly Element[], text: string): boolean => {
  let at = 0;
  let element = 0;
  let resumeAt = -1;
  let resumeElement = -1;
  while (at < text.length) {
    const wanted = elements[element];
    const size = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    if (wanted === MANY) {
      resumeElement = element += 1;
      resumeAt = at;
    } else if (wanted === ONE || (wanted !== undefined && text.startsWith(wanted, at))) {
      at += wanted === ONE ? size : wanted.length;
      element += 1;
    } else if (resumeElement >= 0) {
      resumeAt += (text.codePointAt(resumeAt) ?? 0) > 0xffff ? 2 : 1;
      at = resumeAt;
      element = resumeElement;
    } else return false;
  }
  while (elements[element] === MANY) element += 1;
  return element === elements.length;
};
