// What it takes to compare messages with the codecs of kafkajs and platformatic/kafka, which name fields in their own ways.
import { decodeRequest } from '../../../lib/kafka/protocol/frames.ts';
import { readRequestHeader, type RequestHeader } from '../../../lib/kafka/protocol/headers.ts';
import { layoutOf, type Dialect } from '../../../lib/kafka/protocol/layout.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import type { ApiSchema, WireType } from '../../../lib/kafka/protocol/schema.ts';
import type { Message } from './arbitraries.ts';

/** The bits of a UUID, which platformatic writes with dashes. */
const hexOf = (text: string): string | undefined => {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text.replaceAll('-', '');
  return /^[\w-]{22}$/.test(text) ? Buffer.from(text, 'base64url').toString('hex') : undefined;
};

/** All values inside `value` that hold no others, as text, sorted: what a message says, whatever the fields are called. */
export function leavesOf(value: unknown): readonly string[] {
  const leaves: string[] = [];
  const visit = (part: unknown): void => {
    if (part instanceof Uint8Array) leaves.push(`bytes ${Buffer.from(part).toString('hex')}`);
    else if (Array.isArray(part)) part.forEach(visit);
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
    else if (typeof part === 'string') leaves.push(hexOf(part) ?? part);
    else if (part !== undefined) leaves.push(`${part as number | boolean}`);
  };
  visit(value);
  return leaves.sort();
}

/** How often each leaf is in `leaves`. */
function countOf(leaves: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const leaf of leaves) counts.set(leaf, (counts.get(leaf) ?? 0) + 1);
  return counts;
}

/** The leaves that `theirs` lacks. They may have more: defaults of what the version lacks. */
export function missingLeaves(ours: unknown, theirs: unknown): readonly string[] {
  const had = countOf(leavesOf(theirs));
  const wanted = countOf(leavesOf(ours));
  return [...wanted].filter(([leaf, count]) => count > (had.get(leaf) ?? 0)).map(([leaf]) => leaf);
}

/**
 * A message that other clients can read: without records, which they would decode, and with `errorCode` wherever an
 * error stands. Fields that the version lacks are gone.
 */
export function readable(type: WireType, dialect: Dialect, value: unknown, errorCode: number): unknown {
  if (type.kind === 'records') return null;
  if (value === null) return null;
  if (type.kind === 'array')
    return (value as readonly unknown[]).map((element) =>
      readable(type.element, dialect, element, errorCode),
    );
  if (type.kind !== 'struct') return value;
  const { plain, tagged } = layoutOf(type, dialect);
  const entries = [...plain, ...tagged].map((field) => {
    const part = (value as Message)[field.name];
    return [
      field.name,
      /error_?code$/i.test(field.name) ? errorCode : readable(field.type, dialect, part, errorCode),
    ];
  });
  return Object.fromEntries(entries) as unknown;
}

export interface DecodedRequest {
  readonly header: RequestHeader;
  readonly body: Readonly<Record<string, unknown>>;
  /** The bytes that were left over. */
  readonly rest: number;
}

/** Reads a request after its size, header and all. */
export function decodeWhole(schema: ApiSchema, frame: Uint8Array): DecodedRequest {
  const reader = createReader(frame);
  const header = readRequestHeader(reader);
  const body = decodeRequest(schema, header.apiVersion, reader);
  return { header, body, rest: frame.length - reader.at };
}
