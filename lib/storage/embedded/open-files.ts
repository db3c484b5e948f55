// Files that are read again and again, kept open: a read is one call to the system instead of four.
import { close, fstat, open } from 'node:fs';
import { promisify } from 'node:util';
import { LRUCache } from 'lru-cache';

/** Far below the descriptors that a process may have (1,024 by default). */
const FILES_MAX = 128;

/** A file that is open for reading. Files never change, so its size holds. */
export interface OpenFile {
  readonly descriptor: number;
  readonly bytes: number;
}

interface Entry {
  readonly opening: Promise<OpenFile>;
  users: number;
  isDropped: boolean;
}

/** Owned by one store. Who replaces or removes a file must drop it. */
export class OpenFiles {
  readonly #entries = new LRUCache<string, Entry>({
    max: FILES_MAX,
    dispose: (entry) => {
      entry.isDropped = true;
      closeUnused(entry);
    },
  });

  /** Runs `work` on the file, which stays open meanwhile. Throws what opening throws. */
  async use<Result>(path: string, work: (file: OpenFile) => Promise<Result>): Promise<Result> {
    const entry = this.#entries.get(path) ?? this.#open(path);
    entry.users++;
    try {
      return await work(await entry.opening);
    } finally {
      entry.users--;
      closeUnused(entry);
    }
  }

  /** Forgets a file; reads that are under way end as they would have. */
  drop(path: string): void {
    this.#entries.delete(path);
  }

  /** Forgets all files. */
  clear(): void {
    this.#entries.clear();
  }

  #open(path: string): Entry {
    const entry: Entry = { opening: openFile(path), users: 0, isDropped: false };
    this.#entries.set(path, entry);
    entry.opening.catch(() => {
      if (this.#entries.peek(path) === entry) this.#entries.delete(path);
    });
    return entry;
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const descriptor = await promisify(open)(path, 'r');
  try {
    return { descriptor, bytes: (await promisify(fstat)(descriptor)).size };
  } catch (error) {
    await promisify(close)(descriptor);
    throw error;
  }
}

function closeUnused({ opening, users, isDropped }: Entry): void {
  if (!isDropped || users > 0) return;
  // Nothing was written: a failure to close loses nothing.
  opening.then(({ descriptor }) => promisify(close)(descriptor)).catch(() => undefined);
}
