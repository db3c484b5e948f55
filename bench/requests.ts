// What an append costs on AWS: the units and requests of the real log over metered stores in memory, rolls included.
import { AWS_LIMITS } from '../lib/log/limits.ts';
import { Log } from '../lib/log/log.ts';
import { openPartitions } from '../lib/log/partitions.ts';
import { partitionIdOf } from '../lib/storage/schema/head.ts';
import { createTieredObjectStore } from '../lib/storage/tiered-object-store.ts';
import { sliceOf } from './batches.ts';
import { createMeteredStores, totalsOf } from './metered-stores.ts';
import { createSeededDice } from '../lib/base/seeded-dice.ts';
import { SimulatedClock } from '../lib/cost/simulated-clock.ts';
import type { BatchSlice } from '../lib/record/batch-header.ts';
import type { Bound, Report } from './report.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const PARTITION_ID = partitionIdOf(TOPIC_ID, 0);
const SMALL_BYTES = 300;
/** With its header, the batch is just below Kafka's default of max.message.bytes. */
const LARGE_BYTES = 1_048_500;
/** Whole cycles of rolls, and each producer several times; large ones have fewer, as they stay in memory. */
const appendsOf = (valueBytes: number): number => (valueBytes === SMALL_BYTES ? 960 : 192);
/** The producer ids of a cluster begin at 1,000 in Kafka, too: what matters is that they are not all of one byte. */
const FIRST_PRODUCER_ID = 1_000;

interface Scenario {
  readonly valueBytes: number;
  /** They append in turn; 0: none of the batches has a producer id. */
  readonly producers: number;
  /** Each append by a process that knows nothing yet, as a Lambda function that was just started. */
  readonly isProcessNew: boolean;
}

interface Costs {
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly writes: number;
  readonly puts: number;
  readonly headBytesMax: number;
}

/** The n-th batch of a scenario: its producer's next one. */
function batchAt({ valueBytes, producers }: Scenario, at: number, timestampMs: number): BatchSlice {
  if (producers === 0) return sliceOf(valueBytes, timestampMs);
  return sliceOf(valueBytes, timestampMs, {
    producerId: BigInt(FIRST_PRODUCER_ID + (at % producers)),
    producerEpoch: 0,
    baseSequence: Math.floor(at / producers),
  });
}

/** Appends one batch after the other, each roll done before the next. Answers the costs of an append. */
async function measure(scenario: Scenario): Promise<Costs> {
  const clock = new SimulatedClock(Date.UTC(2026, 0, 1));
  const stores = createMeteredStores(clock);
  await openPartitions(stores.items, TOPIC_ID, 0, 1);
  const { items, large, meter } = stores;
  const objects = createTieredObjectStore({ items, large, clock });
  const deps = { items, objects, clock, dice: createSeededDice(1), limits: AWS_LIMITS };
  let log = new Log(deps);
  const appends = appendsOf(scenario.valueBytes);
  meter.reset();
  for (let at = 0; at < appends; at++) {
    if (scenario.isProcessNew) log = new Log(deps);
    const [result] = await log.append(PARTITION_ID, [batchAt(scenario, at, clock.now())]);
    if (result?.kind !== 'stored') throw new Error('an append was refused', { cause: result?.error });
    await log.settle();
  }
  const { writeUnits, readUnits, writes, puts } = totalsOf(meter);
  return {
    writeUnits: writeUnits / appends,
    readUnits: readUnits / appends,
    writes: writes / appends,
    puts: puts / appends,
    headBytesMax: stores.headBytesMax(),
  };
}

const nameOf = ({ valueBytes, producers, isProcessNew }: Scenario): string => {
  const what = valueBytes === SMALL_BYTES ? `${SMALL_BYTES} B record` : '1 MB batch';
  return `${what}, ${producers} producers${isProcessNew ? ', new processes' : ''}`;
};

function boundsOf(scenario: Scenario, { writeUnits, puts, headBytesMax }: Costs): readonly Bound[] {
  if (scenario.isProcessNew) return [];
  const what = nameOf(scenario);
  if (scenario.valueBytes === SMALL_BYTES)
    return [{ what: `${what}: WRU`, figure: writeUnits, atMost: 2.5, kind: 'count' }];
  return [
    { what: `${what}: S3 PUTs`, figure: puts, atMost: 1, kind: 'count' },
    { what: `${what}: WRU`, figure: writeUnits, atMost: 1.5, kind: 'count' },
    // Its tail reaches 12 entries, each a reference, before it is rolled.
    { what: `${what}: bytes of a head with 12 entries`, figure: headBytesMax, atMost: 1_023, kind: 'count' },
  ];
}

/** All of it is deterministic. */
export async function benchRequests(): Promise<Report> {
  const rows: (string | number)[][] = [];
  const bounds: Bound[] = [];
  for (const valueBytes of [SMALL_BYTES, LARGE_BYTES]) {
    for (const isProcessNew of [false, true]) {
      for (const producers of [0, 8, 32]) {
        const scenario = { valueBytes, producers, isProcessNew };
        const costs = await measure(scenario);
        const { writeUnits, readUnits, writes, puts, headBytesMax } = costs;
        rows.push([nameOf(scenario), writes, writeUnits, readUnits, puts, headBytesMax]);
        bounds.push(...boundsOf(scenario, costs));
      }
    }
  }
  return {
    title: 'What an append costs',
    note: 'A lone writer, one append after the other, all writes in them: rolls, small objects, spilled producers.',
    columns: ['append', 'writes', 'WRU', 'RRU', 'S3 PUT', 'largest head B'],
    ...{ rows, bounds },
  };
}
