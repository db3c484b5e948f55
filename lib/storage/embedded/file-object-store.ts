// The object port over files: an object is a file under its key's path, complete and durable from the moment it is there.
import { mkdir, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { read } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { assert } from '../../base/assert.ts';
import { BytePool } from '../../base/byte-pool.ts';
import { checkObjectKey } from '../object-key.ts';
import { Directories, syncDirectory } from './directories.ts';
import { errorNameOf, isNotThere, toFileError } from './file-errors.ts';
import { OpenFiles, type OpenFile } from './open-files.ts';
import { walkFiles } from './walk-files.ts';
import { writePieces } from './write-pieces.ts';
import {
  piecesOf,
  type ByteRange,
  type ObjectContents,
  type ObjectEntry,
  type ObjectStore,
} from '../ports/object-store.ts';

const readFile = promisify(read);

/** Holds files that are being written. No key has a `~`. */
const TEMPORARY = '~temp';

/** A directory that a delete prunes away while a file is about to be moved into it is made again, so often. */
const MOVES_MAX = 100;

const DELETES_AT_ONCE = 16;

export interface FileObjectStoreOptions {
  /** Where the memory of answers comes from; callers may give it back there. */
  readonly pool?: BytePool;
}

/**
 * Opens the store in `directory`, making it if it is not there and removing what a crash left half-written. The caller
 * sees to it that no other process has it (openEmbeddedStores does). A full disk is KAFKA_STORAGE_ERROR, not-applied, with
 * nothing of the object visible. Where a key names a folder of another key's path, it is INVALID_REQUEST.
 */
export async function openFileObjectStore(
  directory: string,
  { pool = new BytePool(0) }: FileObjectStoreOptions = {},
): Promise<ObjectStore> {
  const root = resolve(directory);
  const temporary = join(root, TEMPORARY);
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  await syncDirectory(dirname(root));
  await syncDirectory(root);
  return new FileObjectStore(root, temporary, pool);
}

class FileObjectStore implements ObjectStore {
  readonly #root: string;
  readonly #temporary: string;
  readonly #directories: Directories;
  readonly #files = new OpenFiles();
  readonly #pool: BytePool;
  #temporaries = 0;

  constructor(root: string, temporary: string, pool: BytePool) {
    this.#root = root;
    this.#pool = pool;
    this.#temporary = temporary;
    this.#directories = new Directories(root);
  }

  async put(key: string, contents: ObjectContents): Promise<void> {
    checkObjectKey(key);
    const path = join(this.#root, key);
    const temporary = join(this.#temporary, (this.#temporaries++).toString());
    try {
      await writeDurably(temporary, contents);
      await this.#move(temporary, path);
      this.#files.drop(path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw toFileError(error, key, 'not-applied');
    }
    await this.#directories.sync(dirname(path)).catch((error: unknown) => {
      throw toFileError(error, key, 'unknown');
    });
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    checkObjectKey(key);
    try {
      return await this.#files.use(join(this.#root, key), (file) => readRange(this.#pool, file, range));
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw toFileError(error, key, 'not-applied');
    }
  }

  async list(prefix: string, after: string | undefined, limit: number): Promise<readonly ObjectEntry[]> {
    assert(limit >= 1, `limit ${limit}, at least 1`);
    const entries: ObjectEntry[] = [];
    for await (const key of walkFiles(this.#root, { prefix, after, skip: TEMPORARY })) {
      const found = await stat(join(this.#root, key)).catch((error: unknown) => {
        if (isNotThere(error)) return undefined;
        throw toFileError(error, key, 'not-applied');
      });
      if (found) entries.push({ key, bytes: found.size, lastModifiedMs: Math.floor(found.mtimeMs) });
      if (entries.length === limit) break;
    }
    return entries;
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkObjectKey);
    const paths = keys.map((key) => join(this.#root, key));
    for (let i = 0; i < paths.length; i += DELETES_AT_ONCE)
      await Promise.all(paths.slice(i, i + DELETES_AT_ONCE).map((path) => this.#remove(path)));
    await Promise.all([...new Set(paths.map(dirname))].map((directory) => this.#settle(directory)));
  }

  async close(): Promise<void> {
    this.#files.clear();
    await Promise.resolve();
  }

  async #remove(path: string): Promise<void> {
    await removeFile(path);
    this.#files.drop(path);
  }

  async #move(temporary: string, path: string): Promise<void> {
    for (let move = 1; ; move++) {
      try {
        await this.#directories.make(dirname(path));
        await rename(temporary, path);
        return;
      } catch (error) {
        if (errorNameOf(error) !== 'ENOENT' || move === MOVES_MAX) throw error;
        this.#directories.forget(dirname(path));
      }
    }
  }

  /** Makes removals from a directory durable, and removes it where nothing is left. */
  async #settle(directory: string): Promise<void> {
    try {
      await this.#directories.sync(directory);
      await this.#directories.prune(directory);
    } catch (error) {
      if (!isNotThere(error)) throw toFileError(error, directory, 'unknown');
    }
  }
}

async function writeDurably(path: string, contents: ObjectContents): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await writePieces(file, piecesOf(contents));
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function readRange(
  pool: BytePool,
  { descriptor, bytes: size }: OpenFile,
  range: ByteRange | undefined,
): Promise<Uint8Array> {
  const start = Math.min(range?.start ?? 0, size);
  const length = Math.max(0, Math.min(range?.end ?? size, size) - start);
  const bytes = pool.take(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await readFile(descriptor, bytes, at, length - at, start + at);
    assert(bytesRead > 0, `a file of ${size} bytes ended at ${start + at}`);
    at += bytesRead;
  }
  return bytes;
}

async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!isNotThere(error)) throw toFileError(error, path, 'unknown');
  });
}
