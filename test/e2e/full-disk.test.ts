// The disk is full under the server: what does not fit is refused, what was acknowledged stays, and it goes on with room.
import { expect, it } from 'vitest';
import { readyUrl, start, startServer, stop, temporaryFolder, wadi, WADI } from './support/processes.ts';

/** No file may grow beyond this: the nearest to a full disk that needs no privilege. */
const FILE_BLOCKS_MAX = 1_000;

/** Starts the server with files of at most 1,000 blocks of 512 bytes. */
async function startCramped(env: Readonly<Record<string, string>>) {
  const script = `ulimit -f ${FILE_BLOCKS_MAX}; exec "$@"`;
  const running = start('sh', ['-c', script, 'sh', ...WADI, 'serve'], {
    WADI_HTTP_PORT: '0',
    WADI_LOG_LEVEL: 'silent',
    ...env,
  });
  return { ...running, url: await readyUrl(running) };
}

/** Produces one record; answers the offset, or the error that it came to. */
async function produce(url: string, value: string): Promise<number | string> {
  const answer = await fetch(`${url}/topics/t/partitions/0`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.kafka.json.v2+json' },
    body: JSON.stringify({ records: [{ value }] }),
  });
  const text = await answer.text();
  if (answer.status !== 200) return text;
  const [place] = (JSON.parse(text) as { offsets: [{ offset: number }] }).offsets;
  return place.offset;
}

it('refuses what does not fit and loses nothing', async () => {
  using folder = temporaryFolder();
  const env = { WADI_DATA_DIR: folder.path };
  const cramped = await startCramped(env);
  await wadi(['topics', 'create', 't', '--url', cramped.url]);
  const stored: string[] = [];
  const values = Array.from({ length: 200 }, (_, i) => `${i}`.padEnd(9_000, '.'));
  let refused: string | undefined;
  for (const value of values) {
    const offset = await produce(cramped.url, value);
    if (typeof offset === 'string') {
      refused = offset;
      break;
    }
    expect(offset).toBe(stored.length);
    stored.push(value);
  }
  expect(stored.length).toBeGreaterThan(5);
  expect(refused).toMatch(/"error_code":50003.*(disk|full|large)/);
  expect((await fetch(`${cramped.url}/topics`)).status).toBe(200);
  await stop(cramped);

  const roomy = await startServer(env);
  const { stdout } = await wadi(['consume', 't', '--url', roomy.url]);
  const kept = stdout.trim().split('\n');
  // REST's JSON values are kept as their JSON text.
  expect(kept.slice(0, stored.length)).toEqual(stored.map((value) => JSON.stringify(value)));
  expect(await produce(roomy.url, 'more')).toBe(kept.length);
  await stop(roomy);
  expect(await wadi(['scrub'], { env })).toMatchObject({ exitCode: 0 });
});
