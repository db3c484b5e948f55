// Appends to the embedded log: how many a second and how late, beside what SQLite and the disk can do in the same minute.
import { batchOf } from './batches.ts';
import { openFileAppender, openLogAppender, openSqliteAppender } from './appenders.ts';
import { median, quantile, type Bound, type Report } from './report.ts';
import { withFolder } from './workspace.ts';
import type { Appender, Load, LoadResult } from './append-load.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Of the records' values. The largest makes a batch of Kafka's default max.message.bytes. */
const SIZES = [
  { name: '100 B', valueBytes: 100 },
  { name: '1 KB', valueBytes: KIB },
  { name: '100 KB', valueBytes: 100 * KIB },
  { name: '1 MB', valueBytes: MIB - 100 },
];

/** After one that only warms up. */
const ROUNDS = 5;
const SLICE_MS = 400;
const SLICE_BYTES_MAX = 128 * MIB;

interface Measured {
  readonly log: readonly LoadResult[];
  readonly sqlite: readonly LoadResult[];
  readonly file: readonly LoadResult[];
}

/** Takes turns, so that what else the machine does meets all of them. */
async function measure(valueBytes: number, inFlight: number): Promise<Measured> {
  return withFolder(async (folder) => {
    const load: Load = {
      batch: batchOf(valueBytes, Date.now()),
      inFlight,
      durationMs: SLICE_MS,
      bytesMax: SLICE_BYTES_MAX,
    };
    const [log, sqlite, file] = [
      await openLogAppender(folder),
      openSqliteAppender(folder),
      openFileAppender(folder),
    ];
    const results = { log: [], sqlite: [], file: [] } as Record<keyof Measured, LoadResult[]>;
    const turn = async (name: keyof Measured, appender: Appender, round: number): Promise<void> => {
      const result = await appender.run(load);
      if (round > 0) results[name].push(result);
    };
    for (let round = 0; round <= ROUNDS; round++) {
      await turn('log', log, round);
      await turn('sqlite', sqlite, round);
      await turn('file', file, round);
    }
    for (const appender of [log, sqlite, file]) await appender.close();
    return results;
  });
}

const rateOf = (results: readonly LoadResult[]): number =>
  median(results.map(({ appendsPerSecond }) => appendsPerSecond));

const latencyOf = (results: readonly LoadResult[], share: number): number =>
  quantile(
    results.flatMap(({ latenciesMs }) => latenciesMs),
    share,
  );

/** Of each round, so that one that met a busy machine counts once. */
const ratioOf = (results: readonly LoadResult[], others: readonly LoadResult[]): number =>
  median(
    results.map(({ appendsPerSecond }, round) => appendsPerSecond / (others[round]?.appendsPerSecond ?? NaN)),
  );

/** Each size with 1 and with 64 in flight. Takes about a minute. */
export async function benchAppends(): Promise<Report> {
  const rows: (string | number)[][] = [];
  const bounds: Bound[] = [];
  for (const inFlight of [1, 64]) {
    for (const { name, valueBytes } of SIZES) {
      const { log, sqlite, file } = await measure(valueBytes, inFlight);
      const ratio = ratioOf(log, sqlite);
      rows.push([
        `${name}, ${inFlight} in flight`,
        ...[rateOf(log), latencyOf(log, 0.5), latencyOf(log, 0.99)],
        ...[rateOf(sqlite), latencyOf(sqlite, 0.5), rateOf(file), latencyOf(file, 0.5)],
        ...[ratio, ratioOf(log, file)],
      ]);
      if (inFlight > 1)
        bounds.push({
          what: `${name}, ${inFlight} in flight: appends beside grouped node:sqlite`,
          figure: ratio,
          atLeast: 0.5,
          kind: 'time',
        });
    }
  }
  const own = ['appends/s', 'p50 ms', 'p99 ms'];
  const limits = ['sqlite/s', 'p50 ms', 'fdatasync/s', 'p50 ms', 'of sqlite', 'of fdatasync'];
  return {
    title: 'Appends to the embedded log',
    note: 'Durable when answered, in turn with node:sqlite transactions and with append + fdatasync of the same bytes, those in flight in one. Medians.',
    columns: ['append', ...own, ...limits],
    ...{ rows, bounds },
  };
}
