// The item store on SQLite passes the conformance suite.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { openSqliteItemStore } from '../../../lib/storage/embedded/sqlite-item-store.ts';
import { describeItemStore } from '../../conformance/item-store.ts';

describeItemStore('sqlite', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'wadi-items-'));
  const store = openSqliteItemStore(directory, { clock: createSystemClock() });
  const close = async () => {
    await store.close();
    await rm(directory, { recursive: true });
  };
  return { store, close };
});
