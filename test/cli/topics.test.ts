// `wadi topics` against the HTTP application.
import { expect, it } from 'vitest';
import { EXIT } from '../../lib/cli/exit.ts';
import { run } from './support/fake-terminal.ts';
import { startMemoryServer } from './support/memory-server.ts';

it('makes, lists, shows and deletes topics', async () => {
  await using server = await startMemoryServer();
  const env = { WADI_URL: server.url };
  const made = await run(['topics', 'create', 'b', '--partitions', '2'], { env });
  expect(made).toEqual({ exitCode: EXIT.ok, output: 'b created with 2 partitions\n', errors: '' });
  await run(['topics', 'create', 'a', '--config', 'retention.ms=1'], { env });
  expect((await run(['topics', 'list'], { env })).output).toBe('a\nb\n');
  expect((await run(['topics', 'list', '--json'], { env })).output).toContain(
    '{"name":"b","partitions":2}\n',
  );
  await run(['produce', 'b', '--partition', '1'], { env, stdin: 'x\ny\n' });
  expect((await run(['topics', 'describe', 'b', '--json'], { env })).output).toBe(
    `${JSON.stringify({
      name: 'b',
      partitions: [
        { partition: 0, beginning_offset: 0, end_offset: 0 },
        { partition: 1, beginning_offset: 0, end_offset: 2 },
      ],
      configs: {},
    })}\n`,
  );
  expect((await run(['topics', 'describe', 'b'], { env })).output).toMatch(
    /^b: 2 partitions\n.*\n0 .*\n1 +0 +2\n$/,
  );
  expect((await run(['topics', 'delete', 'b'], { env })).output).toBe('b deleted\n');
  expect((await run(['topics', 'list'], { env })).output).toBe('a\n');
});

it('leaves a topic that exists where it is asked to', async () => {
  await using server = await startMemoryServer();
  const url = ['--url', server.url];
  await run(['topics', 'create', 'a', ...url]);
  const again = await run(['topics', 'create', 'a', ...url]);
  expect(again.exitCode).toBe(EXIT.failed);
  expect(again.errors).toMatch(/^wadi: .*already exists.* \[HTTP 400\]\n$/);
  const kept = await run(['topics', 'create', 'a', '--if-not-exists', ...url]);
  expect(kept).toEqual({ exitCode: EXIT.ok, output: 'a exists already\n', errors: '' });
});

it('says what is wrong', async () => {
  await using server = await startMemoryServer();
  const url = ['--url', server.url];
  const unknown = await run(['topics', 'describe', 'none', ...url]);
  expect(unknown).toMatchObject({ exitCode: EXIT.failed, output: '' });
  expect(unknown.errors).toMatch(/^wadi: .*\[HTTP 404\]\n$/);
  const config = await run(['topics', 'create', 'a', '--config', 'retention.ms', ...url]);
  expect(config).toMatchObject({ exitCode: EXIT.usage });
  expect(config.errors).toContain('--config must be NAME=VALUE, got "retention.ms"');
  expect(await run(['topics', 'create', 'a', '--partitions', '0', ...url])).toMatchObject({
    exitCode: EXIT.usage,
  });
});

it('says which configs are kept and change nothing', async () => {
  await using server = await startMemoryServer();
  const made = await run([
    ...['topics', 'create', 'k', '--config', 'retention.ms=1000', '--config', 'max.message.bytes=2000'],
    ...['--url', server.url],
  ]);
  expect(made.output).toBe(
    'k created with 1 partition\n  retention.ms is kept, and changes nothing in this version of Wadi\n',
  );
  const { output } = await run(['topics', 'describe', 'k', '--url', server.url]);
  expect(output).toContain('  retention.ms=1000  (kept, changes nothing)\n');
  expect(output).toContain('  max.message.bytes=2000\n');
});
