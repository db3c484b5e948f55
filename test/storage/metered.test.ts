// What requests count, by DynamoDB's and S3's rules, with sizes worked out by hand.
import { describe, expect, it } from 'vitest';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../lib/storage/embedded/memory-object-store.ts';
import { createMeter, meterItems, meterObjects } from '../../lib/storage/metered.ts';
import { append, removeFirst, set } from '../../lib/storage/ports/action.ts';
import { absent, exists } from '../../lib/storage/ports/condition.ts';

const clock = { now: () => 0, sleep: () => Promise.resolve() };

function setUp() {
  const meter = createMeter();
  const items = meterItems(createMemoryItemStore({ clock }), meter);
  const objects = meterObjects(createMemoryObjectStore({ clock }), meter);
  return { meter, items, objects, heads: meter.tables.heads, groups: meter.tables.groups };
}

const key = { pk: 'k' };
/** An item of `bytes` by DynamoDB's count: pk and k, d and the data. */
const sized = (bytes: number, more: { readonly sk?: string } = {}) => ({
  ...key,
  ...more,
  d: new Uint8Array(bytes - 4 - (more.sk === undefined ? 0 : 2 + more.sk.length)),
});

describe('writes', () => {
  it('count a unit for each KB of the larger of before and after, failed ones by what was there', async () => {
    const { items, heads } = setUp();
    const units = async (write: Promise<unknown>) => {
      const before = heads.writeUnits;
      await write;
      return heads.writeUnits - before;
    };
    expect(await units(items.put('heads', sized(1024)))).toBe(1);
    expect(await units(items.put('heads', sized(1025)))).toBe(2);
    expect(await units(items.put('heads', sized(10)))).toBe(2);
    expect(await units(items.put('heads', sized(5000), absent('pk')))).toBe(1);
    expect(await units(items.update('heads', key, [set('d', new Uint8Array(3000))]))).toBe(3);
    expect(await units(items.update('heads', key, [set('x', 1)]))).toBe(3);
    expect(await units(items.update('heads', key, [set('d', 1)]))).toBe(3);
    expect(await units(items.put('heads', sized(4097)))).toBe(5);
    expect(await units(items.update('heads', key, [], absent('pk')))).toBe(5);
    expect(await units(items.delete('heads', key))).toBe(5);
    expect(await units(items.delete('heads', key))).toBe(1);
    expect(await units(items.delete('heads', key, exists('pk')))).toBe(1);
    expect(heads).toMatchObject({ writeRequests: 12, failedWrites: 3, readRequests: 0 });
  });

  it('count an append to a head by the whole head', async () => {
    const { items, heads } = setUp();
    await items.put('heads', { ...key, t: [] });
    for (let i = 0; i < 10; i++) await items.update('heads', key, [append('t', [new Uint8Array(300)])]);
    // 3 + 4 + 301 n bytes: 1 KB holds 3 entries, 2 KB 6, 3 KB 10.
    expect(heads.writeUnits).toBe(1 + 3 * 1 + 3 * 2 + 4 * 3);
    await items.update('heads', key, [removeFirst('t', 9)]);
    expect(heads.writeUnits).toBe(22 + 3);
    expect(heads.bytesWritten).toBe(7 + 55 * 301 + 10 * 7 + 308);
  });

  it('count twice in transactions, checks and cancelled ones included, and as reads when repeated', async () => {
    const { items, heads } = setUp();
    await items.put('heads', sized(2000));
    const check = { kind: 'check', table: 'heads', key, condition: exists('pk') } as const;
    const put = { kind: 'put', table: 'heads', item: { pk: 'other', d: new Uint8Array(1500) } } as const;
    await items.transact([check, put], 'a');
    expect(heads).toMatchObject({ writeUnits: 2 + 2 * (2 + 2), writeRequests: 3, failedWrites: 0 });
    expect(heads.bytesWritten).toBe(2000 + 1508);
    await items.transact([{ ...check, condition: absent('pk') }, put], 'b');
    expect(heads).toMatchObject({ writeUnits: 10 + 8, writeRequests: 5, failedWrites: 2, readUnits: 0 });
    expect(heads.bytesWritten).toBe(2000 + 1508);
    await items.transact([check, put], 'a');
    expect(heads).toMatchObject({ writeUnits: 18, writeRequests: 5, readUnits: 4, readRequests: 2 });
  });

  it('that throw count nothing', async () => {
    const { items, heads } = setUp();
    await expect(items.put('heads', sized(500_000))).rejects.toThrow();
    expect(heads.writeRequests).toBe(0);
  });
});

describe('reads', () => {
  it('count a unit for each 4 KB of an item, half of it when eventually consistent', async () => {
    const { items, heads } = setUp();
    await items.put('heads', sized(4096));
    await items.put('heads', { ...sized(4097), pk: 'l' });
    const units = async (read: Promise<unknown>) => {
      const before = heads.readUnits;
      await read;
      return heads.readUnits - before;
    };
    expect(await units(items.get('heads', key))).toBe(1);
    expect(await units(items.get('heads', { pk: 'l' }))).toBe(2);
    expect(await units(items.get('heads', { pk: 'l' }, { consistent: false }))).toBe(1);
    expect(await units(items.get('heads', key, { consistent: false }))).toBe(0.5);
    expect(await units(items.get('heads', { pk: 'none' }))).toBe(1);
    expect(await units(items.getMany('heads', [key, { pk: 'l' }, { pk: 'none' }]))).toBe(4);
    expect(await units(items.getMany('heads', [key], { consistent: false }))).toBe(0.5);
    expect(await units(items.getMany('heads', []))).toBe(0);
    expect(heads.readRequests).toBe(7);
  });

  it('count the sum of what a query reads', async () => {
    const { items, groups } = setUp();
    for (let i = 0; i < 10; i++) await items.put('groups', sized(1000, { sk: i.toString() }));
    await items.query('groups', 'k', { limit: 100 });
    expect(groups).toMatchObject({ readUnits: 3, readRequests: 1, bytesRead: 10_000 });
    await items.query('groups', 'k', { limit: 1, consistent: false });
    await items.query('groups', 'none', { limit: 1 });
    await items.scan('groups', { limit: 4 });
    expect(groups).toMatchObject({ readUnits: 3 + 0.5 + 1 + 1, readRequests: 4 });
  });
});

describe('objects', () => {
  it('count requests and bytes', async () => {
    const { objects, meter } = setUp();
    await objects.put('a', new Uint8Array(1000));
    await objects.get('a');
    await objects.get('a', { start: 0, end: 10 });
    await objects.get('none');
    await objects.list('', undefined, 10);
    await objects.delete(Array.from({ length: 1001 }, (_, i) => i.toString()));
    expect(meter.objects).toEqual({
      putRequests: 1,
      getRequests: 3,
      listRequests: 1,
      deleteRequests: 2,
      bytesPut: 1000,
      bytesGot: 1010,
    });
    const kept = meter.snapshot();
    meter.reset();
    expect(kept.objects.putRequests).toBe(1);
    expect(meter.objects.putRequests).toBe(0);
  });
});
