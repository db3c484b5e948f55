// Many writers of one partition at once, each on its own or all in one log, while it is rolled and sealed: every record that
// was acknowledged is there once, at the offset that was answered.
import { describe, expect, it } from 'vitest';
import { AWS_LIMITS, EMBEDDED_LIMITS, type LogLimits } from '../../lib/log/limits.ts';
import { throttling, type FaultPlan } from '../../lib/storage/faulty.ts';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { PARTITION_ID, SMALL_LIMITS } from './support/small-limits.ts';
import { World, type Process } from './support/world.ts';
import type { Dice } from '../../lib/base/dice.ts';

const WRITERS = 32;
const BATCHES_EACH = 12;

const LIMITS: readonly (readonly [string, LogLimits])[] = [
  ['small limits', SMALL_LIMITS],
  ['the limits of AWS', AWS_LIMITS],
  ['the limits of the embedded server', EMBEDDED_LIMITS],
];

const upTo = (dice: Dice, max: number): number => Math.floor(dice.random() * max);

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** One after the other: batches of random sizes, of a producer for every third writer, with a pause now and then. */
async function write(process: Process, writer: number, dice: Dice): Promise<void> {
  const producerId = writer % 3 === 0 ? BigInt(writer) : undefined;
  let baseSequence = 0;
  for (let at = 0; at < BATCHES_EACH; at++) {
    const values = Array.from({ length: 1 + upTo(dice, 4) }, (_, record) => `${writer}-${at}-${record}`);
    const producer = producerId === undefined ? {} : { producerId, producerEpoch: 0, baseSequence };
    const bytes = [0, 40, 300, 2_000][upTo(dice, 4)] ?? 0;
    const result = await process.append(values, { ...producer, bytes });
    // As a producer does: what follows a batch that nobody knows of would be out of order.
    if (result.kind === 'refused' && producerId !== undefined) return;
    baseSequence += values.length;
    for (let pause = upTo(dice, 6); pause > 3; pause--) await turn();
  }
}

/** Seals while `isGoingOn`; sealers may race, and one that meets a fault is followed by another. */
async function seal(process: Process, isGoingOn: () => boolean): Promise<number> {
  let segments = 0;
  while (isGoingOn()) {
    const result = await process.log.seal(PARTITION_ID, { all: true }).catch(() => undefined);
    segments += result?.segments ?? 0;
    for (let pause = 0; pause < 20; pause++) await turn();
  }
  return segments;
}

/** Runs all writers with two sealers beside them; answers the segments that were made meanwhile. */
async function run(
  world: World,
  seed: number,
  { of, plan }: { of: () => Process; plan?: FaultPlan },
): Promise<number> {
  let writing = WRITERS;
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    const process = of();
    await write(process, writer, createSeededDice(seed * 100 + writer));
    writing--;
    await process.log.settle();
  });
  const sealers = [world.start(plan), world.start(plan)].map((process) => seal(process, () => writing > 0));
  await Promise.all(writers);
  const segments = await Promise.all(sealers);
  return segments.reduce((sum, each) => sum + each, 0);
}

/** As busy or broken stores are: some writes are throttled, some answers lost, some requests late. */
function troubles(seed: number): FaultPlan {
  const dice = createSeededDice(seed);
  return ({ isWrite }) => {
    const luck = dice.random();
    if (!isWrite || luck > 0.2) return undefined;
    if (luck < 0.07) return { kind: 'loseAnswer' };
    return luck < 0.14 ? { kind: 'delay', writes: 1 + upTo(dice, 12) } : throttling();
  };
}

describe.each(LIMITS)('32 writers, under %s', (_name, limits) => {
  it('each with a log of its own', async () => {
    const world = await World.open({ seed: 1, limits, isSlow: true });
    const segments = await run(world, 1, { of: () => world.start() });
    expect(world.ledger.stored).toBe(world.ledger.attempted);
    expect(segments).toBeGreaterThanOrEqual(3);
    await world.check();
  });

  it('in one log, which commits together what waits', async () => {
    const world = await World.open({ seed: 2, limits, isSlow: true });
    const process = world.start();
    await run(world, 2, { of: () => process });
    expect(world.ledger.stored).toBe(world.ledger.attempted);
    expect(process.faults.writes).toBeLessThan((WRITERS * BATCHES_EACH) / 2);
    await world.check();
  });
});

describe('32 writers in trouble', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('lose nothing and double nothing (seed %d)', async (seed) => {
    const world = await World.open({ seed, isSlow: true });
    const processes: Process[] = [];
    const of = (): Process => {
      const process = world.start(troubles(seed * 100 + processes.length));
      processes.push(process);
      return process;
    };
    await run(world, seed, { of, plan: troubles(seed) });
    for (const { faults } of processes) await faults.release();
    expect(world.ledger.stored).toBeGreaterThan(world.ledger.attempted / 2);
    await world.check();
  });
});
