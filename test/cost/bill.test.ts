// The bill of a month: what it counts, how it scales, and that its lines are its total.
import { beforeAll, describe, expect, it } from 'vitest';
import { billOf as countBill, type Bill } from '../../lib/cost/bill.ts';
import { LOAD_DEFAULTS, MONTH_SECONDS, type Load } from '../../lib/cost/load.ts';

const load = (given: Partial<Load>): Load => ({
  ...LOAD_DEFAULTS,
  ...({ bytesPerSecond: 1e5, batchBytes: 1e4, consumers: 0, pollSeconds: undefined } as const),
  ...given,
});

const bills = new Map<string, Promise<Bill>>();

/** Counts each bill once: the same load has the same. */
function billOf(given: Load): Promise<Bill> {
  const key = JSON.stringify(given);
  const bill = bills.get(key) ?? countBill(given);
  bills.set(key, bill);
  return bill;
}

const quantityOf = ({ traffic }: Bill, item: string, unit?: string): number =>
  traffic
    .filter((line) => line.item.startsWith(item) && (unit === undefined || line.unit === unit))
    .reduce((total, { quantity }) => total + quantity, 0);

describe('a bill', () => {
  let bill: Bill;
  beforeAll(async () => {
    bill = await billOf(load({ consumers: 1 }));
  });

  it('is the sum of its lines, each its quantity at its price', () => {
    const lines = [...bill.idle, ...bill.traffic];
    for (const { quantity, usdPerUnit, usd } of lines) expect(usd).toBeCloseTo(quantity * usdPerUnit, 9);
    expect(bill.totalUsd).toBeCloseTo(
      lines.reduce((total, { usd }) => total + usd, 0),
      9,
    );
    expect(bill.totalUsd).toBeCloseTo(bill.idleUsd + bill.trafficUsd, 9);
    expect(bill.usdPerMillionRecords).toBeCloseTo((bill.trafficUsd / bill.records) * 1e6, 9);
  });

  it('has a line for each service', () => {
    expect(new Set(bill.traffic.map(({ service }) => service))).toEqual(
      new Set(['DynamoDB', 'S3', 'Lambda', 'API Gateway', 'CloudWatch']),
    );
  });

  it('is the same each time', async () => {
    expect(await countBill(load({ consumers: 1 }))).toEqual(bill);
  });

  it('names a source and a date for each service and each peer', () => {
    expect(new Set(bill.sources.map(({ of }) => of)).size).toBe(5);
    for (const { source, date } of [...bill.sources, ...bill.peers]) {
      expect(source).toMatch(/^https:\/\//);
      expect(date).not.toBe('');
    }
  });

  it('has one produce request for each batch', () => {
    const { bytesPerSecond, batchBytes } = bill.load;
    const expected = (bytesPerSecond / batchBytes) * MONTH_SECONDS;
    expect(quantityOf(bill, 'produce: requests') / expected).toBeCloseTo(1, 2);
  });
});

describe('a batch of 1 MB', () => {
  let bill: Bill;
  let appends: number;
  beforeAll(async () => {
    bill = await billOf(load({ bytesPerSecond: 1e6, batchBytes: 1e6 }));
    appends = quantityOf(bill, 'produce: requests');
  });

  it('is one PUT', () => {
    expect(quantityOf(bill, 'PUT: batches') / appends).toBeCloseTo(1, 9);
  });

  it('takes at most 1.5 write units of its head', () => {
    const units = quantityOf(bill, 'writes: heads') / appends;
    expect(units).toBeGreaterThanOrEqual(1);
    expect(units).toBeLessThanOrEqual(1.5);
  });

  it('is three units of an HTTP API, as it comes in base64', () => {
    expect(quantityOf(bill, 'HTTP API') / appends).toBeCloseTo(3, 9);
  });

  it('is stored for as long as it is retained, and for as long as hot data is', () => {
    const gib = (days: number) => (1e6 * 86_400 * days) / 2 ** 30;
    expect(quantityOf(bill, 'storage: segments') / gib(7)).toBeCloseTo(1, 3);
    expect(quantityOf(bill, 'storage: batches') / gib(14)).toBeCloseTo(1, 3);
  });
});

describe('scale', () => {
  it('doubles what traffic costs where the rate doubles, and leaves rest as it is', async () => {
    const once = await billOf(load({ bytesPerSecond: 5e4 }));
    const twice = await billOf(load({}));
    expect(twice.trafficUsd / once.trafficUsd).toBeGreaterThan(1.9);
    expect(twice.trafficUsd / once.trafficUsd).toBeLessThan(2.1);
    expect(twice.idle).toEqual(once.idle);
  });

  it('costs the same in several partitions, but for their seals', async () => {
    const one = await billOf(load({}));
    const ten = await billOf(load({ partitions: 10 }));
    expect(ten.trafficUsd / one.trafficUsd).toBeGreaterThan(0.9);
    expect(ten.trafficUsd / one.trafficUsd).toBeLessThan(1.2);
    expect(quantityOf(ten, 'produce: requests')).toBeCloseTo(quantityOf(one, 'produce: requests'), 3);
  });

  it('doubles what consumers cost where there are twice as many', async () => {
    const none = await billOf(load({}));
    const one = await billOf(load({ consumers: 1 }));
    const two = await billOf(load({ consumers: 2 }));
    const price = (bill: Bill) => bill.trafficUsd - none.trafficUsd;
    expect(price(one)).toBeGreaterThan(0);
    expect(price(two) / price(one)).toBeCloseTo(2, 6);
  });

  it('has consumers that ask seldom pay less than those that wait', async () => {
    const slow = { bytesPerSecond: 100, batchBytes: 1_000, consumers: 1 };
    const waiting = await billOf(load(slow));
    const asking = await billOf(load({ ...slow, pollSeconds: 60 }));
    expect(asking.trafficUsd).toBeLessThan(waiting.trafficUsd / 5);
    expect(waiting.notes.join()).toContain('--poll');
    expect(asking.notes.join()).not.toContain('--poll');
  });
});

describe('rest', () => {
  it('is the sweep and the alarms, and all that there is at no rate', async () => {
    const bill = await billOf(load({ bytesPerSecond: 0, consumers: 5 }));
    expect(bill.traffic).toEqual([]);
    expect(bill.totalUsd).toBe(bill.idleUsd);
    expect(bill.usdPerMillionRecords).toBeUndefined();
    const sweeps = bill.idle.find(({ item }) => item === 'sweep: requests');
    expect(sweeps?.quantity).toBeCloseTo(730, 6);
    expect(bill.idle.find(({ item }) => item === 'alarms')?.usd).toBeCloseTo(0.9, 9);
    expect(bill.idleUsd).toBeLessThan(1.5);
  });

  it('reads half a unit for each partition and hour', async () => {
    const reads = async (partitions: number) => {
      const { idle } = await billOf(load({ bytesPerSecond: 0, partitions }));
      return idle.find(({ item }) => item === 'reads')?.quantity ?? 0;
    };
    expect((await reads(1_000)) - (await reads(1))).toBeCloseTo(999 * 0.5 * 730, 0);
  });
});

describe('absurd loads', () => {
  it('says how many partitions they need', async () => {
    const bill = await billOf(load({ bytesPerSecond: 1e9, batchBytes: 1_000 }));
    expect(bill.notes.join()).toMatch(/1,000 write units a second .* at least [\d,]+ partitions/);
    expect(bill.notes.join()).toContain('more than a topic');
    expect(bill.sample.appends).toBeLessThanOrEqual(2_000);
    expect(Number.isFinite(bill.totalUsd)).toBe(true);
  });

  it('stays silent where the partitions are enough', async () => {
    const bill = await billOf(load({ bytesPerSecond: 1e6, batchBytes: 1e4, partitions: 10 }));
    expect(bill.notes).toEqual([]);
  });

  it('takes a trickle', async () => {
    const bill = await billOf(load({ bytesPerSecond: 1 / 86_400, batchBytes: 100, recordBytes: 100 }));
    expect(bill.trafficUsd).toBeGreaterThan(0);
    expect(bill.trafficUsd).toBeLessThan(0.001);
  });
});
