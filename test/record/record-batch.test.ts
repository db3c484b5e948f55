// Record batches: bytes worked out by hand, round trips of every compression, and each refusal with its own code.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BATCH_HEADER_BYTES,
  batchCrc,
  COMPRESSIONS,
  placeBatch,
  readBatchHeader,
} from '../../lib/record/batch-header.ts';
import type { BatchLimits } from '../../lib/record/batch-rules.ts';
import { compress } from '../../lib/record/compression.ts';
import {
  decodeBatch,
  encodeBatch,
  recordsOf,
  setLogAppendTime,
  validateBatch,
} from '../../lib/record/record-batch.ts';
import type { LogRecord } from '../../lib/record/record.ts';
import { records } from './arbitraries.ts';

const T = 1_700_000_000_000;
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));

const TWO: readonly LogRecord[] = [
  { timestampMs: T, key: text('k'), value: null, headers: [{ key: 'h', value: text('') }] },
  { timestampMs: T - 5000, key: text(''), value: text('vv'), headers: [] },
];
const TRIPLE = { producerId: 4000n, producerEpoch: 3, baseSequence: 7 };

/** TWO at offset 42 of leader epoch 9, field by field; the CRC from the bitwise definition. */
const TWO_HEX =
  '000000000000002a 00000046 00000009 02 7db3b5c3 0000 00000001 0000018bcfe56800 0000018bcfe56800' +
  '0000000000000fa0 0003 00000007 00000002' +
  '14 00 00 00 02 6b 01 02 02 68 00' +
  '12 00 8f4e 02 00 04 7676 00';
const TWO_BYTES = Buffer.from(TWO_HEX.replaceAll(' ', ''), 'hex');

const plain = ({ timestampMs, key, value, headers }: LogRecord): LogRecord => ({
  timestampMs,
  key: key && new Uint8Array(key),
  value: value && new Uint8Array(value),
  headers: headers.map((one) => ({ key: one.key, value: one.value && new Uint8Array(one.value) })),
});

const refusal = (code: string, message = '') =>
  expect.objectContaining({
    code,
    outcome: 'not-applied',
    message: expect.stringContaining(message) as string,
  }) as Error;

describe('a batch', () => {
  test('is written as worked out by hand', () => {
    const batch = encodeBatch(TWO, { ...TRIPLE, baseOffset: 42, partitionLeaderEpoch: 9 });
    expect(Buffer.from(batch).toString('hex')).toBe(TWO_BYTES.toString('hex'));
  });

  test('worked out by hand is read', () => {
    const { header, records: read } = decodeBatch(TWO_BYTES);
    expect(header).toEqual({
      ...{ baseOffset: 42, batchBytes: 82, partitionLeaderEpoch: 9, crc: 0x7db3b5c3, compression: 'none' },
      ...{ timestampType: 'CreateTime', isTransactional: false, isControl: false, lastOffsetDelta: 1 },
      ...{ baseTimestampMs: T, maxTimestampMs: T, recordCount: 2, ...TRIPLE },
    });
    expect(read.map(({ offset }) => offset)).toEqual([42, 43]);
    expect(read.map(plain)).toEqual(TWO);
    expect(validateBatch(TWO_BYTES, { checkRecords: true })).toEqual(header);
  });

  test('goes round in every compression, null and empty, order and repeats kept', () => {
    fc.assert(
      fc.property(records, fc.constantFrom(...COMPRESSIONS), fc.nat(), (sent, compression, baseOffset) => {
        const batch = encodeBatch(sent, { compression, baseOffset });
        expect(validateBatch(batch, { checkRecords: true, fromProducer: true }).compression).toBe(
          compression,
        );
        const { header, records: read } = decodeBatch(batch);
        expect(read.map(plain)).toEqual(sent.map(plain));
        expect(read.map(({ offset }) => offset)).toEqual(sent.map((_, at) => baseOffset + at));
        expect(header.maxTimestampMs).toBe(Math.max(...sent.map(({ timestampMs }) => timestampMs)));
      }),
    );
  });

  test('is read from the middle of other bytes', () => {
    const run = Buffer.concat([Buffer.alloc(5, 0xee), TWO_BYTES, Buffer.alloc(3)]);
    expect(decodeBatch(run, 5).records.map(plain)).toEqual(TWO);
  });

  test('says transactional, and has the producer it was given', () => {
    const header = readBatchHeader(encodeBatch(TWO, { ...TRIPLE, isTransactional: true }));
    expect(header).toMatchObject({
      isTransactional: true,
      ...TRIPLE,
      partitionLeaderEpoch: -1,
      baseOffset: 0,
    });
    expect(readBatchHeader(encodeBatch(TWO))).toMatchObject({
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
    });
  });

  test.each([
    ['no records', [], 'INVALID_RECORD'],
    ['half a millisecond', [{ ...TWO[0], timestampMs: 0.5 } as LogRecord], 'INVALID_TIMESTAMP'],
    ['a time that is not a number', [{ ...TWO[0], timestampMs: NaN } as LogRecord], 'INVALID_TIMESTAMP'],
  ])('is not written of %s', (_, sent, code) => {
    expect(() => encodeBatch(sent)).toThrow(refusal(code));
  });

  test('that compaction emptied has no records', () => {
    const empty = Buffer.from(TWO_BYTES.subarray(0, BATCH_HEADER_BYTES));
    empty.writeInt32BE(BATCH_HEADER_BYTES - 12, 8);
    empty.writeInt32BE(0, 57);
    expect(decodeBatch(empty).records).toEqual([]);
  });

  test.each([0, 60, 81])('cut off after %d bytes is CORRUPT_MESSAGE', (length) => {
    expect(() => decodeBatch(TWO_BYTES.subarray(0, length))).toThrow(refusal('CORRUPT_MESSAGE'));
  });
});

