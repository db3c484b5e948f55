// JSON text as it travels: parsed without losing digits or fields, and split where several values follow each other.
import { invalidBody } from './errors.ts';
import { JSON_DEPTH_MAX } from './limits.ts';

// https://github.com/tc39/proposal-json-parse-with-source, not yet in TypeScript's library.
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => object };

/**
 * Parses JSON that a client sent. Throws 42206 if it is not JSON, is nested deeper than JSON_DEPTH_MAX, or gives a field
 * twice. With `keepNumbers`, a number that would be printed differently from how it was written (1.0, 2^60) comes back
 * as a value that JSON.stringify prints as it was.
 */
export function parseJson(text: string, { keepNumbers = false } = {}): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    throw invalidBody(`The body is not JSON: ${(error as Error).message}`);
  }
  const { printsAlike } = walk(text);
  return keepNumbers && !printsAlike ? (JSON.parse(text, keepNumber) as unknown) : value;
}

/**
 * A reviver of JSON.parse that keeps numbers as they were written: what String would print differently becomes a value that
 * JSON.stringify prints as it was.
 */
export function keepNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && String(value) !== source
    ? rawJSON(source)
    : value;
}

interface Level {
  /** The fields so far of an object; undefined in an array. */
  readonly fields: Set<string> | undefined;
  /** Whether the next string of an object is a field's name. */
  expectsName: boolean;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Checks text that is known to be JSON, and says whether each of its numbers is printed as it is written. */
function walk(text: string): { readonly printsAlike: boolean } {
  const levels: Level[] = [];
  let printsAlike = true;
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = stringEnd(text, at);
        if (level?.fields !== undefined && level.expectsName) noteField(level.fields, text.slice(at, end));
        at = end - 1;
        break;
      }
      case 0x7b:
        levels.push({ fields: new Set(), expectsName: true });
        checkDepth(levels.length);
        break;
      case 0x5b:
        levels.push({ fields: undefined, expectsName: false });
        checkDepth(levels.length);
        break;
      case 0x7d:
      case 0x5d:
        levels.pop();
        break;
      case 0x3a:
        if (level !== undefined) level.expectsName = false;
        break;
      case 0x2c:
        if (level !== undefined) level.expectsName = true;
        break;
      default: {
        const number = numberAt(text, at);
        if (number === '') break;
        printsAlike &&= String(Number(number)) === number;
        at += number.length - 1;
      }
    }
  }
  return { printsAlike };
}

function numberAt(text: string, at: number): string {
  const char = text.charCodeAt(at);
  if (char !== 0x2d && (char < 0x30 || char > 0x39)) return '';
  NUMBER.lastIndex = at;
  return NUMBER.exec(text)?.[0] ?? '';
}

function checkDepth(depth: number): void {
  if (depth > JSON_DEPTH_MAX) throw invalidBody(`The body is nested deeper than ${JSON_DEPTH_MAX} levels`);
}

function noteField(fields: Set<string>, quoted: string): void {
  const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (fields.has(name)) throw invalidBody(`The field ${JSON.stringify(name)} is given twice`, name);
  fields.add(name);
}

/** The index after the closing quote of the string that opens at `start`, or the text's length if it does not close. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/** Splits JSON objects that follow each other, with or without white space between them; a broken rest comes last. */
export function splitConcatenatedJson(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) at = stringEnd(text, at) - 1;
    else if (char === 0x7b || char === 0x5b) depth++;
    else if ((char === 0x7d || char === 0x5d) && --depth === 0) {
      parts.push(text.slice(start, at + 1));
      start = at + 1;
    }
  }
  const rest = text.slice(start);
  return rest.trim() === '' ? parts : [...parts, rest];
}
