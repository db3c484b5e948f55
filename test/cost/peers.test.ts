// What others charge, against sums done by hand from their price lists.
import { expect, it } from 'vitest';
import { LOAD_DEFAULTS, type Load } from '../../lib/cost/load.ts';
import { peersOf } from '../../lib/cost/peers.ts';

const load: Load = {
  ...LOAD_DEFAULTS,
  ...{ bytesPerSecond: 2 ** 20, batchBytes: 1e5, recordBytes: 1_024, pollSeconds: undefined },
  ...{ consumers: 1, partitions: 10, retentionSeconds: 86_400 },
};

/** 2,628,000 s of 1 MiB/s. */
const GIB = 2_566.40625;

const totals = (given: Load) => peersOf(given).map(({ totalUsd }) => totalUsd);

it('prices a month of 1 MiB a second', () => {
  const stored = 84.375;
  expect(totals(load)).toEqual([
    expect.closeTo(29.2 + GIB * 0.12, 3),
    // 1,024 records a second are more than the 1,000 of a shard.
    expect.closeTo(2 * 10.95 + 1_024 * 2.628 * 0.014, 3),
    expect.closeTo(547.5 + 10.95 + GIB * 0.15 + stored * 0.1, 3),
    expect.closeTo(100.74 + GIB * 0.01 + stored * 0.01, 3),
  ]);
});

it('rounds records up to 1 KiB where Kinesis does', () => {
  const [small] = totals({ ...load, recordBytes: 512, consumers: 0 });
  expect(small).toBeCloseTo(29.2 + 2 * GIB * 0.08, 3);
});

it('adds what is kept for longer than a day, and says what it leaves out', () => {
  const [week] = totals({ ...load, consumers: 0, retentionSeconds: 7 * 86_400 });
  expect(week).toBeCloseTo(29.2 + GIB * 0.08 + 6 * 84.375 * 0.1, 3);
  const [year] = peersOf({ ...load, consumers: 0, retentionSeconds: 365 * 86_400 });
  expect(year?.totalUsd).toBeCloseTo(week ?? NaN, 6);
  expect(year?.note).toContain('beyond 7 days not included');
});

it('is what is paid at rest where nothing flows', () => {
  for (const { idleUsd, totalUsd } of peersOf({ ...load, bytesPerSecond: 0 })) expect(totalUsd).toBe(idleUsd);
});