describe('log append time', () => {
  test.each(COMPRESSIONS)('is the time of every record (%s)', (compression) => {
    const batch = encodeBatch(TWO, { compression });
    setLogAppendTime(batch, T + 77);
    expect(validateBatch(batch, { checkRecords: true })).toMatchObject({
      timestampType: 'LogAppendTime',
      compression,
      baseTimestampMs: T,
      maxTimestampMs: T + 77,
    });
    expect(decodeBatch(batch).records.map(({ timestampMs }) => timestampMs)).toEqual([T + 77, T + 77]);
    expect(encodeBatch(TWO, { compression, logAppendTimeMs: T + 77 })).toEqual(batch);
  });

  test('is not for a producer to set', () => {
    const batch = encodeBatch(TWO, { logAppendTimeMs: T });
    expect(() => validateBatch(batch, { fromProducer: true })).toThrow(
      refusal('INVALID_TIMESTAMP', 'LogAppendTime'),
    );
  });
});

describe('a run of batches', () => {
  const batches = [0, 2, 4].map((baseOffset) => encodeBatch(TWO, { baseOffset, compression: 'gzip' }));

  test('is read from any offset', () => {
    const run = Buffer.concat(batches);
    const offsetsFrom = (offset?: number) => [...recordsOf(run, offset)].map((one) => one.offset);
    expect(offsetsFrom()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(offsetsFrom(3)).toEqual([3, 4, 5]);
    expect(offsetsFrom(6)).toEqual([]);
    expect([...recordsOf(new Uint8Array(0))]).toEqual([]);
  });

  test('is decoded no further than it is asked for, and batches before the offset not at all', () => {
    const damaged = Buffer.from(batches[0] as Uint8Array).fill(0, BATCH_HEADER_BYTES);
    const later = Buffer.concat([damaged, batches[1] as Uint8Array]);
    expect([...recordsOf(later, 2)]).toHaveLength(2);
    expect(() => [...recordsOf(later, 1)]).toThrow(refusal('INVALID_RECORD'));
    const tail = Buffer.from(damaged);
    placeBatch(tail, 4, 0);
    const iterator = recordsOf(Buffer.concat([batches[1] as Uint8Array, tail]), 2);
    expect(iterator.next().value?.offset).toBe(2);
  });

  test('has no records in its control batches', () => {
    const control = changed(encodeBatch(TWO, { baseOffset: 0 }), (view) => {
      view.setInt16(21, 32);
    });
    expect(
      [...recordsOf(Buffer.concat([control, batches[1] as Uint8Array]))].map(({ offset }) => offset),
    ).toEqual([2, 3]);
  });
});

/** A copy with other fields and the CRC that they need. */
function changed(batch: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = new Uint8Array(batch);
  const view = new DataView(copy.buffer);
  change(view);
  view.setUint32(17, batchCrc(copy));
  return copy;
}

/** The hand-made batch with another payload, given in hex. */
function withPayload(hex: string, compression = 0): Uint8Array {
  const payload = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const bytes = compression === 0 ? payload : compress(payload, COMPRESSIONS[compression] ?? 'none');
  return changed(Buffer.concat([TWO_BYTES.subarray(0, BATCH_HEADER_BYTES), bytes]), (view) => {
    view.setInt32(8, BATCH_HEADER_BYTES + bytes.length - 12);
    view.setInt16(21, compression);
  });
}

const HEADER_REFUSALS: readonly [string, (view: DataView) => void, string, string][] = [
  [
    'magic 1',
    (view) => {
      view.setInt8(16, 1);
    },
    'INVALID_RECORD',
    'must be 2, got 1',
  ],
  [
    'compression 5',
    (view) => {
      view.setInt16(21, 5);
    },
    'UNSUPPORTED_COMPRESSION_TYPE',
    'got 5',
  ],
  [
    'a control batch',
    (view) => {
      view.setInt16(21, 32);
    },
    'INVALID_RECORD',
    'control',
  ],
  [
    'no records',
    (view) => {
      view.setInt32(57, 0);
    },
    'INVALID_RECORD',
    'got 0',
  ],
  [
    'a negative count',
    (view) => {
      view.setInt32(57, -1);
    },
    'INVALID_RECORD',
    'got -1',
  ],
  [
    'a count below the offsets',
    (view) => {
      view.setInt32(57, 1);
    },
    'INVALID_RECORD',
    'must be 0 for 1 records, got 1',
  ],
  [
    'a count above the offsets',
    (view) => {
      view.setInt32(23, 0);
    },
    'INVALID_RECORD',
    'must be 1 for 2 records, got 0',
  ],
  [
    'a producer id of -2',
    (view) => {
      view.setBigInt64(43, -2n);
    },
    'INVALID_RECORD',
    'got -2',
  ],
  [
    'a producer without epoch',
    (view) => {
      view.setInt16(51, -1);
    },
    'INVALID_RECORD',
    'producerEpoch',
  ],
  [
    'a producer without sequence',
    (view) => {
      view.setInt32(53, -1);
    },
    'INVALID_RECORD',
    'baseSequence',
  ],
  [
    'a transaction of no producer',
    (view) => {
      view.setBigInt64(43, -1n);
      view.setInt16(21, 16);
    },
    'INVALID_RECORD',
    'needs a producer id',
  ],
  [
    'a base time beyond 2^53',
    (view) => {
      view.setBigInt64(27, 1n << 60n);
    },
    'INVALID_TIMESTAMP',
    'safe integers',
  ],
  [
    'a max time beyond 2^53',
    (view) => {
      view.setBigInt64(35, 1n << 60n);
    },
    'INVALID_TIMESTAMP',
    'safe integers',
  ],
];

describe('validateBatch refuses by the header alone', () => {
  test.each(HEADER_REFUSALS)('%s', (_, change, code, message) => {
    expect(() => validateBatch(changed(TWO_BYTES, change))).toThrow(refusal(code, message));
  });

  test('a batch above the limit, whose limit it names, and none at the limit', () => {
    expect(() => validateBatch(TWO_BYTES, { maxBytes: 81 })).toThrow(
      refusal('MESSAGE_TOO_LARGE', 'at most 81 bytes, got 82'),
    );
    expect(validateBatch(TWO_BYTES, { maxBytes: 82 }).recordCount).toBe(2);
  });

  test.each([
    ['nothing', TWO_BYTES.subarray(0, 0)],
    ['half a header', TWO_BYTES.subarray(0, 60)],
    ['a batch that is cut off', TWO_BYTES.subarray(0, 81)],
    ['bytes after the batch', Buffer.concat([TWO_BYTES, Buffer.alloc(1)])],
  ])('%s', (_, bytes) => {
    expect(() => validateBatch(bytes)).toThrow(refusal('CORRUPT_MESSAGE'));
  });

  test.each(COMPRESSIONS)('any byte that is changed, but where the broker writes (%s)', (compression) => {
    const batch = encodeBatch(TWO, { compression });
    const isOfTheBroker = (at: number) => at < 8 || (at >= 12 && at < 16);
    for (let at = 0; at < batch.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const damaged = new Uint8Array(batch);
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        if (isOfTheBroker(at)) expect(validateBatch(damaged).recordCount).toBe(2);
        else
          expect(() => validateBatch(damaged)).toThrow(
            refusal(at === 16 ? 'INVALID_RECORD' : 'CORRUPT_MESSAGE'),
          );
      }
    }
  });

  test('nothing of a producer id that is not there: some clients leave its epoch at 0', () => {
    const batch = changed(encodeBatch(TWO), (view) => {
      view.setInt16(51, 0);
      view.setInt32(53, 0);
    });
    expect(validateBatch(batch, { checkRecords: true, fromProducer: true }).producerId).toBe(-1n);
  });

  test("nothing of records without timestamps whose batch says 0, which is librdkafka's", () => {
    const batch = encodeBatch(TWO.map((record) => ({ ...record, timestampMs: -1 })));
    const withMax = (maxTimestamp: bigint) =>
      changed(batch, (view) => {
        view.setBigInt64(35, maxTimestamp);
      });
    for (const max of [-1n, 0n])
      expect(validateBatch(withMax(max), { checkRecords: true }).maxTimestampMs).toBe(Number(max));
    expect(() => validateBatch(withMax(1n), { checkRecords: true })).toThrow(
      refusal('INVALID_TIMESTAMP', '-1'),
    );
  });
});

