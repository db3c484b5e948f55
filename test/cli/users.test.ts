// `wadi users`: what it writes, who may read it, and what it refuses.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { isPasswordOf } from '../../lib/kafka/auth/salted-keys.ts';
import { credentialsOf, parseUsers } from '../../lib/kafka/auth/stored-users.ts';
import { fakeTerminal, run } from './support/fake-terminal.ts';
import { addUser } from '../../lib/cli/users.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wadi-users-'));
  file = join(folder, 'users.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const isPassword = async (text: string, name: string, password: string) => {
  const keys = await credentialsOf(parseUsers(text)).find(name, 'PLAIN');
  return keys !== undefined && isPasswordOf(keys, password);
};
const add = (name: string, password: string, ...more: readonly string[]) =>
  run(['users', 'add', name, '--file', file, ...more], { stdin: `${password}\n` });

describe('wadi users', () => {
  it('adds, changes, lists and removes users of a file that only its owner reads', async () => {
    expect(await add('ann', 'pencil')).toEqual({
      ...{ exitCode: EXIT.ok, output: `added ann in ${file}\n`, errors: '' },
    });
    await add('bob', 'crayon');
    expect((await add('ann', 'brush')).output).toBe(`changed ann in ${file}\n`);
    const text = readFileSync(file, 'utf8');
    expect(await isPassword(text, 'ann', 'brush')).toBe(true);
    expect(await isPassword(text, 'ann', 'pencil')).toBe(false);
    expect(await isPassword(text, 'bob', 'crayon')).toBe(true);
    expect(text).not.toMatch(/brush|crayon|pencil/);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['users.json']);
    const env = { WADI_KAFKA_USERS: file };
    expect((await run(['users', 'list'], { env })).output).toBe('ann\nbob\n');
    expect((await run(['users', 'remove', 'ann'], { env })).output).toBe(`removed ann from ${file}\n`);
    expect((await run(['users', 'list'], { env })).output).toBe('bob\n');
    expect(await run(['users', 'remove', 'ann'], { env })).toMatchObject({
      ...{ exitCode: EXIT.failed, errors: `wadi: there is no user ann in ${file}\n` },
    });
  });

  it('prints the document for a secret, and writes nothing', async () => {
    const { output, exitCode } = await add('ann', 'pencil', '--print', '--iterations', '8192');
    expect(exitCode).toBe(EXIT.ok);
    expect(readdirSync(folder)).toEqual([]);
    expect(await isPassword(output, 'ann', 'pencil')).toBe(true);
    expect(output).toContain('"iterations":8192');
    const bare = await run(['users', 'add', 'bob', '--print'], { stdin: 'crayon' });
    expect([...parseUsers(bare.output).keys()]).toEqual(['bob']);
  });

  it('takes the first line as it is, as a password', async () => {
    await add('ann', ' a b \t');
    expect(await isPassword(readFileSync(file, 'utf8'), 'ann', ' a b \t')).toBe(true);
    const windows = await run(['users', 'add', 'bob', '--file', file], { stdin: 'pa\r\nmore\r\n' });
    expect(windows.exitCode).toBe(EXIT.ok);
    expect(await isPassword(readFileSync(file, 'utf8'), 'bob', 'pa')).toBe(true);
  });

  it.each([
    ['an empty password', '', [], '', EXIT.usage, 'the password is the first line of stdin, which is empty'],
    ['a very long one', 'x'.repeat(1_025), [], '', EXIT.usage, 'a password has 1024 bytes at most'],
    [
      'few iterations',
      'p',
      ['--iterations', '4095'],
      '',
      EXIT.usage,
      '--iterations must be 4096 to 100000, got 4095',
    ],
    ['many iterations', 'p', ['--iterations', '100001'], '', EXIT.usage, 'got 100001'],
    [
      'a file that is none of users',
      'p',
      [],
      '{"users":[{}]}',
      EXIT.failed,
      'users.json: users[0].username must be',
    ],
  ] as const)(
    'refuses %s, and leaves the file',
    async (_what, password, options, before, exitCode, message) => {
      if (before !== '') writeFileSync(file, before);
      const refused = await add('ann', password, ...options);
      expect(refused).toMatchObject({ exitCode, output: '' });
      expect(refused.errors).toContain(message);
      expect(readdirSync(folder)).toEqual(before === '' ? [] : ['users.json']);
      if (before !== '') expect(readFileSync(file, 'utf8')).toBe(before);
    },
  );

  it('asks for a file, and says where it cannot write', async () => {
    expect((await run(['users', 'list'])).errors).toContain('--file or WADI_KAFKA_USERS must name the file');
    const refused = await run(['users', 'add', 'a', '--file', join(folder, 'absent', 'u')], { stdin: 'p\n' });
    expect(refused.errors).toContain('cannot be written: ENOENT');
  });

  it('does not show what is typed', async () => {
    const terminal = fakeTerminal({});
    const modes: boolean[] = [];
    Object.assign(terminal.stdin, { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
    const adding = addUser(terminal, 'ann', { file });
    await expect.poll(() => terminal.errors()).toBe('Password of ann: ');
    terminal.stdin.write('pen');
    terminal.stdin.write('cil\r');
    await adding;
    expect(modes).toEqual([true, false]);
    expect(await isPassword(readFileSync(file, 'utf8'), 'ann', 'pencil')).toBe(true);
  });
});
