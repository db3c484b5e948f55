// Opens both embedded stores of one directory, in the order that keeps two processes apart.
import { join } from 'node:path';
import { openFileObjectStore, type FileObjectStoreOptions } from './file-object-store.ts';
import { openSqliteItemStore } from './sqlite-item-store.ts';
import type { Clock } from '../../base/clock.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { EmbeddedItemStore } from './embedded-item-store.ts';

export interface EmbeddedStores {
  readonly items: EmbeddedItemStore;
  readonly objects: ObjectStore;
  /** Closes both, what was written before included. */
  close(): Promise<void>;
}

/**
 * Opens the stores that live in `directory`: `items.sqlite` (and its log) and `objects/`. The lock on the first guards
 * the second. Throws KAFKA_STORAGE_ERROR, not retriable, where another process has the directory.
 */
export async function openEmbeddedStores(
  directory: string,
  { clock, ...options }: { readonly clock: Clock } & FileObjectStoreOptions,
): Promise<EmbeddedStores> {
  const items = openSqliteItemStore(directory, { clock });
  try {
    const objects = await openFileObjectStore(join(directory, 'objects'), options);
    const close = async () => {
      await objects.close();
      await items.close();
    };
    return { items, objects, close };
  } catch (error) {
    await items.close();
    throw error;
  }
}
