// The embedded item store: node:sqlite in WAL mode, every answered write synced to disk, writes committed in groups.
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterInput, type Clock } from '../../base/clock.ts';
import { BrokerError } from '../../base/errors.ts';
import { EmbeddedItemStore } from './embedded-item-store.ts';
import { isBusy, toStorageError } from './sqlite-errors.ts';
import { CREATE_TABLES, SCHEMA_NAMES, SqliteTables } from './sqlite-tables.ts';

/** Of the database, kept as SQLite's user_version; 0 is a new one. */
const FORMAT = 1;

export interface SqliteItemStoreOptions {
  /** For the ten minutes that request ids are remembered. */
  readonly clock: Clock;
  /** Bytes that the database may reach before writes are refused as on a full disk; default: no limit. */
  readonly databaseBytesMax?: number;
}

/**
 * Opens the store in `directory`, making it if it is not there. The process has it for itself until it is closed or the
 * process ends, however it ends. Throws KAFKA_STORAGE_ERROR, not retriable, where another has it or it cannot be read,
 * UNSUPPORTED_VERSION for a format that this code does not know.
 */
export function openSqliteItemStore(directory: string, options: SqliteItemStoreOptions): EmbeddedItemStore {
  const database = openDatabase(directory, options);
  const tables = new SqliteTables(database, openLog(directory));
  return new EmbeddedItemStore(tables, { clock: options.clock, soon: afterInput });
}

/** The log as a file to be synced. Closing it takes no lock of SQLite's away: those are on the database itself. */
function openLog(directory: string): number {
  const log = openSync(join(directory, 'items.sqlite-wal'), 'r+');
  const folder = openSync(directory, 'r');
  fsyncSync(folder);
  closeSync(folder);
  return log;
}

/** Pages of the log that are moved into the database at once (16 MB): that holds the event loop, and syncs twice. */
const CHECKPOINT_PAGES = 4_096;

function openDatabase(directory: string, { databaseBytesMax }: SqliteItemStoreOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true });
    database = new DatabaseSync(join(directory, 'items.sqlite'), { timeout: 0 });
    // The lock is the operating system's: it goes with the process. It is taken by the first access, here.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    checkFormat(database, directory);
    // Only where it is needed: a log that is opened on a full disk can still be read.
    if (!hasAllTables(database))
      database.exec(`BEGIN EXCLUSIVE; ${CREATE_TABLES} PRAGMA user_version = ${FORMAT}; COMMIT;`);
    // From here on a commit is synced by SqliteTables. NORMAL still syncs whatever a checkpoint's safety rests on.
    database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
    if (databaseBytesMax !== undefined) limitPages(database, databaseBytesMax);
    return database;
  } catch (error) {
    database?.close();
    if (isBusy(error))
      throw new BrokerError('KAFKA_STORAGE_ERROR', `${directory} is in use by another process`, {
        retriable: false,
        cause: error,
      });
    throw toStorageError(error, `opening ${directory}`, 'not-applied');
  }
}

function checkFormat(database: DatabaseSync, directory: string): void {
  const format = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (format !== 0 && format !== FORMAT)
    throw new BrokerError('UNSUPPORTED_VERSION', `${directory} has format ${format}, known is ${FORMAT}`);
}

function hasAllTables(database: DatabaseSync): boolean {
  const count = database.prepare(
    'SELECT count(*) AS count FROM sqlite_schema WHERE name IN (SELECT value FROM json_each(?))',
  );
  return count.get(JSON.stringify(SCHEMA_NAMES))?.['count'] === SCHEMA_NAMES.length;
}

function limitPages(database: DatabaseSync, bytesMax: number): void {
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(bytesMax / pageBytes))}`);
}
