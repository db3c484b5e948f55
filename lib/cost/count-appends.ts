// Counts what appends cost: batches arrive at random, are rolled and sealed, and every hour the sweep comes by.
import { itemBytes } from '../storage/item-size.ts';
import { pageSortKey, segmentSortKey } from '../storage/schema/log-index.ts';
import { HOT_PREFIX, SEGMENTS_PREFIX } from '../storage/schema/object-key.ts';
import { ITEM_OVERHEAD_BYTES } from './assumptions.ts';
import { SimulatedAccount } from './simulated-account.ts';
import { add, scale, sum, without, type Tally } from './tally.ts';
import type { SampleBatch } from './sample-batch.ts';
import type { Item } from '../storage/ports/item-store.ts';

const HOUR_MS = 3_600_000;
const OFFSET_MAX = Number.MAX_SAFE_INTEGER;

/** The first batches are not counted: before them there is no process, and a tail without a past. */
const UNCOUNTED = 12;

/** A stretch of one partition's time. */
export interface Stretch {
  readonly appends: number;
  readonly appendsPerSecond: number;
}

/**
 * What one append costs, its share of rolls, seals and sweeps included, but not what sweeps cost anyway. Beside what is
 * billed by the request, it tells what the append leaves in the stores: `hotItemBytes` and `hotObjectBytes` until hot data
 * expires, `segmentItemBytes` and `segmentObjectBytes` for as long as records are retained.
 */
export async function countAppends(
  batch: SampleBatch,
  { appends, appendsPerSecond }: Stretch,
  sweepAtRest: Tally,
): Promise<Tally> {
  const account = await SimulatedAccount.open(1);
  await produceMany(account, batch, { appends: UNCOUNTED, appendsPerSecond });
  await account.sealAll();
  const before = await storedBytes(account);
  account.reset();
  const sweeps = await produceMany(account, batch, { appends, appendsPerSecond });
  await account.sealAll();
  const stored = without(await storedBytes(account), before);
  return scale(sum(without(account.tally(), scale(sweepAtRest, sweeps)), stored), 1 / appends);
}

/** Answers how many sweeps came by. */
async function produceMany(
  account: SimulatedAccount,
  { bytes }: SampleBatch,
  { appends, appendsPerSecond }: Stretch,
): Promise<number> {
  const end = new AbortController();
  const sweeping = sweepHourly(account, end.signal);
  await produceAtRandom(account, bytes, { appends, appendsPerSecond });
  end.abort();
  const sweeps = await sweeping;
  await account.settle();
  return sweeps;
}

/** Producers know nothing of each other: the pauses between their batches are distributed exponentially. */
export async function produceAtRandom(
  account: SimulatedAccount,
  bytes: Uint8Array,
  { appends, appendsPerSecond }: Stretch,
): Promise<void> {
  const producing = new Set<Promise<void>>();
  for (let at = 0; at < appends; at++) {
    const pauseMs = (-Math.log(1 - account.dice.random()) * 1_000) / appendsPerSecond;
    await account.clock.sleep(pauseMs);
    const produced = account.produce(bytes).finally(() => producing.delete(produced));
    producing.add(produced);
  }
  await Promise.all(producing);
}

async function sweepHourly(account: SimulatedAccount, signal: AbortSignal): Promise<number> {
  for (let sweeps = 0; ; sweeps++) {
    await account.clock.sleep(HOUR_MS, signal);
    if (signal.aborted) return sweeps;
    await account.sweep();
  }
}

/** What one sweep of so many partitions costs while nothing is appended. */
export async function countSweepAtRest(partitions: number): Promise<Tally> {
  const account = await SimulatedAccount.open(partitions);
  const sweeps = 24;
  for (let at = 0; at < sweeps; at++) {
    await account.clock.sleep(HOUR_MS);
    await account.sweep();
  }
  return scale(account.tally(), 1 / sweeps);
}

async function storedBytes({ stores, partitionId }: SimulatedAccount): Promise<Tally> {
  const stored = new Map<string, number>();
  const addItems = (name: string, items: readonly Item[]) => {
    for (const item of items) add(stored, name, itemBytes(item) + ITEM_OVERHEAD_BYTES);
  };
  const rowsOf = (sortKey: (offset: number) => string) => {
    const between = [sortKey(0), sortKey(OFFSET_MAX)] as const;
    return stores.items.query('log-index', partitionId, { between, limit: OFFSET_MAX });
  };
  addItems('hotItemBytes', await rowsOf(pageSortKey));
  addItems('hotItemBytes', (await stores.items.scan('objects', { limit: OFFSET_MAX })).items);
  addItems('segmentItemBytes', await rowsOf(segmentSortKey));
  const objectBytes = async (name: string, prefix: string) => {
    for (const { bytes } of await stores.large.list(prefix, undefined, OFFSET_MAX)) add(stored, name, bytes);
  };
  await objectBytes('hotObjectBytes', HOT_PREFIX);
  await objectBytes('segmentObjectBytes', SEGMENTS_PREFIX);
  return stored;
}
