// Tables of committed items in one SQLite database, which this process has for itself.
import { closeSync, fdatasync } from 'node:fs';
import { promisify } from 'node:util';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { present } from '../../base/assert.ts';
import { BrokerError } from '../../base/errors.ts';
import { EXPIRES_ATTRIBUTE, TABLES, type TableSchema } from '../schema/tables.ts';
import { decodeItem, encodeItem } from './item-codec.ts';
import { outcomeOfCommit, toStorageError } from './sqlite-errors.ts';
import type { Item, ItemKey, QueryOptions, ScanOptions, TableName } from '../ports/item-store.ts';
import type { Change, ItemTables } from './item-tables.ts';

/*
 * A table of the port is a table of SQLite with the same name:
 *   pk TEXT, sk TEXT (empty where the port's has none), expires INTEGER (seconds, or null), item BLOB (item-codec.ts)
 * Rows have SQLite's own row ids beside the key: items are far too large for a table that is its own index, which was
 * measured to be two to five times slower. Life: as the items'.
 */

const rowTableOf = ({ name, expires }: TableSchema): string => `
  CREATE TABLE IF NOT EXISTS "${name}" (
    pk TEXT NOT NULL, sk TEXT NOT NULL, expires INTEGER, item BLOB NOT NULL, PRIMARY KEY (pk, sk)
  ) STRICT;
  ${expires ? `CREATE INDEX IF NOT EXISTS "${name} expires" ON "${name}" (expires) WHERE expires IS NOT NULL;` : ''}`;

/** The statements that make what tables the schema has and the database has not. */
export const CREATE_TABLES = Object.values(TABLES).map(rowTableOf).join('');

/** The names of the tables and indexes that CREATE_TABLES makes. */
export const SCHEMA_NAMES: readonly string[] = Object.values(TABLES).flatMap(({ name, expires }) =>
  expires ? [name, `${name} expires`] : [name],
);

const syncFile = promisify(fdatasync);

interface Statements {
  readonly read: StatementSync;
  readonly query: Readonly<
    Record<'forward' | 'backward' | 'betweenForward' | 'betweenBackward', StatementSync>
  >;
  readonly scan: StatementSync;
  readonly expired: StatementSync;
  readonly put: StatementSync;
  readonly remove: StatementSync;
}

function prepare(database: DatabaseSync, { name }: TableSchema): Statements {
  const rows = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const select = `SELECT pk, sk, item FROM "${name}"`;
  const between = 'pk = ? AND sk BETWEEN ? AND ?';
  return {
    read: rows(`${select} WHERE pk = ? AND sk = ?`),
    query: {
      forward: rows(`${select} WHERE pk = ? ORDER BY sk LIMIT ?`),
      backward: rows(`${select} WHERE pk = ? ORDER BY sk DESC LIMIT ?`),
      betweenForward: rows(`${select} WHERE ${between} ORDER BY sk LIMIT ?`),
      betweenBackward: rows(`${select} WHERE ${between} ORDER BY sk DESC LIMIT ?`),
    },
    scan: rows(`${select} WHERE (pk, sk) > (?, ?) ORDER BY pk, sk LIMIT ?`),
    expired: rows(`SELECT pk, sk FROM "${name}" WHERE expires <= ? LIMIT ?`),
    put: database.prepare(`
      INSERT INTO "${name}" (pk, sk, expires, item) VALUES (?, ?, ?, ?)
      ON CONFLICT (pk, sk) DO UPDATE SET expires = excluded.expires, item = excluded.item`),
    remove: database.prepare(`DELETE FROM "${name}" WHERE pk = ? AND sk = ?`),
  };
}

/**
 * Owns `database`, whose tables exist, and `log`, an open file that is its write-ahead log. The database syncs nothing at a
 * commit: `sync` does, without holding the event loop. Frames of the log count in their order, so that what is durable is
 * always a prefix of the commits. Every error is KAFKA_STORAGE_ERROR with what is known of the commit.
 */
export class SqliteTables implements ItemTables {
  readonly #database: DatabaseSync;
  readonly #log: number;
  readonly #statements: ReadonlyMap<TableName, Statements>;

  constructor(database: DatabaseSync, log: number) {
    this.#database = database;
    this.#log = log;
    this.#statements = new Map(
      Object.values(TABLES).map((schema) => [schema.name, prepare(database, schema)]),
    );
  }

  read(table: TableName, key: ItemKey): Item | undefined {
    return this.#select(table, this.#of(table).read, key.pk, key.sk ?? '')[0];
  }

  query(table: TableName, pk: string, { between, forward = true, limit }: QueryOptions): readonly Item[] {
    const { query } = this.#of(table);
    if (!between) return this.#select(table, forward ? query.forward : query.backward, pk, limit);
    const statement = forward ? query.betweenForward : query.betweenBackward;
    return this.#select(table, statement, pk, ...between, limit);
  }

  scan(table: TableName, { after, limit }: ScanOptions): readonly Item[] {
    return this.#select(table, this.#of(table).scan, after?.pk ?? '', after?.sk ?? '', limit);
  }

  expired(table: TableName, nowMs: number, limit: number): readonly ItemKey[] {
    const rows = guarded('reading expired items', () =>
      this.#of(table).expired.all(Math.floor(nowMs / 1000), limit),
    );
    return (rows as unknown as readonly (readonly [string, string])[]).map(([pk, sk]) =>
      rowKey(table, pk, sk),
    );
  }

  commit(changes: readonly Change[]): void {
    const database = this.#database;
    try {
      guarded('a write', () => {
        database.exec('BEGIN');
        for (const change of changes) this.#apply(change);
      });
      try {
        database.exec('COMMIT');
      } catch (error) {
        throw toStorageError(error, 'a commit', outcomeOfCommit(error));
      }
    } catch (error) {
      // SQLite itself may have rolled back already.
      if (database.isTransaction)
        guarded('a rollback', () => {
          database.exec('ROLLBACK');
        });
      throw error;
    }
  }

  async sync(): Promise<void> {
    try {
      await syncFile(this.#log);
    } catch (error) {
      // The system may have dropped what it could not write: a later sync that succeeds would prove nothing.
      throw new BrokerError('KAFKA_STORAGE_ERROR', 'the log of the database could not be synced', {
        outcome: 'unknown',
        retriable: false,
        cause: error,
      });
    }
  }

  close(): void {
    this.#database.close();
    closeSync(this.#log);
  }

  #apply({ table, key: { pk, sk = '' }, item }: Change): void {
    const { put, remove } = this.#of(table);
    const expires = item?.[EXPIRES_ATTRIBUTE];
    if (item)
      put.run(
        pk,
        sk,
        TABLES[table].expires && typeof expires === 'number' ? expires : null,
        encodeItem(item),
      );
    else remove.run(pk, sk);
  }

  #select(table: TableName, statement: StatementSync, ...values: readonly SQLInputValue[]): readonly Item[] {
    const rows = guarded(`reading table ${table}`, () => statement.all(...values));
    return (rows as unknown as readonly (readonly [string, string, Uint8Array])[]).map(([pk, sk, bytes]) =>
      decodeItem({ ...rowKey(table, pk, sk) }, bytes),
    );
  }

  #of(table: TableName): Statements {
    return present(this.#statements.get(table), `table ${table}`);
  }
}

const rowKey = (table: TableName, pk: string, sk: string): ItemKey =>
  TABLES[table].hasSortKey ? { pk, sk } : { pk };

function guarded<Result>(what: string, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    throw toStorageError(error, what, 'not-applied');
  }
}