const FIRST = '14 00 00 00 02 6b 01 02 02 68 00';
const SECOND = '12 00 8f4e 02 00 04 7676 00';

const RECORD_REFUSALS: readonly [string, string, string, string][] = [
  ['a missing record', FIRST, 'INVALID_RECORD', 'cut off'],
  ['a record too many', `${FIRST} ${SECOND} ${SECOND}`, 'INVALID_RECORD', 'end after 21 bytes, got 31'],
  ['an offset twice', `${FIRST} ${FIRST}`, 'INVALID_RECORD', 'records[1]: offset delta must be 1, got 0'],
  ['a gap in the offsets', `${FIRST} 12 00 8f4e 04 00 04 7676 00`, 'INVALID_RECORD', 'must be 1, got 2'],
  [
    'a record longer than the rest',
    `${FIRST} 7e 00 8f4e 02 00 04 7676 00`,
    'INVALID_RECORD',
    'record length',
  ],
  ['an empty record', `${FIRST} 00 00 8f4e 02 00 04 7676 00`, 'INVALID_RECORD', 'record length'],
  ['a key longer than its record', `${FIRST} 12 00 8f4e 02 7e 04 7676 00`, 'INVALID_RECORD', 'key length'],
  [
    'a value longer than its record',
    `${FIRST} 12 00 8f4e 02 00 0a 7676 00`,
    'INVALID_RECORD',
    'value length',
  ],
  ['a value of length -2', `${FIRST} 12 00 8f4e 02 00 03 7676 00`, 'INVALID_RECORD', 'value length'],
  ['headers that are not there', `${FIRST} 12 00 8f4e 02 00 04 7676 02`, 'INVALID_RECORD', 'header count'],
  ['a negative header count', `${FIRST} 12 00 8f4e 02 00 04 7676 01`, 'INVALID_RECORD', 'header count'],
  ['a null header key', `14 00 00 00 02 6b 01 02 01 02 68 ${SECOND}`, 'INVALID_RECORD', 'header key length'],
  [
    'bytes after the headers',
    `16 00 00 00 02 6b 01 02 02 68 00 00 ${SECOND}`,
    'INVALID_RECORD',
    '1 bytes too many',
  ],
  [
    'a record later than maxTimestamp',
    `14 00 02 00 02 6b 01 02 02 68 00 ${SECOND}`,
    'INVALID_TIMESTAMP',
    String(T + 1),
  ],
  [
    'a maxTimestamp of no record',
    `14 00 01 00 02 6b 01 02 02 68 00 ${SECOND}`,
    'INVALID_TIMESTAMP',
    String(T - 1),
  ],
];

