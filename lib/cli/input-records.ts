// Lines of input as records to produce: a line is a value, a key and a value, or a JSON object with both.
import { keepNumber } from '../http/json-text.ts';
import { CliError } from './exit.ts';

/** A record to produce. `partition` undefined: the key decides, or chance. `timestampMs` undefined: the server's now. */
export interface InputRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
  readonly partition: number | undefined;
  readonly timestampMs: number | undefined;
}

export type InputFormat =
  { readonly kind: 'lines'; readonly keySeparator?: string } | { readonly kind: 'json' };

/** Members of an input object. Those that `wadi consume --json` prints and no record has of its own are passed over. */
const MEMBERS = [
  'key',
  'keyBase64',
  'value',
  'valueBase64',
  'headers',
  'partition',
  'timestamp',
  'topic',
  'offset',
];

/** Whether a first line looks like records in JSON: an object with a value, and nothing that a record does not have. */
export function looksLikeJsonRecord(line: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(line.toString());
    if (!isObject(value)) return false;
    return (
      ('value' in value || 'valueBase64' in value) &&
      Object.keys(value).every((name) => MEMBERS.includes(name))
    );
  } catch {
    return false;
  }
}

/** Reads one line, or undefined where it is blank JSON input. Throws a CliError that names the line and the member. */
export function parseRecord(format: InputFormat, line: Buffer, lineNumber: number): InputRecord | undefined {
  if (format.kind === 'lines') return parseLine(line, format.keySeparator);
  try {
    const text = line.toString();
    return text.trim() === '' ? undefined : parseJsonRecord(text);
  } catch (error) {
    throw new CliError(`line ${lineNumber}: ${(error as Error).message}`, { cause: error });
  }
}

function parseLine(line: Buffer, keySeparator: string | undefined): InputRecord {
  const separator = keySeparator === undefined ? -1 : line.indexOf(keySeparator);
  const rest = { headers: [], partition: undefined, timestampMs: undefined };
  if (keySeparator === undefined || separator === -1) return { key: null, value: line, ...rest };
  const value = line.subarray(separator + Buffer.byteLength(keySeparator));
  return { key: line.subarray(0, separator), value, ...rest };
}

function parseJsonRecord(text: string): InputRecord {
  const object = parseJson(text);
  if (!isObject(object)) throw new Error('must be a JSON object with "key" and "value"');
  const unknown = Object.keys(object).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is not one of ${MEMBERS.join(', ')}`);
  if (!('value' in object) && !('valueBase64' in object))
    throw new Error('"value" is missing (null makes a tombstone)');
  return {
    key: bytesOf(object, 'key'),
    value: bytesOf(object, 'value'),
    headers: headersOf(object['headers']),
    partition: integerOf(object, 'partition'),
    timestampMs: integerOf(object, 'timestamp'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepNumber) as unknown;
  } catch (error) {
    throw new Error(`not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `name` as text or JSON, or `nameBase64` as bytes. Absent or null is null. */
function bytesOf(object: Record<string, unknown>, name: 'key' | 'value'): Buffer | null {
  const encoded = object[`${name}Base64`];
  const plain = object[name];
  if (encoded === undefined || encoded === null) {
    if (plain === undefined || plain === null) return null;
    return Buffer.from(typeof plain === 'string' ? plain : JSON.stringify(plain));
  }
  if (plain !== undefined && plain !== null)
    throw new Error(`"${name}" and "${name}Base64" exclude each other`);
  return fromBase64(encoded, `${name}Base64`);
}

function fromBase64(value: unknown, field: string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
  if (bytes?.toString('base64') !== value) throw new Error(`"${field}" must be base64 text with padding`);
  return bytes as Buffer;
}

function integerOf(object: Record<string, unknown>, name: string): number | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`"${name}" must be a whole number from 0, got ${JSON.stringify(value)}`);
}

function headersOf(value: unknown): InputRecord['headers'] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error('"headers" must be a list of {"key","value"}');
  return value.map((header: unknown, index) => {
    if (!isObject(header) || typeof header['key'] !== 'string')
      throw new Error(`"headers[${index}].key" must be text`);
    return { key: header['key'], value: bytesOf(header, 'value') };
  });
}
