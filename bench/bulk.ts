// Bulk: megabytes a second into the embedded log and out of it, beside the same bytes into and out of a plain file.
import { closeSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openFileAppender, openLogAppender } from './appenders.ts';
import { batchOf } from './batches.ts';
import { openBenchLog, PARTITION, TOPIC, type BenchLog } from './embedded-log.ts';
import { median, type Bound, type Report } from './report.ts';
import { withFolder } from './workspace.ts';
import type { Appender, Load } from './append-load.ts';

const MIB = 1024 * 1024;
/** Of one record, and as large as Kafka's default of max.message.bytes allows. */
const BATCH = batchOf(MIB - 100, Date.now());
/** As a bulk loader has them under way; the file gets as many by one write before it is synced. */
const IN_FLIGHT = 16;
/**
 * Of each round of producing: half a gigabyte, for a disk takes the first hundred megabytes several times faster than it
 * goes on. A round of reading needs no more than to be long beside its start.
 */
const PRODUCE_GROUPS = 32;
const READ_GROUPS = 8;
const READ_BYTES = 4 * MIB;
const ROUNDS = 3;

/** In each round, of the log and of the file. */
interface Pair {
  readonly log: number;
  readonly file: number;
}

/** Megabytes a second of writing, in turn. The first round only warms up. */
async function measureProduce(): Promise<readonly Pair[]> {
  return withFolder(async (folder) => {
    const load: Load = {
      batch: BATCH,
      inFlight: IN_FLIGHT,
      durationMs: 10_000,
      bytesMax: PRODUCE_GROUPS * IN_FLIGHT * BATCH.length,
    };
    const rateOf = async (appender: Appender): Promise<number> =>
      ((await appender.run(load)).appendsPerSecond * BATCH.length) / MIB;
    const [log, file] = [await openLogAppender(folder), openFileAppender(folder)];
    const pairs: Pair[] = [];
    for (let round = 0; round <= ROUNDS; round++)
      pairs.push({ log: await rateOf(log), file: await rateOf(file) });
    await log.close();
    await file.close();
    return pairs.slice(1);
  });
}

function rateOfReading(bytes: number, startMs: number): number {
  return bytes / MIB / ((performance.now() - startMs) / 1_000);
}

/** Reads all records there are, as a consumer does. Answers their bytes. */
async function readLog({ broker }: BenchLog): Promise<number> {
  const request = { topic: TOPIC, partition: PARTITION, maxBytes: READ_BYTES, maxWaitMs: 0 };
  let bytes = 0;
  for (let offset = 0; ;) {
    const { batches, highWatermark } = await broker.fetch({ ...request, offset });
    bytes += batches.length;
    // One record in each batch, and whole batches in each answer.
    offset += batches.length / BATCH.length;
    if (offset >= highWatermark) return bytes;
  }
}

function readFile(path: string, bytes: number): void {
  const file = openSync(path, 'r');
  for (let at = 0; at < bytes;) {
    // A reader keeps what it was given, so each read has a buffer of its own.
    at += readSync(file, Buffer.allocUnsafe(READ_BYTES));
  }
  closeSync(file);
}

async function measureReads(log: BenchLog, path: string): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    let startMs = performance.now();
    const bytes = await readLog(log);
    const logRate = rateOfReading(bytes, startMs);
    startMs = performance.now();
    readFile(path, bytes);
    pairs.push({ log: logRate, file: rateOfReading(bytes, startMs) });
  }
  return pairs.slice(1);
}

/** First from tail and pages, then from segments, each beside a file of the same bytes. */
async function measureReading(): Promise<{
  readonly unsealed: readonly Pair[];
  readonly sealed: readonly Pair[];
}> {
  return withFolder(async (folder) => {
    const log = await openBenchLog(join(folder, 'log'));
    const produce = () => log.broker.produce({ topic: TOPIC, partition: PARTITION, batch: BATCH });
    for (let group = 0; group < READ_GROUPS; group++)
      await Promise.all(Array.from({ length: IN_FLIGHT }, produce));
    const path = join(folder, 'plain.log');
    writeFileSync(path, Buffer.concat(new Array<Uint8Array>(READ_GROUPS * IN_FLIGHT).fill(BATCH)));
    await log.log.settle();
    const unsealed = await measureReads(log, path);
    while ((await log.log.seal(log.partitionId, { all: true })).segments > 0);
    const sealed = await measureReads(log, path);
    await log.close();
    rmSync(path);
    return { unsealed, sealed };
  });
}

function rowOf(name: string, pairs: readonly Pair[]): (string | number)[] {
  const ratio = median(pairs.map(({ log, file }) => log / file));
  return [name, median(pairs.map(({ log }) => log)), median(pairs.map(({ file }) => file)), ratio];
}

/** Takes about a quarter of a minute. */
export async function benchBulk(): Promise<Report> {
  const produced = await measureProduce();
  const { unsealed, sealed } = await measureReading();
  const ratio = median(produced.map(({ log, file }) => log / file));
  const bound: Bound = {
    what: 'bulk produce beside append + fdatasync',
    figure: ratio,
    atLeast: 0.5,
    kind: 'time',
  };
  return {
    title: 'Bulk through the embedded log',
    note: `Batches of 1 MB, ${IN_FLIGHT} in flight; reads of ${READ_BYTES / MIB} MB. Medians, in turn with a plain file.`,
    columns: ['what', 'log MB/s', 'file MB/s', 'of the file'],
    rows: [
      rowOf('produce', produced),
      rowOf('read tail and pages', unsealed),
      rowOf('read segments', sealed),
    ],
    bounds: [bound],
  };
}
