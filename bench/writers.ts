// Many writers of one partition that know nothing of each other, as functions of Lambda do: what contention costs.
import { AWS_LIMITS } from '../lib/log/limits.ts';
import { Log } from '../lib/log/log.ts';
import { openPartitions } from '../lib/log/partitions.ts';
import { splitBatches } from '../lib/record/batch-header.ts';
import { encodeBatch } from '../lib/record/record-batch.ts';
import { createMemoryItemStore } from '../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../lib/storage/embedded/memory-object-store.ts';
import { createMeter, meterItems } from '../lib/storage/metered.ts';
import { partitionIdOf } from '../lib/storage/schema/head.ts';
import { createTieredObjectStore } from '../lib/storage/tiered-object-store.ts';
import { quantile, type Bound, type Report } from './report.ts';
import { createSeededDice } from '../lib/base/seeded-dice.ts';
import { delayItems } from './simulated-store.ts';
import { SimulatedClock } from '../lib/cost/simulated-clock.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const PARTITION_ID = partitionIdOf(TOPIC_ID, 0);
const LATENCY_MS = 5;
const APPENDS = 6_000;

export interface WritersOptions {
  readonly writers: number;
  /** Each comes back so long after its last append was answered. */
  readonly pauseMs: number;
  readonly appends?: number;
  /** Of each record's value. */
  readonly valueBytes?: number;
  readonly seed?: number;
}

export interface WritersResult {
  /** Updates of the head by appends, those refused included. */
  readonly writesPerAppend: number;
  /** Of those. */
  readonly refusedShare: number;
  /** All of them: appends, rolls, spills. */
  readonly allWritesPerAppend: number;
  readonly writeUnitsPerAppend: number;
  readonly readUnitsPerAppend: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly appendsPerSecond: number;
}

/** Appends by independent writers in virtual time. The same options give the same result. */
export async function runWriters(options: WritersOptions): Promise<WritersResult> {
  const { writers, pauseMs, appends = APPENDS, valueBytes = 20, seed = 1 } = options;
  const clock = new SimulatedClock(Date.UTC(2026, 0, 1));
  const meter = createMeter();
  const items = meterItems(createMemoryItemStore({ clock }), meter);
  await openPartitions(items, TOPIC_ID, 0, 1);
  meter.reset();
  const files = createMemoryObjectStore({ clock });
  const latencies: number[] = [];
  const startMs = clock.preciseMs;
  let left = appends;
  const write = async (writer: number): Promise<void> => {
    const dice = createSeededDice(seed * 1_000 + writer);
    const delayed = delayItems(items, { clock, dice, latencyMs: LATENCY_MS });
    const objects = createTieredObjectStore({ items: delayed, large: files, clock });
    const log = new Log({ items: delayed, objects, clock, dice, limits: AWS_LIMITS });
    await clock.sleep(dice.random() * (pauseMs + LATENCY_MS));
    while (left-- > 0) {
      const beginMs = clock.preciseMs;
      await appendOne(log, valueBytes, clock.now());
      latencies.push(clock.preciseMs - beginMs);
      if (pauseMs > 0) await clock.sleep(pauseMs * (0.5 + dice.random()));
    }
    await log.settle();
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  const { heads, 'log-index': index } = meter.tables;
  const attempts = heads.writeRequests - index.writeRequests;
  const all = Object.values(meter.tables);
  const sum = (of: (usage: (typeof all)[number]) => number) =>
    all.reduce((total, usage) => total + of(usage), 0);
  return {
    writesPerAppend: attempts / appends,
    refusedShare: 1 - appends / attempts,
    allWritesPerAppend: sum(({ writeRequests }) => writeRequests) / appends,
    writeUnitsPerAppend: sum(({ writeUnits }) => writeUnits) / appends,
    readUnitsPerAppend: sum(({ readUnits }) => readUnits) / appends,
    latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    appendsPerSecond: appends / ((clock.preciseMs - startMs) / 1_000),
  };
}

async function appendOne(log: Log, valueBytes: number, timestampMs: number): Promise<void> {
  const record = { key: null, value: new Uint8Array(valueBytes), headers: [], timestampMs };
  const [result] = await log.append(PARTITION_ID, splitBatches(encodeBatch([record])));
  if (result?.kind !== 'stored') throw new Error('an append was refused', { cause: result?.error });
}

/** The table of issue and README. */
export async function benchWriters(): Promise<Report> {
  const rows: (string | number)[][] = [];
  const bounds: Bound[] = [];
  for (const pauseMs of [0, 200]) {
    for (const writers of [1, 8, 32, 100]) {
      const result = await runWriters({ writers, pauseMs });
      const name = `${writers} ${pauseMs === 0 ? 'without pause' : `every ${pauseMs} ms`}`;
      rows.push([
        name,
        `${(result.refusedShare * 100).toFixed(1)} %`,
        result.writesPerAppend,
        result.allWritesPerAppend,
        result.writeUnitsPerAppend,
        result.readUnitsPerAppend,
        result.latencyMs.p50,
        result.latencyMs.p99,
        result.appendsPerSecond,
      ]);
      if (writers !== 32) continue;
      const { writesPerAppend, writeUnitsPerAppend } = result;
      const kind = 'count' as const;
      bounds.push({
        what: `${name}: writes per append`,
        figure: writesPerAppend,
        atMost: pauseMs === 0 ? 1.8 : 1.1,
        kind,
      });
      if (pauseMs > 0)
        bounds.push({ what: `${name}: WRU per append`, figure: writeUnitsPerAppend, atMost: 1.5, kind });
    }
  }
  return {
    title: 'Independent writers of one partition',
    note: `One record of 20 B each, a store of ${LATENCY_MS} ms in virtual time. "writes" are the appends' updates of the head, refused ones too; "all writes" and units have rolls in them.`,
    columns: ['writers', 'refused', 'writes', 'all writes', 'WRU', 'RRU', 'p50 ms', 'p99 ms', 'appends/s'],
    ...{ rows, bounds },
  };
}
