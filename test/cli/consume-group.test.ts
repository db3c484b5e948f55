// `wadi consume --group` against the HTTP application: what is printed is committed, and nothing else.
import { expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { runCli } from '../../lib/cli/program.ts';
import { fakeTerminal, run } from './support/fake-terminal.ts';
import { startMemoryServer } from './support/memory-server.ts';

/** `orders` with these values in its one partition. */
async function startServer(values: readonly string[]) {
  const server = await startMemoryServer();
  const url = ['--url', server.url];
  await run(['topics', 'create', 'orders', ...url]);
  await run(['produce', 'orders', ...url], { stdin: values.map((value) => `${value}\n`).join('') });
  const args = ['consume', 'orders', '--group', 'g', ...url];
  const committed = async () => (await server.broker.groups.fetchOffsets({ groupId: 'g' }))[0]?.offset;
  return { ...server, args, committed };
}

it.each([[[]], [['--at-most-once']]])(
  'prints as many as it is asked for, though no more come, and leaves the others (%j)',
  async (options) => {
    await using server = await startServer(['a', 'b', 'c']);
    const consume = (max: string) => run([...server.args, '--max', max, ...options]);
    expect(await consume('2')).toMatchObject({ exitCode: EXIT.ok, output: 'a\nb\n', errors: '' });
    expect(await server.committed()).toBe(2);
    expect(await consume('1')).toMatchObject({ exitCode: EXIT.ok, output: 'c\n', errors: '' });
    expect(await server.committed()).toBe(3);
    expect((await server.broker.groups.describeGroup('g')).members).toEqual([]);
  },
);

it('ends by a signal when the record in hand is printed, and leaves the group', async () => {
  await using server = await startServer(['a', 'b']);
  const terminal = fakeTerminal({
    onOutput: (text) => {
      if (text === 'b\n') terminal.signals.abort('SIGTERM');
    },
  });
  expect(await runCli(server.args, terminal)).toBe(EXIT.terminated);
  expect(terminal.output()).toBe('a\nb\n');
  expect(await server.committed()).toBe(2);
  expect((await server.broker.groups.describeGroup('g')).members).toEqual([]);
});

it('does not count what nobody could read', async () => {
  await using server = await startServer(['a', 'b']);
  const terminal = fakeTerminal({
    onOutput: (text) => {
      if (text === 'b\n') throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    },
  });
  expect(await runCli(server.args, terminal)).toBe(EXIT.ok);
  expect(terminal.errors()).toBe('');
  expect(await server.committed()).toBe(1);
});

it('says that there is no such topic', async () => {
  await using server = await startServer([]);
  const { exitCode, errors } = await run([
    ...['consume', 'absent', '--group', 'g', '--max', '1', '--url', server.url],
  ]);
  expect(exitCode).toBe(EXIT.failed);
  expect(errors).toMatch(/^wadi: .*absent.*\n$/);
});
