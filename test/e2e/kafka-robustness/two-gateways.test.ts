// Two gateways over one store, and clients that go from one to the other: because they are told to, because one stops, and
// because one is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DYNOXIDE_PATH, NO_DYNOXIDE } from '../../support/dynoxide.ts';
import { startGateways, type Gateways } from './support/gateways.ts';
import {
  describeBrokers,
  makeTopic,
  numbersByKey,
  produceUntil,
  readAll,
  startMember,
  type ConsumedRecord,
  type ProducerLedger,
} from './support/ledger-clients.ts';

let gateways: Gateways;
afterEach(() => gateways.close());

async function setUp() {
  gateways = await startGateways(2);
  const [a, b] = gateways.places;
  if (!a || !b) throw new Error('there are two');
  const both = [a.address, b.address];
  await makeTopic(both);
  return { a, b, both };
}

const textOf = ({ key, value }: { readonly key: string; readonly value: string }) => `${key}=${value}`;

/** Acknowledged records are there once, others at most once, and each key's are in order. */
function checkStored(stored: readonly ConsumedRecord[], ledgers: readonly ProducerLedger[]): void {
  const there = stored.map(textOf);
  expect(there.length).toBe(new Set(there).size);
  const acknowledged = ledgers.flatMap((ledger) => ledger.acknowledged.map(textOf));
  const failed = new Set(ledgers.flatMap((ledger) => ledger.failed.map(textOf)));
  const set = new Set(there);
  expect(acknowledged.filter((text) => !set.has(text))).toEqual([]);
  const known = new Set(acknowledged);
  expect(there.filter((text) => !known.has(text) && !failed.has(text))).toEqual([]);
  checkOrder(stored);
}

function checkOrder(records: readonly ConsumedRecord[]): void {
  for (const [key, numbers] of numbersByKey(records))
    expect(numbers, key).toEqual([...numbers].sort((x, y) => x - y));
}

const suite = DYNOXIDE_PATH === undefined ? describe.skip : describe;
if (DYNOXIDE_PATH === undefined) console.warn(`two gateways: skipped: ${NO_DYNOXIDE}`);

suite('two gateways', () => {
  it('each tells of itself only', async () => {
    const { a, b } = await setUp();
    expect(await describeBrokers(a.address)).toEqual([`*${a.address}`]);
    expect(await describeBrokers(b.address)).toEqual([`*${b.address}`]);
  });

  it('a producer and a group move to the other and back: nothing is lost, doubled, or out of order', async () => {
    const { a, b } = await setUp();
    const consumed: ConsumedRecord[] = [];
    const ledgers: ProducerLedger[] = [];
    let acknowledged = 0;
    for (const [at, place] of [a, b, a].entries()) {
      const leave = await startMember([place.address], 'movers', consumed);
      const deadlineMs = Date.now() + 2_000;
      ledgers.push(
        await produceUntil([place.address], 'mover', () => Date.now() > deadlineMs, at * 1_000_000),
      );
      acknowledged += ledgers.at(-1)?.acknowledged.length ?? 0;
      // It leaves in mid-stream the first times; the last stays to the end.
      if (at === 2) await expect.poll(() => consumed.length, { timeout: 20_000 }).toBe(acknowledged);
      await leave();
    }
    expect(ledgers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(acknowledged).toBeGreaterThan(100);
    expect(consumed.map(({ place }) => place).length).toBe(new Set(consumed.map(({ place }) => place)).size);
    checkStored(consumed, ledgers);
  }, 60_000);

  it('one stops and comes back, the other is killed and comes back, under load: every acknowledged record is there once', async () => {
    const { a, b, both } = await setUp();
    const consumed: ConsumedRecord[] = [];
    const leaves = await Promise.all([
      startMember(both, 'survivors', consumed),
      startMember([...both].reverse(), 'survivors', consumed),
    ]);
    let isOver = false;
    const producing = Promise.all(
      ['p0', 'p1', 'p2', 'p3'].map((name) => produceUntil(both, name, () => isOver)),
    );
    await sleep(1_500);
    expect(await a.end('SIGTERM')).toMatchObject({ exitCode: 0 });
    await sleep(1_500);
    await a.begin();
    await b.end('SIGKILL');
    await sleep(1_500);
    await b.begin();
    await a.end('SIGKILL');
    await sleep(2_000);
    isOver = true;
    const ledgers = await producing;
    await a.begin();
    const stored = await readAll(both);
    checkStored(stored, ledgers);
    const places = () => new Set(consumed.map(({ place }) => place)).size;
    await expect.poll(places, { timeout: 30_000 }).toBe(stored.length);
    checkOrder(consumed);
    await Promise.all(leaves.map((leave) => leave()));
    const failed = ledgers.flatMap(({ errors }) => errors);
    console.info(
      `two gateways: ${stored.length} stored, ${consumed.length - places()} consumed again, ${failed.length} sends failed ${failed[0] ?? ''}`,
    );
    for (const { acknowledged } of ledgers) expect(acknowledged.length).toBeGreaterThan(100);
  }, 120_000);
});
