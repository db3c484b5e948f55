// Consumers of one group as processes of the command line: two, five, nine of them on six partitions, and some die by kill -9.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startServer, startWadi, stop, temporaryFolder, wadi, type Running } from './support/processes.ts';

const INPUT = new URL('../data/sshd-events.jsonl', import.meta.url);
const PARTITIONS = 6;
const SESSION_TIMEOUT_MS = 6_000;
/** Generous: what it takes is measured elsewhere. */
const REBALANCED = { timeout: 45_000, interval: 200 };

const lines = readFileSync(INPUT, 'utf8').trim().split('\n');

interface Member {
  readonly memberId: string;
  readonly consumer: { readonly assignment: readonly { readonly partitions: readonly number[] }[] };
}

/** Of each member, the partitions that it has, while the group is stable; else undefined. */
async function assignments(url: readonly string[]): Promise<readonly (readonly number[])[] | undefined> {
  const state = await wadi(['groups', 'describe', 'g', '--state', '--json', ...url]);
  const members = await wadi(['groups', 'describe', 'g', '--members', '--json', ...url]);
  if (state.exitCode !== 0 || (JSON.parse(state.stdout) as { state: string }).state !== 'Stable')
    return undefined;
  return (JSON.parse(members.stdout) as { members: readonly Member[] }).members.map(({ consumer }) =>
    consumer.assignment.flatMap(({ partitions }) => partitions),
  );
}

const sizes = (of: readonly (readonly number[])[] | undefined): readonly number[] | undefined =>
  of?.map(({ length }) => length).toSorted((a, b) => b - a);

function valuesOf(consumers: readonly Running[]): readonly string[] {
  return consumers.flatMap(({ stdout }) =>
    stdout()
      .split('\n')
      // The last line of one that was killed may be half a line.
      .filter((line) => line.endsWith('}'))
      .map((line) => (JSON.parse(line) as { value: string }).value),
  );
}

it('share the partitions, and together print every record whoever dies', async () => {
  using folder = temporaryFolder();
  const server = await startServer({ WADI_DATA_DIR: folder.path });
  const url = ['--url', server.url];
  await wadi(['topics', 'create', 'sshd', '--partitions', String(PARTITIONS), ...url]);
  const consumers: Running[] = [];
  const startUntil = (count: number) => {
    while (consumers.length < count)
      consumers.push(
        startWadi([
          ...['consume', 'sshd', '--group', 'g', '--json', ...url],
          ...['--session-timeout', String(SESSION_TIMEOUT_MS)],
        ]),
      );
  };
  const produce = (from: number, to: number) =>
    wadi(['produce', 'sshd', '--json', ...url], { stdin: lines.slice(from, to).join('\n') });

  startUntil(2);
  await expect.poll(async () => sizes(await assignments(url)), REBALANCED).toEqual([3, 3]);
  await produce(0, 500);
  startUntil(5);
  await expect.poll(async () => sizes(await assignments(url)), REBALANCED).toEqual([2, 1, 1, 1, 1]);
  await produce(500, 1_000);
  startUntil(9);
  await expect
    .poll(async () => sizes(await assignments(url)), REBALANCED)
    .toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0]);
  const owned = (await assignments(url))?.flat().toSorted();
  expect(owned).toEqual([0, 1, 2, 3, 4, 5]);

  const producing = produce(1_000, 2_000);
  for (const { process } of consumers.slice(0, 4)) process.kill('SIGKILL');
  expect((await producing).exitCode).toBe(0);
  await expect.poll(async () => sizes(await assignments(url)), REBALANCED).toEqual([2, 1, 1, 1, 1]);
  const expected = lines
    .map((line) => (JSON.parse(line) as { value: unknown }).value)
    .map(asText)
    .toSorted();
  await expect.poll(() => [...new Set(valuesOf(consumers))].length, REBALANCED).toBe(new Set(expected).size);
  expect(new Set(valuesOf(consumers))).toEqual(new Set(expected));

  for (const consumer of consumers.slice(4)) expect((await stop(consumer)).exitCode).toBe(143);
  const lag = await wadi(['groups', 'describe', 'g', '--json', ...url]);
  const { partitions } = JSON.parse(lag.stdout) as { partitions: readonly { lag: number }[] };
  expect(partitions.map((one) => one.lag)).toEqual(Array.from({ length: PARTITIONS }, () => 0));
  expect(await wadi(['groups', 'delete', 'g', ...url])).toMatchObject({ stdout: 'g deleted\n', stderr: '' });
  await stop(server);
}, 180_000);

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
