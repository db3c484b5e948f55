// `wadi produce` against the HTTP application: partitions, batches, retries that duplicate nothing, exact counts.
import { mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { runCli } from '../../lib/cli/program.ts';
import { partitionForKey } from '../../lib/record/partitioner.ts';
import { fakeTerminal, run } from './support/fake-terminal.ts';
import { startMemoryServer, type MemoryServer } from './support/memory-server.ts';

interface Consumed {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

async function consumeAll(server: MemoryServer, topic: string): Promise<Consumed[]> {
  const { output } = await run(['consume', topic, '--json', '--url', server.url]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Consumed);
}

async function serverWith(topic: string, partitions: number): Promise<MemoryServer> {
  const server = await startMemoryServer();
  await server.broker.createTopic({ name: topic, partitions });
  return server;
}

describe('producing', () => {
  it('sends each key to the partition that a Java client would choose, in order', async () => {
    await using server = await serverWith('t', 6);
    const lines = Array.from({ length: 500 }, (_, i) => JSON.stringify({ key: `k${i % 17}`, value: { i } }));
    const produced = await run(['produce', 't', '--url', server.url], { stdin: lines.join('\n') });
    expect(produced).toEqual({ exitCode: EXIT.ok, output: '', errors: '500 records produced to t\n' });
    const records = await consumeAll(server, 't');
    expect(records).toHaveLength(500);
    for (const { key, partition } of records)
      expect(partition).toBe(partitionForKey(Buffer.from(key ?? ''), 6));
    for (let k = 0; k < 17; k++) {
      const values = records.filter(({ key }) => key === `k${k}`).map(({ value }) => value);
      expect(values).toEqual(
        lines
          .map((_, i) => i)
          .filter((i) => i % 17 === k)
          .map((i) => `{"i":${i}}`),
      );
    }
  });

  it('takes plain lines, and keeps records without a key together', async () => {
    await using server = await serverWith('t', 6);
    await run(['produce', 't', '--url', server.url], { stdin: 'a\n\n{"b":1}' });
    const records = await consumeAll(server, 't');
    expect(records.map(({ key, value }) => [key, value])).toEqual([
      [null, 'a'],
      [null, ''],
      [null, '{"b":1}'],
    ]);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
  });

  it('reads a file, and cuts keys off at a separator', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'wadi-'));
    const file = join(folder.path, 'lines');
    writeFileSync(file, 'a=1\nb=2\n');
    await using server = await serverWith('t', 1);
    const produced = await run(['produce', 't', '--file', file, '--key-separator', '=', '--url', server.url]);
    expect(produced.errors).toBe('2 records produced to t\n');
    expect(await consumeAll(server, 't')).toMatchObject([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
  });

  it('prints what consume prints back to the same bytes', async () => {
    await using server = await serverWith('a', 2);
    await server.broker.createTopic({ name: 'b', partitions: 2 });
    const stdin = [
      {
        keyBase64: 'gP8=',
        value: 'ä',
        headers: [{ key: 'h', valueBase64: '/w==' }],
        timestamp: 5,
        partition: 1,
      },
      { key: '', value: null, partition: 0 },
    ].map((line) => JSON.stringify(line));
    await run(['produce', 'a', '--url', server.url], { stdin: stdin.join('\n') });
    const first = await run(['consume', 'a', '--json', '--url', server.url]);
    await run(['produce', 'b', '--url', server.url], { stdin: first.output });
    const second = await run(['consume', 'b', '--json', '--url', server.url]);
    const sorted = (text: string) => text.split('\n').sort();
    expect(sorted(second.output)).toEqual(sorted(first.output));
    expect(first.output).toContain('"headers":[{"key":"h","valueBase64":"/w=="}]');
  });

  it('makes the topic with its first record where the server does so', async () => {
    await using server = await startMemoryServer({ autoCreatePartitions: 3 });
    const produced = await run(['produce', 'new', '--url', server.url], { stdin: 'a\nb\nc\n' });
    expect(produced.errors).toBe('3 records produced to new\n');
    expect((await consumeAll(server, 'new')).map(({ value }) => value).sort()).toEqual(['a', 'b', 'c']);
  });

  it('sends what is typed without waiting for the end', async () => {
    await using server = await serverWith('t', 1);
    const terminal = fakeTerminal();
    const ended = runCli(['produce', 't', '--url', server.url], terminal);
    terminal.stdin.write('a\n');
    await expect.poll(async () => (await consumeAll(server, 't')).length).toBe(1);
    terminal.stdin.end('b\n');
    expect(await ended).toBe(EXIT.ok);
    expect(await consumeAll(server, 't')).toHaveLength(2);
  });

  it('ends with Ctrl-C after what was read is acknowledged', async () => {
    await using server = await serverWith('t', 1);
    const terminal = fakeTerminal();
    const ended = runCli(['produce', 't', '--url', server.url], terminal);
    terminal.stdin.write('a\n');
    await expect.poll(async () => (await consumeAll(server, 't')).length).toBe(1);
    terminal.signals.abort('SIGINT');
    expect(await ended).toBe(EXIT.interrupted);
    expect(terminal.errors()).toBe('1 record produced to t\n');
  });

  it('cuts batches below what the server takes, more than once if need be', async () => {
    await using server = await serverWith('t', 1);
    let refused = 0;
    server.intercept.before = (request) => {
      if (request.method !== 'POST' || Number(request.headers.get('content-length')) < 20_000)
        return undefined;
      refused++;
      return Response.json(
        { error_code: 413, message: 'too large', outcome: 'not-applied' },
        { status: 413 },
      );
    };
    const lines = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(1_000)}`);
    const produced = await run(['produce', 't', '--url', server.url], { stdin: lines.join('\n') });
    expect(produced).toMatchObject({ exitCode: EXIT.ok, errors: '200 records produced to t\n' });
    expect(refused).toBeGreaterThan(1);
    expect((await consumeAll(server, 't')).map(({ value }) => value)).toEqual(lines);
  });

  it('shows a count where somebody watches', async () => {
    await using server = await serverWith('t', 1);
    const watched = await run(['produce', 't', '--url', server.url], { stdin: 'a\n', isWatched: true });
    expect(watched.errors).toBe('\r\x1b[K1 records\r\x1b[K1 record produced to t\n');
  });
});

describe('when requests fail', () => {
  it('stores each record once although answers are lost', async () => {
    await using server = await serverWith('t', 3);
    let posts = 0;
    server.intercept.after = (request, answer) => {
      if (!/partitions/.test(request.url) || request.method !== 'POST') return answer;
      return posts++ % 2 === 0 ? new Response('gone', { status: 502 }) : answer;
    };
    const lines = Array.from({ length: 60 }, (_, i) => `{"key":"${i}","value":${i}}`);
    const produced = await run(['produce', 't', '--url', server.url], { stdin: lines.join('\n') });
    expect(produced).toMatchObject({ exitCode: EXIT.ok, errors: '60 records produced to t\n' });
    expect(posts).toBeGreaterThan(3);
    const values = (await consumeAll(server, 't')).map(({ value }) => Number(value));
    expect(values.sort((a, b) => a - b)).toEqual(lines.map((_, i) => i));
  });

  it('does not repeat the record that makes a topic when its answer is lost', async () => {
    await using server = await startMemoryServer({ autoCreatePartitions: 1 });
    server.intercept.after = (request, answer) =>
      request.method === 'POST' ? new Response('', { status: 502 }) : answer;
    const produced = await run(['produce', 'new', '--url', server.url], { stdin: 'a\nb\n' });
    expect(produced.exitCode).toBe(EXIT.failed);
    expect(produced.errors).toContain('0 records produced to new\n');
    expect(produced.errors).toContain('nobody can tell whether the request was applied');
    expect(server.requests.filter((request) => request.startsWith('POST /topics'))).toHaveLength(1);
  });

  it('stops at a refusal and counts what was stored', async () => {
    await using server = await serverWith('t', 1);
    let posts = 0;
    server.intercept.before = (request) =>
      request.method === 'POST' && request.url.includes('/partitions/') && posts++ > 0
        ? Response.json({ error_code: 40002, message: 'no more', outcome: 'not-applied' }, { status: 400 })
        : undefined;
    const terminal = fakeTerminal();
    const ended = runCli(['produce', 't', '--url', server.url], terminal);
    terminal.stdin.write('a\n');
    await expect.poll(() => posts).toBe(1);
    terminal.stdin.end('b\n');
    expect(await ended).toBe(EXIT.failed);
    expect(terminal.errors()).toBe('1 record produced to t\nwadi: no more [HTTP 400]\n');
  });

  it('sends what stands before a bad line, and names the line', async () => {
    await using server = await serverWith('t', 1);
    const stdin = '{"value":1}\n{"value":2}\n{"value":\n{"value":4}\n';
    const produced = await run(['produce', 't', '--url', server.url], { stdin });
    expect(produced.exitCode).toBe(EXIT.failed);
    expect(produced.errors).toMatch(/^2 records produced to t\nwadi: line 3: not JSON: .*\n$/);
    expect((await consumeAll(server, 't')).map(({ value }) => value)).toEqual(['1', '2']);
  });

  it.each([
    [['produce', 't', '--partition', '2'], 'a\n', EXIT.usage, '--partition must be 0 to 1 in t'],
    [
      ['produce', 't'],
      '{"value":1,"partition":2}\n',
      EXIT.failed,
      'line 1: "partition" must be 0 to 1 in t, got 2',
    ],
    [['produce', 'none'], 'a\n', EXIT.failed, '[HTTP 404]'],
    [['produce', 't', '--file', '/no/such/file'], '', EXIT.failed, 'cannot read /no/such/file: no such file'],
    [['produce', 't', '--file', '/'], '', EXIT.failed, 'cannot read /: EISDIR'],
    [['produce', 't', '--json', '--key-separator', ':'], '', EXIT.usage, 'exclude each other'],
    [['produce', 't', '--key-separator', ''], '', EXIT.usage, 'must not be empty'],
    [['produce'], '', EXIT.usage, "missing required argument 'topic'"],
  ])('says what is wrong with %j', async (args, stdin, exitCode, message) => {
    await using server = await serverWith('t', 2);
    const produced = await run([...args, '--url', server.url], { stdin });
    expect(produced.errors).toContain(message);
    expect(produced.exitCode).toBe(exitCode);
    expect(await consumeAll(server, 't')).toEqual([]);
  });
});
