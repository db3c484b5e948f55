// The file of users: read by the server, written by `wadi users`, and readable by nobody but its owner.
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { formatUsers, parseUsers, type StoredUsers } from '../kafka/auth/stored-users.ts';
import { CliError } from './exit.ts';

/** Owner reads and writes. */
const MODE = 0o600;
const OTHERS = 0o077;

/** Reads the file. Throws a CliError that names it and what is wrong with it; never a key. */
export async function readUsersFile(path: string): Promise<StoredUsers> {
  try {
    return parseUsers(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CliError(
      `WADI_KAFKA_USERS: ${path}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** As readUsersFile, but nobody where there is no file. */
export async function readUsersIfThere(path: string): Promise<StoredUsers> {
  const isThere = await stat(path).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  );
  return isThere ? readUsersFile(path) : new Map();
}

/** Writes the file anew with mode 600, whole or not at all. Throws a CliError that names it. */
export async function writeUsersFile(path: string, users: StoredUsers): Promise<void> {
  const next = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(next, `${formatUsers(users)}\n`, { mode: MODE, flag: 'wx', flush: true });
    // The mode of a new file is what the umask leaves of it.
    await chmod(next, MODE);
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw new CliError(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

/** Whether others than its owner may read or write it. False where the system has no such modes. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const { mode } = await stat(path);
  return (mode & OTHERS) !== 0;
}
