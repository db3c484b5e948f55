// The checks of a history can fail: each is given the smallest history that it must not accept, and one that it must.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import * as checks from './checks/records.ts';
import type { Fetched, FinalPartition, History, HistoryEvent, Looked, Produced } from './history.ts';

const place = { topic: 'main', partition: 0 } as const;

const produced = (value: string, baseOffset: number, more: Partial<Produced> = {}): Produced => ({
  ...place,
  ...{ kind: 'produce', actor: 'p', startStep: 1, endStep: 2, outcome: 'ok', timestampMs: 10 },
  ...{ values: [value], baseOffset },
  ...more,
});

const fetched = (offset: number, values: readonly string[], more: Partial<Fetched> = {}): Fetched => ({
  ...place,
  ...{ kind: 'fetch', actor: 'r', startStep: 3, endStep: 4, outcome: 'ok', offset, values },
  ...{ firstOffset: offset, highWatermark: offset + values.length, logStartOffset: 0 },
  ...more,
});

const looked = (at: Looked['at'], offset: number, more: Partial<Looked> = {}): Looked => ({
  ...place,
  ...{ kind: 'listOffset', actor: 'l', startStep: 3, endStep: 4, outcome: 'ok', at, offset },
  ...more,
});

const topicChanged = (kind: 'create' | 'delete', startStep: number): HistoryEvent => ({
  ...{ kind, actor: 't', topic: 'passing', startStep, endStep: startStep + 1, outcome: 'ok' },
});

const final = (values: readonly string[], more: Partial<FinalPartition> = {}): FinalPartition => ({
  ...place,
  values,
  timestampsMs: values.map(() => 10),
  sequences: values.map(() => undefined),
  ...more,
});

const history = (events: readonly HistoryEvent[], ...partitions: FinalPartition[]): History => ({
  events,
  groupVersions: [],
  offsetVersions: [],
  final: partitions,
});

const refused = new BrokerError('OUT_OF_ORDER_SEQUENCE_NUMBER', 'expected sequence 3, got 4');

type Case = readonly [
  what: string,
  check: (history: History) => readonly string[],
  bad: History,
  good: History,
];

const CASES: readonly Case[] = [
  [
    'a record that was acknowledged and is gone',
    checks.checkStored,
    history([produced('a', 0)], final([])),
    history([produced('a', 0)], final(['a'])),
  ],
  [
    'a record at another offset than was answered',
    checks.checkStored,
    history([produced('a', 1), produced('b', 0)], final(['a', 'b'])),
    history([produced('a', 0), produced('b', 1)], final(['a', 'b'])),
  ],
  [
    'a record that is there twice',
    checks.checkStored,
    history([produced('a', 0, { outcome: 'unknown' })], final(['a', 'a'])),
    history([produced('a', 0, { outcome: 'unknown' })], final(['a'])),
  ],
  [
    'a record that was refused and is there',
    checks.checkStored,
    history([produced('a', 0, { outcome: 'failed' })], final(['a'])),
    history([produced('a', 0, { outcome: 'failed' })], final([])),
  ],
  [
    'a record that nobody has sent',
    checks.checkStored,
    history([], final(['a'])),
    history([produced('a', 0, { outcome: 'pending' })], final(['a'])),
  ],
  [
    'a read of what is not there in the end',
    checks.checkReads,
    history([fetched(0, ['b'])], final(['a'])),
    history([fetched(0, ['a'])], final(['a'])),
  ],
  [
    'a read of nothing below the high watermark',
    checks.checkReads,
    history([fetched(0, [], { highWatermark: 1 })], final(['a'])),
    history([fetched(1, [], { highWatermark: 1 })], final(['a'])),
  ],
  [
    'a read that begins past the offset it was asked for',
    checks.checkReads,
    history([fetched(0, ['b'], { firstOffset: 1 })], final(['a', 'b'])),
    history([fetched(1, ['a', 'b'], { firstOffset: 0 })], final(['a', 'b'])),
  ],
  [
    'an append below one that was over before it began',
    checks.checkOrder,
    history([produced('b', 1), produced('a', 0, { startStep: 5, endStep: 6 })], final(['a', 'b'])),
    history([produced('a', 0), produced('b', 1, { startStep: 5, endStep: 6 })], final(['a', 'b'])),
  ],
  [
    'a log that ends below an append that was answered before',
    checks.checkOrder,
    history([produced('a', 0), looked('latest', 0)], final(['a'])),
    history([produced('a', 0), looked('latest', 1)], final(['a'])),
  ],
  [
    'a high watermark that fell',
    checks.checkOrder,
    history([fetched(0, ['a', 'b']), fetched(0, ['a'], { startStep: 5, endStep: 6 })], final(['a', 'b'])),
    history([fetched(0, ['a']), fetched(0, ['a', 'b'], { startStep: 5, endStep: 6 })], final(['a', 'b'])),
  ],
  [
    'a sequence that was passed over',
    checks.checkSequences,
    history([], final(['a'], { sequences: [{ producerId: 1n, sequence: 1 }] })),
    history([], final(['a'], { sequences: [{ producerId: 1n, sequence: 0 }] })),
  ],
  [
    'a producer in order that is told it is not',
    checks.checkOutOfOrder,
    history([produced('a', 0, { outcome: 'failed', producerId: 1n, error: refused })]),
    history([produced('a', 0, { outcome: 'failed', producerId: 1n })]),
  ],
  [
    'a lookup by time that skips a record',
    checks.checkTimestamps,
    history([produced('a', 0), looked(10, 1)], final(['a', 'b'])),
    history([produced('a', 0), looked(10, 0)], final(['a', 'b'])),
  ],
  [
    'a lookup by time that finds nothing where there is something',
    checks.checkTimestamps,
    history([produced('a', 0), looked(10, -1)], final(['a'])),
    history([produced('a', 0), looked(11, -1)], final(['a'])),
  ],
  [
    'a record of a deleted topic in the one made anew',
    checks.checkRecreated,
    history([
      produced('a', 0, { topic: 'passing' }),
      topicChanged('delete', 3),
      fetched(0, ['a'], { topic: 'passing', startStep: 7, endStep: 8 }),
    ]),
    history([
      produced('a', 0, { topic: 'passing' }),
      topicChanged('delete', 3),
      fetched(0, ['a'], { topic: 'passing', startStep: 1, endStep: 3 }),
    ]),
  ],
  [
    'an append to a deleted topic',
    checks.checkDeleted,
    history([topicChanged('delete', 1), produced('a', 0, { topic: 'passing', startStep: 3, endStep: 4 })]),
    history([
      topicChanged('delete', 1),
      topicChanged('create', 3),
      produced('a', 0, { topic: 'passing', startStep: 5, endStep: 6 }),
    ]),
  ],
];

describe('the checks', () => {
  it.each(CASES)('find %s', (_what, check, bad, good) => {
    expect(check(bad)).not.toEqual([]);
    expect(check(good)).toEqual([]);
  });
});
