// `wadi consume` against the HTTP application: where it begins and ends, and what it prints.
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { runCli } from '../../lib/cli/program.ts';
import { fakeTerminal, run } from './support/fake-terminal.ts';
import { startMemoryServer, type MemoryServer } from './support/memory-server.ts';

/** A topic `t` of two partitions with records 0 to 9, the even ones in partition 0. */
async function serverWithRecords(): Promise<MemoryServer> {
  const server = await startMemoryServer();
  await server.broker.createTopic({ name: 't', partitions: 2 });
  const lines = Array.from({ length: 10 }, (_, i) =>
    JSON.stringify({ key: `k${i}`, value: i, partition: i % 2 }),
  );
  await run(['produce', 't', '--url', server.url], { stdin: lines.join('\n') });
  return server;
}

describe('consuming', () => {
  it.each([
    [['--partition', '1'], '1\n3\n5\n7\n9\n'],
    [['--partition', '1', '--offset', '3'], '7\n9\n'],
    [['--partition', '1', '--offset', '5'], ''],
    [['--partition', '1', '--offset', 'latest'], ''],
    [['--partition', '1', '--from-beginning', '--max', '2'], '1\n3\n'],
    [['--partition', '1', '--max', '0'], ''],
    [['--partition', '0', '--max', '1', '--key-separator', ' -> '], 'k0 -> 0\n'],
  ])('prints %j', async (args, output) => {
    await using server = await serverWithRecords();
    const consumed = await run(['consume', 't', ...args, '--url', server.url]);
    expect(consumed).toEqual({ exitCode: EXIT.ok, output, errors: '' });
  });

  it('merges all partitions, each in its order', async () => {
    await using server = await serverWithRecords();
    const { output } = await run(['consume', 't', '--url', server.url]);
    const values = output.trim().split('\n').map(Number);
    expect(values.filter((value) => value % 2 === 0)).toEqual([0, 2, 4, 6, 8]);
    expect(values.filter((value) => value % 2 === 1)).toEqual([1, 3, 5, 7, 9]);
  });

  it('prints JSON lines with the record and its place', async () => {
    await using server = await serverWithRecords();
    const { output } = await run([
      'consume',
      't',
      '--partition',
      '0',
      '--max',
      '1',
      '--json',
      '--url',
      server.url,
    ]);
    const { timestamp, ...record } = JSON.parse(output) as Record<string, unknown>;
    expect(record).toEqual({ partition: 0, offset: 0, key: 'k0', value: '0' });
    expect(timestamp).toBeTypeOf('number');
  });

  it('follows from the end until Ctrl-C', async () => {
    await using server = await serverWithRecords();
    const terminal = fakeTerminal();
    const ended = runCli(['consume', 't', '--follow', '--url', server.url], terminal);
    // A waiting read of each partition shows that the ends were looked up.
    await expect.poll(() => server.requests.filter((request) => request.endsWith('/records')).length).toBe(2);
    await run(['produce', 't', '--url', server.url], { stdin: '{"value":"new","partition":1}' });
    await expect.poll(() => terminal.output()).toBe('new\n');
    terminal.signals.abort('SIGINT');
    expect(await ended).toBe(EXIT.interrupted);
  });

  it('follows until the maximum', async () => {
    await using server = await serverWithRecords();
    const { output, exitCode } = await run([
      ...['consume', 't', '--follow', '--from-beginning', '--max', '10', '--url', server.url],
    ]);
    expect(output.trim().split('\n')).toHaveLength(10);
    expect(exitCode).toBe(EXIT.ok);
  });

  it('ends quietly when nobody reads any more', async () => {
    await using server = await serverWithRecords();
    const onOutput = () => {
      throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    };
    const consumed = await run(['consume', 't', '--follow', '--from-beginning', '--url', server.url], {
      onOutput,
    });
    expect(consumed).toMatchObject({ exitCode: EXIT.ok, errors: '' });
  });

  it.each([
    ['the server refuses a read', 500, EXIT.failed],
    ['the topic goes while it is followed', 404, EXIT.failed],
  ])('fails where %s', async (_what, status, exitCode) => {
    await using server = await serverWithRecords();
    const body = JSON.stringify({ error_code: status, message: 'no more', outcome: 'not-applied' });
    server.intercept.before = (request) =>
      request.url.includes('/records') ? new Response(body, { status }) : undefined;
    for (const more of [[], ['--follow']]) {
      const consumed = await run(['consume', 't', ...more, '--url', server.url]);
      expect(consumed).toMatchObject({ exitCode, output: '' });
      expect(consumed.errors).toContain('no more');
    }
  });

  it('fails where its output cannot be written', async () => {
    await using server = await serverWithRecords();
    const onOutput = () => {
      throw Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    };
    const consumed = await run(['consume', 't', '--url', server.url], { onOutput });
    expect(consumed.exitCode).toBe(EXIT.failed);
    expect(consumed.errors).toContain('cannot write: write ENOSPC');
  });

  it('fails where the topic is made anew while it is followed: its offsets are those of another one', async () => {
    await using server = await serverWithRecords();
    const terminal = fakeTerminal();
    const ended = runCli(['consume', 't', '--partition', '0', '--follow', '--url', server.url], terminal);
    await expect.poll(() => server.requests.some((request) => request.endsWith('/records'))).toBe(true);
    await server.broker.deleteTopic('t');
    await server.broker.createTopic({ name: 't', partitions: 2 });
    await run(['produce', 't', '--url', server.url], { stdin: '{"value":"new","partition":0}' });
    expect(await ended).toBe(EXIT.failed);
    expect(terminal.output()).toBe('');
    expect(terminal.errors()).toContain('was deleted and made anew');
  }, 40_000);

  it('tries reads again, whatever became of them', async () => {
    await using server = await serverWithRecords();
    let failures = 0;
    server.intercept.before = (request) =>
      request.url.includes('/records') && failures++ < 2 ? new Response('', { status: 503 }) : undefined;
    const { output } = await run(['consume', 't', '--partition', '0', '--url', server.url]);
    expect(output).toBe('0\n2\n4\n6\n8\n');
    expect(failures).toBeGreaterThan(2);
  });

  it.each([
    [['consume', 'none'], EXIT.failed, 'there is no topic none'],
    [['consume', 't', '--partition', '2'], EXIT.usage, '--partition must be 0 to 1 in t, got 2'],
    [
      ['consume', 't', '--partition', '0', '--offset', '6'],
      EXIT.failed,
      '--offset must be 0 to 5 in t-0, got 6',
    ],
    [['consume', 't', '--partition', '0', '--offset', '-1'], EXIT.usage, 'whole number from 0'],
    [['consume', 't', '--offset', '1'], EXIT.usage, '--offset with a number needs --partition'],
    [['consume', 't', '--offset', 'latest', '--from-beginning'], EXIT.usage, 'cannot be used with'],
    [['consume', 't', '--max', 'many'], EXIT.usage, 'whole number from 0'],
    [['consume'], EXIT.usage, "missing required argument 'topic'"],
  ])('says what is wrong with %j', async (args, exitCode, message) => {
    await using server = await serverWithRecords();
    const consumed = await run([...args, '--url', server.url]);
    expect(consumed.errors).toContain(message);
    expect(consumed).toMatchObject({ exitCode, output: '' });
  });
});
