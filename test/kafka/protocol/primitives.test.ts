// The primitive types: bytes worked out by hand, the bounds of each, and each refusal.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import * as read from '../../../lib/kafka/protocol/reader.ts';
import type { Reader } from '../../../lib/kafka/protocol/reader.ts';
import * as write from '../../../lib/kafka/protocol/writer.ts';
import type { Writer } from '../../../lib/kafka/protocol/writer.ts';

const readerOf = (hex: string): Reader => read.createReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function hexOf(writeTo: (writer: Writer) => void): string {
  const writer = write.createWriter();
  writeTo(writer);
  return Buffer.concat(write.finish(writer)).toString('hex');
}

function refusalOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof BrokerError && error.code === 'INVALID_REQUEST') return error.message;
    throw error;
  }
  return 'none';
}

interface Sample<T> {
  readonly value: T;
  readonly hex: string;
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: T) => void;
}

const sample = <T>(
  value: T,
  hex: string,
  readIt: (reader: Reader) => T,
  writeIt: (writer: Writer, value: T) => void,
): Sample<unknown> => ({ value, hex, read: readIt, write: writeIt as Sample<unknown>['write'] });

const SAMPLES = [
  sample(true, '01', read.readBool, write.writeBool),
  sample(false, '00', read.readBool, write.writeBool),
  sample(-128, '80', read.readInt8, write.writeInt8),
  sample(-2, 'fffe', read.readInt16, write.writeInt16),
  sample(65535, 'ffff', read.readUint16, write.writeUint16),
  sample(-2147483648, '80000000', read.readInt32, write.writeInt32),
  sample(-1, 'ffffffffffffffff', read.readInt64, write.writeInt64),
  sample(4294967296, '0000000100000000', read.readInt64, write.writeInt64),
  sample(9007199254740991, '001fffffffffffff', read.readInt64, write.writeInt64),
  sample(-9007199254740991, 'ffe0000000000001', read.readInt64, write.writeInt64),
  sample(9223372036854775807n, '7fffffffffffffff', read.readBigInt64, write.writeBigInt64),
  sample(1.5, '3ff8000000000000', read.readFloat64, write.writeFloat64),
  sample(0, '00', read.readUnsignedVarint, write.writeUnsignedVarint),
  sample(127, '7f', read.readUnsignedVarint, write.writeUnsignedVarint),
  sample(128, '8001', read.readUnsignedVarint, write.writeUnsignedVarint),
  sample(300, 'ac02', read.readUnsignedVarint, write.writeUnsignedVarint),
  sample(2 ** 32 - 1, 'ffffffff0f', read.readUnsignedVarint, write.writeUnsignedVarint),
  sample('AAAAAAAAAAAAAAAAAAAAAA', '00'.repeat(16), read.readUuid, write.writeUuid),
  sample('PyUE4E-JQdOaDAMF6CwzAQ', '3f2504e04f8941d39a0c0305e82c3301', read.readUuid, write.writeUuid),
];

test.each(SAMPLES)('$value is $hex', ({ value, hex, read: readIt, write: writeIt }) => {
  expect(readIt(readerOf(hex))).toBe(value);
  expect(
    hexOf((writer) => {
      writeIt(writer, value);
    }),
  ).toBe(hex);
});

test.each(SAMPLES)('$value is refused wherever $hex is cut off', ({ hex, read: readIt }) => {
  for (let end = 0; end < hex.length; end += 2) {
    expect(refusalOf(() => readIt(readerOf(hex.slice(0, end))))).toMatch(/should be followed by/);
  }
});

test('everything but 0 is true', () => {
  expect(read.readBool(readerOf('02'))).toBe(true);
});

test('every integer of each size is read as it was written', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.nat({ max: 2 ** 32 - 1 }), (long, unsigned) => {
      const hex = hexOf((writer) => {
        write.writeInt64(writer, long);
        write.writeUnsignedVarint(writer, unsigned);
      });
      const reader = readerOf(hex);
      expect([read.readInt64(reader), read.readUnsignedVarint(reader)]).toEqual([long, unsigned]);
    }),
    { seed: 1 },
  );
});

