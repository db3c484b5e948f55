// Directories that are there after a power failure: made once, and synced for many changes at a time.
import { mkdir, open, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorNameOf } from './file-errors.ts';

interface Sync {
  readonly running: Promise<void>;
  /** One more, for changes made after `running` began. */
  next: Promise<void> | undefined;
}

/** The directories below `root`, which exists. This process alone makes and removes them. */
export class Directories {
  readonly #root: string;
  readonly #made = new Map<string, Promise<void>>();
  readonly #syncs = new Map<string, Sync>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes a directory and its parents, durably. */
  async make(path: string): Promise<void> {
    if (path === this.#root) return;
    let made = this.#made.get(path);
    if (!made) {
      made = this.#makeNew(path);
      this.#made.set(path, made);
      // A failure is not remembered: the disk may have room again.
      made.catch(() => this.#made.delete(path));
    }
    await made;
  }

  /** Makes what was changed in a directory before the call durable; calls at the same time share one sync. */
  async sync(path: string): Promise<void> {
    const sync = this.#syncs.get(path);
    if (!sync) return this.#run(path);
    // What is running may have begun before our change.
    sync.next ??= sync.running.then(
      () => this.#run(path),
      () => this.#run(path),
    );
    return sync.next;
  }

  /** Removes a directory and its parents as far as they are empty. */
  async prune(path: string): Promise<void> {
    for (let directory = path; directory !== this.#root; directory = dirname(directory)) {
      this.#made.delete(directory);
      try {
        await rmdir(directory);
      } catch (error) {
        if (['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(errorNameOf(error) ?? '')) return;
        throw error;
      }
    }
  }

  /** Forgets that a directory was made, when it turns out to be gone. */
  forget(path: string): void {
    for (let directory = path; directory !== this.#root; directory = dirname(directory))
      this.#made.delete(directory);
  }

  async #makeNew(path: string): Promise<void> {
    const parent = dirname(path);
    await this.make(parent);
    await mkdir(path).catch((error: unknown) => {
      if (errorNameOf(error) !== 'EEXIST') throw error;
    });
    await this.sync(parent);
  }

  #run(path: string): Promise<void> {
    const sync: Sync = { running: syncDirectory(path), next: undefined };
    this.#syncs.set(path, sync);
    const forget = () => {
      if (this.#syncs.get(path) === sync && !sync.next) this.#syncs.delete(path);
    };
    sync.running.then(forget, forget);
    return sync.running;
  }
}

/** Syncs the entries of one directory. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
