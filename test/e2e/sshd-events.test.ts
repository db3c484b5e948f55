// Real events through the real programs: complete and in order, after kill -9, after a clean stop, and after sealing.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createSystemClock } from '../../lib/base/clock.ts';
import { createSystemDice } from '../../lib/base/dice.ts';
import { eachPartition } from '../../lib/embedded/each-partition.ts';
import { openEmbedded } from '../../lib/cli/embedded.ts';
import { pino } from 'pino';
import { startServer, stop, temporaryFolder, wadi } from './support/processes.ts';

const INPUT = new URL('../data/sshd-events.jsonl', import.meta.url);

interface Event {
  readonly key: string;
  readonly value: unknown;
}

const events = readFileSync(INPUT, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Event);

/** Values by key, in their order. */
function byKey(records: readonly Event[]): Map<string, unknown[]> {
  const values = new Map<string, unknown[]>();
  for (const { key, value } of records) values.set(key, [...(values.get(key) ?? []), value]);
  return values;
}

async function consumed(url: string): Promise<readonly Event[]> {
  const { stdout, exitCode } = await wadi(['consume', 'sshd', '--json', '--url', url]);
  expect(exitCode).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { key: string; value: string; partition: number })
    .map(({ key, value }) => ({ key, value: JSON.parse(value) as unknown }));
}

/** Seals all there is, as the server does when it is old enough. */
async function sealAll(dataDir: string): Promise<number> {
  const embedded = await openEmbedded({
    dataDir,
    clock: createSystemClock(),
    dice: createSystemDice(),
    logger: pino({ level: 'silent' }),
    isMaintained: false,
  });
  let sealed = 0;
  for await (const { partitionId } of eachPartition(embedded.log.deps.items)) {
    sealed += (await embedded.log.seal(partitionId, { all: true })).sealedEnd;
  }
  await embedded.close();
  return sealed;
}

it('come back complete, each key in order, whatever happened to the server', async () => {
  using folder = temporaryFolder();
  const env = { WADI_DATA_DIR: folder.path };
  const expected = byKey(events);

  const first = await startServer(env);
  const url = ['--url', first.url];
  expect((await wadi(['topics', 'create', 'sshd', '--partitions', '6', ...url])).exitCode).toBe(0);
  const produced = await wadi(['produce', 'sshd', '--file', INPUT.pathname, ...url]);
  expect(produced).toEqual({ exitCode: 0, stdout: '', stderr: '2000 records produced to sshd\n' });
  expect(byKey(await consumed(first.url))).toEqual(expected);
  await stop(first, 'SIGKILL');

  const second = await startServer(env);
  expect(byKey(await consumed(second.url))).toEqual(expected);
  expect(await stop(second)).toMatchObject({ exitCode: 0, stderr: '' });

  expect(await sealAll(folder.path)).toBe(events.length);
  const scrubbed = await wadi(['scrub'], { env });
  expect(scrubbed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(scrubbed.stdout).toMatch(/\n2000 records read, 0 findings\n$/);

  const third = await startServer(env);
  expect(byKey(await consumed(third.url))).toEqual(expected);
  expect(await stop(third)).toMatchObject({ exitCode: 0 });
});
