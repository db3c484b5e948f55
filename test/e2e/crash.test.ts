// The server dies by kill -9 while the command line produces, and starts again on the same data.
import { expect, it } from 'vitest';
import { startServer, startWadi, stop, temporaryFolder, wadi } from './support/processes.ts';

const RECORDS = 30_000;
const KEYS = 50;

it('keeps what it acknowledged, once, and the producer goes on where it was', async () => {
  using folder = temporaryFolder();
  const env = { WADI_DATA_DIR: folder.path };
  const first = await startServer(env);
  const url = ['--url', first.url];
  await wadi(['topics', 'create', 't', '--partitions', '4', ...url]);
  const producer = startWadi(['produce', 't', ...url]);
  const lines = Array.from({ length: RECORDS }, (_, i) => JSON.stringify({ key: `k${i % KEYS}`, value: i }));
  const half = lines.splice(0, RECORDS / 2);
  producer.process.stdin?.write(`${half.join('\n')}\n`);
  await expect
    .poll(async () => (await wadi(['consume', 't', '--max', '1', ...url])).stdout, { timeout: 20_000 })
    .not.toBe('');
  await stop(first, 'SIGKILL');

  const { port } = new URL(first.url);
  const second = await startServer({ ...env, WADI_HTTP_PORT: port });
  producer.process.stdin?.end(`${lines.join('\n')}\n`);
  expect(await producer.ended).toMatchObject({ exitCode: 0, stderr: `${RECORDS} records produced to t\n` });

  const { stdout } = await wadi(['consume', 't', '--json', ...url]);
  const next = new Map(Array.from({ length: KEYS }, (_, k) => [`k${k}`, k]));
  for (const line of stdout.trim().split('\n')) {
    const { key, value } = JSON.parse(line) as { key: string; value: string };
    expect(Number(value)).toBe(next.get(key));
    next.set(key, Number(value) + KEYS);
  }
  expect([...next.values()].every((value) => value >= RECORDS)).toBe(true);
  await stop(second);
  expect(await wadi(['scrub'], { env })).toMatchObject({ exitCode: 0 });
});
