// What the emulators of tests share: a port to listen on, tables made as production's are, a client, and an end.
import { once } from 'node:events';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createSystemClock } from '../../lib/base/clock.ts';
import { DYNAMODB_CLIENT_OPTIONS } from '../../lib/storage/dynamodb/client-options.ts';
import { createTables } from '../../lib/storage/dynamodb/create-tables.ts';
import {
  createDynamoDbItemStore,
  prefixedTableNames,
} from '../../lib/storage/dynamodb/dynamodb-item-store.ts';
import type { ChildProcess } from 'node:child_process';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';
import type { Opened } from '../conformance/suite.ts';

/** Tables of the emulators have this prefix. */
export const TABLE_PREFIX = 'wadi-test-';

/** A server that was started for tests, with the tables made. */
export interface Emulator {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Makes the tables; the emulator's end is that of its process. */
export async function withTables(server: ChildProcess, endpoint: string): Promise<Emulator> {
  const client = createEmulatorClient(endpoint);
  await createTables(client, prefixedTableNames(TABLE_PREFIX));
  client.destroy();
  return { endpoint, close: () => stop(server) };
}

/** The store of an emulator of its own, for a conformance suite. */
export async function openOn(start: () => Promise<Emulator>): Promise<Opened<ItemStore>> {
  const emulator = await start();
  const store = openEmulatedStore(emulator.endpoint);
  return {
    store,
    close: async () => {
      await store.close();
      await emulator.close();
    },
  };
}

/** An ItemStore on an emulator, with a client of its own. */
export function openEmulatedStore(endpoint: string): ItemStore {
  const client = createEmulatorClient(endpoint);
  const tableNames = prefixedTableNames(TABLE_PREFIX);
  const store = createDynamoDbItemStore({ client, tableNames, clock: createSystemClock() });
  return {
    ...store,
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}

/** A client made as production's is, but for credentials and region that no account has. */
export function createEmulatorClient(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new DynamoDBClient({ ...DYNAMODB_CLIENT_OPTIONS, endpoint, region: 'us-east-1', credentials });
}

/** Ends a process that the test started. */
export async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}
