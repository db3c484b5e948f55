// What the benchmarks append to: the embedded log, SQLite transactions of the same bytes, and a plain file.
import { closeSync, fdatasyncSync, openSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { LoadGauge, type Appender, type Load } from './append-load.ts';
import { openBenchLog, PARTITION, TOPIC } from './embedded-log.ts';

/** Each of those in flight appends again when it is answered, as independent clients do. */
export async function openLogAppender(folder: string): Promise<Appender> {
  const log = await openBenchLog(join(folder, 'log'));
  return {
    run: async (load) => {
      const gauge = new LoadGauge(load);
      const append = async (): Promise<void> => {
        while (!gauge.isOver) {
          const startMs = performance.now();
          await log.broker.produce({ topic: TOPIC, partition: PARTITION, batch: load.batch });
          gauge.note(startMs, 1);
        }
      };
      await Promise.all(Array.from({ length: load.inFlight }, append));
      return gauge.finish();
    },
    close: () => log.close(),
  };
}

/**
 * All in flight are rows of one transaction, as durable as the log's own, in a table as a store of keyed items needs it:
 * rows of a table that only counts its ids are written twice as fast, and nobody could find them by their keys.
 */
export function openSqliteAppender(folder: string): Appender {
  const database = new DatabaseSync(join(folder, 'plain.sqlite'));
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
  database.exec(
    'CREATE TABLE batches (pk TEXT NOT NULL, sk TEXT NOT NULL, batch BLOB NOT NULL, PRIMARY KEY (pk, sk)) STRICT;',
  );
  const insert = database.prepare(
    'INSERT INTO batches (pk, sk, batch) VALUES (?, ?, ?) ON CONFLICT (pk, sk) DO UPDATE SET batch = excluded.batch',
  );
  let next = 0;
  const commit = ({ batch, inFlight }: Load): void => {
    database.exec('BEGIN');
    for (let i = 0; i < inFlight; i++) insert.run(TOPIC, (next++).toString().padStart(20, '0'), batch);
    database.exec('COMMIT');
  };
  return inGroups(commit, () => {
    database.close();
  });
}

/**
 * All in flight are written by one call and synced at once: the least that durability costs on this machine. The file
 * grows, as the log does: to write blocks anew that a disk has already is another matter.
 */
export function openFileAppender(folder: string): Appender {
  const file = openSync(join(folder, 'plain.log'), 'a');
  const commit = ({ batch, inFlight }: Load): void => {
    const parts = new Array<Uint8Array>(inFlight).fill(batch);
    const written = writevSync(file, parts);
    if (written !== batch.length * inFlight) throw new Error(`only ${written} bytes were written`);
    fdatasyncSync(file);
  };
  return inGroups(commit, () => {
    closeSync(file);
  });
}

function inGroups(commit: (load: Load) => void, close: () => void): Appender {
  return {
    run: async (load) => {
      const gauge = new LoadGauge(load);
      while (!gauge.isOver) {
        const startMs = performance.now();
        commit(load);
        gauge.note(startMs, load.inFlight);
      }
      return Promise.resolve(gauge.finish());
    },
    close: async () => {
      close();
      return Promise.resolve();
    },
  };
}
