// Every version of every message: what is encoded is decoded to the same, no part of it is taken for the whole, and
// tagged fields from the future are passed over.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import { decodeStruct } from '../../../lib/kafka/protocol/decode.ts';
import { encodeStruct } from '../../../lib/kafka/protocol/encode.ts';
import type { Dialect } from '../../../lib/kafka/protocol/layout.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import type { StructType } from '../../../lib/kafka/protocol/schema.ts';
import { createWriter, finish } from '../../../lib/kafka/protocol/writer.ts';
import { MESSAGE_KINDS, messageOf, type Message } from './arbitraries.ts';

function encode(type: StructType, dialect: Dialect, message: Message): Uint8Array {
  const writer = createWriter();
  encodeStruct(type, dialect, message as never, writer);
  return Buffer.concat(finish(writer));
}

const isRefusal = (error: unknown): boolean =>
  error instanceof BrokerError && error.code === 'INVALID_REQUEST';

function expectRefused(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (isRefusal(error)) return;
    throw error;
  }
  throw new Error('the message was decoded');
}

describe.each(MESSAGE_KINDS)('$title', ({ type, dialect }) => {
  test('is decoded as it was encoded, to the last byte', () => {
    fc.assert(
      fc.property(messageOf({ type, dialect }), (message) => {
        const bytes = encode(type, dialect, message);
        const reader = createReader(bytes);
        expect(decodeStruct(type, dialect, reader)).toEqual(message);
        expect(reader.at).toBe(bytes.length);
      }),
      { seed: 7, numRuns: 15 },
    );
  });

  test('is refused wherever it is cut off', () => {
    fc.assert(
      fc.property(messageOf({ type, dialect }), (message) => {
        const bytes = encode(type, dialect, message);
        for (let end = 0; end < bytes.length; end++) {
          expectRefused(() => decodeStruct(type, dialect, createReader(bytes.subarray(0, end))));
        }
      }),
      { seed: 8, numRuns: 3 },
    );
  });
});

const FLEXIBLE = MESSAGE_KINDS.filter(({ dialect }) => dialect.flexible);

test.each(FLEXIBLE)('$title passes over tagged fields it does not know', ({ type, dialect }) => {
  fc.assert(
    fc.property(messageOf({ type, dialect }), fc.uint8Array({ maxLength: 300 }), (message, unknown) => {
      const bytes = withTag(encode(type, dialect, message), type, dialect, message, unknown);
      const reader = createReader(bytes);
      expect(decodeStruct(type, dialect, reader)).toEqual(message);
      expect(reader.at).toBe(bytes.length);
    }),
    { seed: 9, numRuns: 10 },
  );
});

/** Appends tag 1000 with `unknown` to the tagged fields that end a message. */
function withTag(
  bytes: Uint8Array,
  type: StructType,
  dialect: Dialect,
  message: Message,
  unknown: Uint8Array,
): Uint8Array {
  const plainBytes = encode(plainOnly(type), dialect, message).length - 1;
  const tags = bytes.subarray(plainBytes);
  const size = unknown.length;
  const added = [0xe8, 0x07, ...(size < 0x80 ? [size] : [(size & 0x7f) | 0x80, size >> 7]), ...unknown];
  return Buffer.concat([
    bytes.subarray(0, plainBytes),
    Buffer.from([(tags[0] ?? 0) + 1]),
    tags.subarray(1),
    Buffer.from(added),
  ]);
}

/** The struct without the tagged fields of its own: those of structs inside remain. */
function plainOnly(type: StructType): StructType {
  const fields = Object.entries(type.fields).filter(
    ([, member]) => member.kind !== 'field' || member.options.tag === undefined,
  );
  return { kind: 'struct', fields: Object.fromEntries(fields) };
}
