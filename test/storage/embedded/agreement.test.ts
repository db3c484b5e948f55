// The stores in memory and on SQLite answer random sequences alike; and the property can fail.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createMemoryItemStore } from '../../../lib/storage/embedded/memory-item-store.ts';
import { openSqliteItemStore } from '../../../lib/storage/embedded/sqlite-item-store.ts';
import { agreesWith } from '../../conformance/agrees-with.ts';
import { boundStore } from '../../support/bound-store.ts';
import type { ItemStore } from '../../../lib/storage/ports/item-store.ts';

const clock = createSystemClock();

describe('memory and SQLite', () => {
  let directory: string;
  let sqlite: ItemStore;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wadi-agree-'));
    sqlite = openSqliteItemStore(directory, { clock });
  });
  afterAll(async () => {
    await sqlite.close();
    await rm(directory, { recursive: true });
  });

  it('agree on random sequences of requests', async () => {
    await agreesWith(createMemoryItemStore({ clock }), sqlite, { runs: 150 });
  });

  it('would not agree with a store that forgets a condition now and then', async () => {
    const inner: ItemStore = createMemoryItemStore({ clock });
    const forgetful: ItemStore = {
      ...boundStore(inner),
      update: (table, key, actions, condition) =>
        inner.update(table, key, actions, condition?.kind === 'sizeBelow' ? undefined : condition),
    };
    const agreement = agreesWith(createMemoryItemStore({ clock }), forgetful, { runs: 100 });
    await expect(agreement).rejects.toThrow();
  });
});