describe('what is refused', () => {
  test.each([
    ['0020000000000000', '9007199254740992'],
    ['ffe0000000000000', '-9007199254740992'],
    ['7fffffffffffffff', '9223372036854775807'],
  ])('INT64 %s, which no number holds', (hex, value) => {
    expect(refusalOf(() => read.readInt64(readerOf(hex)))).toBe(
      `the INT64 at byte 0 is beyond 2^53: ${value}`,
    );
  });

  test.each(['ffffffff10', 'ffffffffff', '8080808080'])('UNSIGNED_VARINT %s of more than 32 bits', (hex) => {
    expect(refusalOf(() => read.readUnsignedVarint(readerOf(hex)))).toMatch(/more than 32 bits/);
  });

  test.each(['c3', 'c328', 'ed a080', 'f4 90 80 80', 'c080', '80'])('%s, which is no UTF-8', (hex) => {
    const reader = readerOf(hex);
    expect(refusalOf(() => read.readText(reader, reader.end))).toBe('the string at byte 0 is no UTF-8');
  });

  test('a string of more than 32767 bytes, even if they are there', () => {
    const reader = read.createReader(Buffer.alloc(40_000, 'a'));
    expect(read.readText(reader, 32_767)).toHaveLength(32_767);
    expect(refusalOf(() => read.readText(reader, 32_768))).toBe(
      'a string has at most 32767 bytes, got 32768 at byte 32767',
    );
  });

  test('a length below -1', () => {
    expect(read.readShortLength(readerOf('ffff'))).toBe(-1);
    expect(refusalOf(() => read.readShortLength(readerOf('fffe')))).toBe('the length at byte 0 is -2');
    expect(refusalOf(() => read.readIntLength(readerOf('80000000')))).toBe(
      'the length at byte 0 is -2147483648',
    );
    expect(read.readCompactLength(readerOf('00'))).toBe(-1);
  });

  test('more elements than fit', () => {
    expect(
      refusalOf(() => {
        read.checkCount(readerOf('0000000000'), 2, 3);
      }),
    ).toBe('2 elements at byte 0 need at least 6 bytes, got 5');
  });

  test('more tagged fields than fit, before the first is read', () => {
    const reader = readerOf('02 00 00 00');
    const readTags = (): void => {
      read.readTaggedFields(reader, () => false);
    };
    expect(refusalOf(readTags)).toBe('2 elements at byte 1 need at least 4 bytes, got 3');
  });

  test('a tagged field whose value is longer or shorter than it says', () => {
    const readByte = (reader: Reader) => (): boolean => {
      read.readInt8(reader);
      return true;
    };
    const long = readerOf('01 00 02 0000');
    expect(
      refusalOf(() => {
        read.readTaggedFields(long, readByte(long));
      }),
    ).toBe('tag 0 at byte 3 has 2 bytes, but its value 1');
    const short = readerOf('01 00 00 00');
    expect(
      refusalOf(() => {
        read.readTaggedFields(short, readByte(short));
      }),
    ).toMatch(/should be followed by 1/);
  });
});

describe('what no writer takes', () => {
  test.each([
    [
      'INT8',
      (writer: Writer) => {
        write.writeInt8(writer, 128);
      },
    ],
    [
      'INT16',
      (writer: Writer) => {
        write.writeInt16(writer, -32769);
      },
    ],
    [
      'UINT16',
      (writer: Writer) => {
        write.writeUint16(writer, -1);
      },
    ],
    [
      'INT32',
      (writer: Writer) => {
        write.writeInt32(writer, 2 ** 31);
      },
    ],
    [
      'INT32 of a fraction',
      (writer: Writer) => {
        write.writeInt32(writer, 0.5);
      },
    ],
    [
      'INT64',
      (writer: Writer) => {
        write.writeInt64(writer, 2 ** 53);
      },
    ],
    [
      'INT64 of a bigint',
      (writer: Writer) => {
        write.writeBigInt64(writer, 2n ** 63n);
      },
    ],
    [
      'UNSIGNED_VARINT',
      (writer: Writer) => {
        write.writeUnsignedVarint(writer, 2 ** 32);
      },
    ],
    [
      'UUID',
      (writer: Writer) => {
        write.writeUuid(writer, 'abc');
      },
    ],
    [
      'STRING',
      (writer: Writer) => {
        write.writeText(writer, 'ä'.repeat(16_384), write.writeShortLength);
      },
    ],
  ])('%s', (_name, call) => {
    expect(() => {
      call(write.createWriter());
    }).toThrow(/AssertionError|is no |at most|more than/);
  });
});

test('chunks grow without what is written being moved, and none is empty', () => {
  const writer = write.createWriter();
  const big = new Uint8Array(300_000).fill(7);
  const expected: Uint8Array[] = [];
  for (let round = 0; round < 200; round++) {
    const part = Buffer.alloc(round * 17, round);
    write.writeBytes(writer, part);
    expected.push(part);
    if (round % 50 === 0) {
      write.writeReference(writer, big);
      write.writeReference(writer, new Uint8Array(0));
      expected.push(big);
    }
  }
  const all = Buffer.concat(expected);
  expect(write.writtenBytes(writer)).toBe(all.length);
  const chunks = write.finish(writer);
  expect(Buffer.concat(chunks).equals(all)).toBe(true);
  expect(chunks.every((chunk) => chunk.length > 0)).toBe(true);
  expect(chunks.filter((chunk) => chunk === big)).toHaveLength(4);
});
