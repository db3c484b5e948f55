// The files below a directory in the order of their keys, which are their paths with a slash between names.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotThere } from './file-errors.ts';

export interface WalkOptions {
  /** Only keys that begin so. */
  readonly prefix: string;
  /** Only keys after this one. */
  readonly after: string | undefined;
  /** Name of an entry of the root to be passed over. */
  readonly skip: string;
}

/**
 * The keys of the files below `root`, ascending. Only directories that may hold such keys are read. Files that come or
 * go meanwhile may be there or not.
 */
export async function* walkFiles(root: string, options: WalkOptions): AsyncGenerator<string> {
  yield* walk(root, '', options);
}

async function* walk(root: string, folder: string, options: WalkOptions): AsyncGenerator<string> {
  for (const name of await namesIn(join(root, folder))) {
    const key = folder + name;
    if (key === `${options.skip}/`) continue;
    if (!name.endsWith('/')) {
      if (isWanted(key, options)) yield key;
    } else if (mayHoldWanted(key, options)) {
      yield* walk(root, key, options);
    }
  }
}

/** Names of files, and of directories with a slash at their end: so they sort as the keys below them do. */
async function namesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (isNotThere(error)) return [];
    throw error;
  });
  return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
}

const isWanted = (key: string, { prefix, after }: WalkOptions): boolean =>
  key.startsWith(prefix) && (after === undefined || key > after);

function mayHoldWanted(folder: string, { prefix, after }: WalkOptions): boolean {
  const isNearPrefix = folder.startsWith(prefix) || prefix.startsWith(folder);
  return isNearPrefix && (after === undefined || after < folder || after.startsWith(folder));
}
