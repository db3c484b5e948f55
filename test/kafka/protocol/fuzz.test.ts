// Bytes that nobody meant as a message: whatever they are, decoding gives a value or INVALID_REQUEST, in little time, and
// makes no more elements than the bytes can hold.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import { decodeStruct } from '../../../lib/kafka/protocol/decode.ts';
import { encodeStruct } from '../../../lib/kafka/protocol/encode.ts';
import { readRequestHeader } from '../../../lib/kafka/protocol/headers.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import { array, string, struct, type StructType } from '../../../lib/kafka/protocol/schema.ts';
import { createWriter, finish } from '../../../lib/kafka/protocol/writer.ts';
import { MESSAGE_KINDS, messageOf, type MessageKind } from './arbitraries.ts';

/** The value, or undefined if the bytes were refused as they should be. Any other error is thrown. */
function decode({ type, dialect }: MessageKind, bytes: Uint8Array): unknown {
  try {
    return decodeStruct(type, dialect, createReader(bytes));
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'INVALID_REQUEST') return undefined;
    throw error;
  }
}

/** The elements of all arrays, and the bytes of all strings and bytes. */
function heldBy(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.length;
  if (Array.isArray(value)) return value.reduce((sum: number, part) => sum + 1 + heldBy(part), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + heldBy(part), 0);
}

/** What a struct holds by default, as the zero UUIDs of fields that a version lacks, is not of the bytes. */
const HELD_PER_BYTE_MAX = 120;

function expectBounded(value: unknown, bytes: Uint8Array): void {
  expect(heldBy(value)).toBeLessThanOrEqual((bytes.length + 1) * HELD_PER_BYTE_MAX);
}

type Change = (bytes: Buffer, at: number, byte: number) => Buffer;

/** Ways to damage a message; `at` is inside it. */
const CHANGES: readonly Change[] = [
  (bytes, at, byte) => Buffer.from(bytes.with(at, byte)),
  (bytes, at, byte) => Buffer.from(bytes.with(at, (bytes[at] ?? 0) ^ (1 << (byte & 7)))),
  (bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
  (bytes, at, byte) => Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]),
  // The largest lengths, of old and compact.
  (bytes, at) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from('7fffffff', 'hex'), bytes.subarray(at + 4)]),
  (bytes, at) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from('ffffffff0f', 'hex'), bytes.subarray(at + 1)]),
];

const change = fc.record({
  change: fc.constantFrom(...CHANGES),
  at: fc.nat(),
  byte: fc.nat({ max: 255 }),
});

function damaged(bytes: Buffer, changes: readonly { change: Change; at: number; byte: number }[]): Buffer {
  return changes.reduce(
    (sum, { change: apply, at, byte }) => (sum.length === 0 ? sum : apply(sum, at % sum.length, byte)),
    bytes,
  );
}

describe('messages of all kinds', () => {
  test('of random bytes', () => {
    const kind = fc.constantFrom(...MESSAGE_KINDS);
    const property = fc.property(kind, fc.uint8Array({ maxLength: 400 }), (of, bytes) => {
      expectBounded(decode(of, bytes), bytes);
    });
    fc.assert(property, { seed: 13, numRuns: 8000 });
  });

  test('of few different bytes, which are lengths and counts more often', () => {
    const kind = fc.constantFrom(...MESSAGE_KINDS);
    const byte = fc.constantFrom(0, 0, 0, 1, 2, 3, 0x7f, 0x80, 0xff);
    const property = fc.property(kind, fc.array(byte, { maxLength: 200 }), (of, bytes) => {
      expectBounded(decode(of, Uint8Array.from(bytes)), Uint8Array.from(bytes));
    });
    fc.assert(property, { seed: 14, numRuns: 8000 });
  });

  test.each(MESSAGE_KINDS)('damaged: $title', (kind) => {
    const changes = fc.array(change, { minLength: 1, maxLength: 3 });
    const property = fc.property(messageOf(kind), changes, (message, damage) => {
      const writer = createWriter();
      encodeStruct(kind.type, kind.dialect, message as never, writer);
      const bytes = damaged(Buffer.concat(finish(writer)), damage);
      expectBounded(decode(kind, bytes), bytes);
    });
    fc.assert(property, { seed: 15, numRuns: 25 });
  });
});

test('request headers of random bytes', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
    try {
      readRequestHeader(createReader(bytes));
    } catch (error) {
      expect(error).toMatchObject({ name: 'BrokerError', code: 'INVALID_REQUEST' });
    }
  });
  fc.assert(property, { seed: 16, numRuns: 5000 });
});

test.each([
  ['7fffffff', false],
  ['00001389', false],
  ['ffffffff0f', true],
  ['8a27', true],
] as const)('an array of %s elements is refused before there is one', (count, flexible) => {
  const bytes = Buffer.alloc(5000);
  bytes.write(count, 'hex');
  const reader = createReader(bytes);
  const message = struct({ names: array(string) });
  expect(() => decodeStruct(message, { version: 0, flexible }, reader)).toThrow(
    /elements at byte \d need at least/,
  );
  expect(reader.at).toBe(count.length / 2);
});

test('a schema is at most 16 types deep, so no message can be', () => {
  const nested = (depth: number): StructType => struct({ inner: depth === 0 ? string : nested(depth - 1) });
  const decodeNested = (depth: number): unknown =>
    decodeStruct(nested(depth), { version: 0, flexible: false }, createReader(Buffer.alloc(2)));
  expect(JSON.stringify(decodeNested(15))).toBe(`${'{"inner":'.repeat(16)}""${'}'.repeat(16)}`);
  expect(() => decodeNested(16)).toThrow('a schema is more than 16 types deep');
});
