/** JSON as values: numbers keep all their digits, members their order. */
import { SelectError } from "../errors.ts";
import { JSON_DEPTH_MAX } from "../limits.ts";
import { readNumber } from "../values/cast.ts";
import type { Value } from "../values/values.ts";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;
/** What may follow a value without a space between them. */
const SEPARATED = /[ \t\r\n[{"]/;
const HEX = /^[\da-fA-F]{4}$/;
const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }),
);

const failed = (): SelectError => new SelectError("JSONParsingError");

/** Reads the values of `text`, which stand one after another. Errors: JSONParsingError. */
export const readJsonValues = function* (text: string): Generator<Value, void> {
  let at = 0;

  const skipSpace = (): void => {
    // Most values have none between them.
    if (text.charCodeAt(at) > 0x20) return;
    SPACE.lastIndex = at;
    at += SPACE.exec(text)?.[0].length ?? 0;
  };

  const word = <Word extends Value>(letters: string, value: Word): Word => {
    if (!text.startsWith(letters, at)) throw failed();
    at += letters.length;
    return value;
  };

  const readEscape = (): string => {
    const letter = text[at + 1] ?? "";
    if (letter !== "u") {
      at += 2;
      const character = ESCAPES.get(letter);
      if (character === undefined) throw failed();
      return character;
    }
    const hex = text.slice(at + 2, at + 6);
    if (!HEX.test(hex)) throw failed();
    at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  };

  const readString = (): string => {
    at += 1;
    let read = "";
    let from = at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) break;
      if (code === 0x5c) {
        read += text.slice(from, at) + readEscape();
        from = at;
      } else {
        // Control characters, and the end of the text, which is no number.
        if (!(code >= 0x20)) throw failed();
        at += 1;
      }
    }
    read += text.slice(from, at);
    at += 1;
    return read;
  };

  const readDigits = (): Value => {
    NUMBER.lastIndex = at;
    const digits = NUMBER.exec(text)?.[0];
    const value = digits === undefined ? undefined : readNumber(digits);
    if (digits === undefined || value === undefined) throw failed();
    at += digits.length;
    return value;
  };

  /** Reads what stands between commas up to `end`, each by `readOne`. */
  const readMembers = (end: string, readOne: () => void): void => {
    at += 1;
    skipSpace();
    if (text[at] === end) {
      at += 1;
      return;
    }
    for (;;) {
      readOne();
      skipSpace();
      const next = text[at];
      at += 1;
      if (next === end) return;
      if (next !== ",") throw failed();
      skipSpace();
    }
  };

  const readObject = (depth: number): Value => {
    const names: string[] = [];
    const values: Value[] = [];
    readMembers("}", () => {
      if (text[at] !== '"') throw failed();
      names.push(readString());
      skipSpace();
      word(":", null);
      values.push(readValue(depth + 1));
    });
    return { kind: "struct", names, values };
  };

  const readArray = (depth: number): Value => {
    const items: Value[] = [];
    readMembers("]", () => items.push(readValue(depth + 1)));
    return items;
  };

  const readValue = (depth: number): Value => {
    if (depth > JSON_DEPTH_MAX) throw failed();
    skipSpace();
    switch (text[at]) {
      case "{":
        return readObject(depth);
      case "[":
        return readArray(depth);
      case '"':
        return readString();
      case "t":
        return word("true", true);
      case "f":
        return word("false", false);
      case "n":
        return word("null", null);
      default:
        return readDigits();
    }
  };

  for (;;) {
    skipSpace();
    if (at >= text.length) return;
    yield readValue(0);
    if (!SEPARATED.test(text[at] ?? " ")) throw failed();
  }
};