describe('validateBatch refuses by its records', () => {
  describe.each([0, 1, 2, 3, 4])('in compression %d', (compression) => {
    test('nothing of the batch they are made from', () => {
      expect(
        validateBatch(withPayload(`${FIRST} ${SECOND}`, compression), { checkRecords: true }).recordCount,
      ).toBe(2);
    });

    test.each(RECORD_REFUSALS)('%s', (_, payload, code, message) => {
      const batch = withPayload(payload, compression);
      expect(validateBatch(batch).recordCount).toBe(2);
      expect(() => validateBatch(batch, { checkRecords: true })).toThrow(refusal(code, message));
    });
  });

  test('what does not decompress', () => {
    const batch = changed(TWO_BYTES, (view) => {
      view.setInt16(21, 4);
    });
    expect(() => validateBatch(batch, { checkRecords: true })).toThrow(refusal('INVALID_RECORD', 'zstd'));
  });

  test('what decompresses to too much', () => {
    const batch = encodeBatch([{ timestampMs: T, key: null, value: new Uint8Array(5000), headers: [] }], {
      compression: 'zstd',
    });
    const limits: BatchLimits = { checkRecords: true, maxBytes: 200, decompressedBytesMax: 5000 };
    expect(() => validateBatch(batch, limits)).toThrow(refusal('MESSAGE_TOO_LARGE', '5000'));
    expect(validateBatch(batch, { ...limits, decompressedBytesMax: 5100 }).recordCount).toBe(1);
    expect(() => decodeBatch(batch, 0, 5000)).toThrow(refusal('MESSAGE_TOO_LARGE', '5000'));
  });

  test('a null key where keys are required, and says which; an empty one is a key', () => {
    const keyless = encodeBatch([...TWO, { timestampMs: T, key: null, value: text('v'), headers: [] }]);
    expect(() => validateBatch(keyless, { checkRecords: true, keysRequired: true })).toThrow(
      expect.objectContaining({
        ...{ code: 'INVALID_RECORD', field: 'records[2].key' },
        recordErrors: [{ index: 2, message: 'records[2]: a record of a compacted topic needs a key' }],
      }) as Error,
    );
    expect(validateBatch(TWO_BYTES, { checkRecords: true, keysRequired: true }).recordCount).toBe(2);
  });
});
