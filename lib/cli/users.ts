// `wadi users`: the file of those who may log in to the listener for Kafka clients. Passwords come from stdin, never from
// the command line, where every process of the machine would see them.
import type { Readable } from 'node:stream';
import { ITERATIONS_MIN } from '../kafka/auth/salted-keys.ts';
import { formatUsers, ITERATIONS_MAX, saltUser, type StoredUsers } from '../kafka/auth/stored-users.ts';
import { CliError, usageError } from './exit.ts';
import { write, type Terminal } from './terminal.ts';
import { readUsersFile, readUsersIfThere, writeUsersFile } from './users-file.ts';

/** As they were typed. */
export interface UsersOptions {
  /** Default: $WADI_KAFKA_USERS. */
  readonly file?: string;
}

export interface AddUserOptions extends UsersOptions {
  readonly iterations?: number;
  /** Print the document instead of writing it. */
  readonly print?: boolean;
}

/** Longer than any password, and short enough to read it whole. */
const PASSWORD_BYTES_MAX = 1_024;

/**
 * Adds a user, or gives one another password, with the first line of stdin as the password. `print`: the document goes to
 * stdout and no file is written; the others of a file are in it if there is one.
 */
export async function addUser(terminal: Terminal, username: string, options: AddUserOptions): Promise<void> {
  const { iterations = ITERATIONS_MIN, print = false } = options;
  if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX)
    throw usageError(`--iterations must be ${ITERATIONS_MIN} to ${ITERATIONS_MAX}, got ${iterations}`);
  const path = pathOf(terminal, options);
  if (path === undefined && !print) throw noFile();
  const users = path === undefined ? new Map<string, never>() : await readUsersIfThere(path);
  const password = await readPassword(terminal, username);
  const salted = await saltUser(username, password, { dice: terminal.dice, iterations });
  const changed: StoredUsers = new Map([...users, [username, salted]]);
  if (print) await write(terminal.stdout, `${formatUsers(changed)}\n`);
  else if (path !== undefined) {
    await writeUsersFile(path, changed);
    await write(terminal.stdout, `${users.has(username) ? 'changed' : 'added'} ${username} in ${path}\n`);
  }
}

/** Removes a user. Throws where there is none of that name. Sessions that are open end with their connections. */
export async function removeUser(terminal: Terminal, username: string, options: UsersOptions): Promise<void> {
  const path = requirePath(terminal, options);
  const users = new Map(await readUsersFile(path));
  if (!users.delete(username)) throw new CliError(`there is no user ${username} in ${path}`);
  await writeUsersFile(path, users);
  await write(terminal.stdout, `removed ${username} from ${path}\n`);
}

/** Prints the names, one a line. */
export async function listUsers(terminal: Terminal, options: UsersOptions): Promise<void> {
  const users = await readUsersFile(requirePath(terminal, options));
  for (const username of users.keys()) await write(terminal.stdout, `${username}\n`);
}

const pathOf = ({ env }: Terminal, { file }: UsersOptions): string | undefined =>
  file ?? (env['WADI_KAFKA_USERS'] || undefined);

function requirePath(terminal: Terminal, options: UsersOptions): string {
  const path = pathOf(terminal, options);
  if (path === undefined) throw noFile();
  return path;
}

const noFile = () => usageError('--file or WADI_KAFKA_USERS must name the file of users');

/** The first line, without its end. Of a keyboard it is not shown. */
async function readPassword({ stdin, stderr }: Terminal, username: string): Promise<string> {
  const keyboard = keyboardOf(stdin);
  if (!keyboard) return readLine(stdin, () => false);
  stderr.write(`Password of ${username}: `);
  keyboard.setRawMode(true);
  try {
    return await readLine(stdin, (line) => line.includes(INTERRUPT));
  } finally {
    keyboard.setRawMode(false);
    stderr.write('\n');
  }
}

/** What Ctrl-C sends where the terminal passes every key on. */
const INTERRUPT = '\u0003';

interface Keyboard {
  setRawMode(isRaw: boolean): void;
}

const keyboardOf = (stdin: Readable): Keyboard | undefined =>
  'isTTY' in stdin && stdin.isTTY === true && 'setRawMode' in stdin
    ? (stdin as unknown as Keyboard)
    : undefined;

async function readLine(stdin: Readable, isInterrupted: (text: string) => boolean): Promise<string> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stdin) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    const text = bytes.toString('utf8');
    if (isInterrupted(text)) throw new CliError('nothing was changed', { exitCode: 130 });
    if (bytes.length > PASSWORD_BYTES_MAX)
      throw usageError(`a password has ${PASSWORD_BYTES_MAX} bytes at most, got more`);
    if (/[\r\n]/.test(text)) break;
  }
  const [line = ''] = bytes.toString('utf8').split(/\r?\n|\r/, 1);
  if (line === '') throw usageError('the password is the first line of stdin, which is empty');
  return line;
}
