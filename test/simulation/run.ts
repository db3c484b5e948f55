// One run: a seed draws the world, its actors act, faults stop, everything comes to rest, and the history is checked.
import { readBatchHeader, splitBatches } from '../../lib/record/batch-header.ts';
import { recordsOf } from '../../lib/record/record-batch.ts';
import { scrubPartition } from '../../lib/log/scrub.ts';
import { sweep } from '../../lib/broker/sweep.ts';
import { FEATURES } from './features.ts';
import { placesOf, type Place } from './partitions.ts';
import { textOf, World } from './world.ts';
import type { FinalPartition, History } from './history.ts';
import type { FaultKind } from './faults.ts';
import type { Member } from './world.ts';

export interface RunOptions {
  readonly seed: number;
  /** Actors begin nothing new after so many events. */
  readonly steps?: number;
  readonly print?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly steps: number;
  readonly calls: number;
  readonly acknowledged: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  readonly digest: string;
  readonly lastLines: readonly string[];
}

const STEPS = 6_000;

/** Once nothing goes wrong any more, whatever is under way must be over within so much time. */
const REST_MS_MAX = 60 * 60_000;

/** Never throws for what the code under test does: that is a violation. */
export async function run({ seed, steps = STEPS, print }: RunOptions): Promise<RunResult> {
  const world = new World({ seed, ...(print && { print }) });
  // For the probes (patches.ts).
  Object.assign(globalThis, {
    simCount: (what: string) => {
      world.count(what);
    },
  });
  const violations: string[] = [];
  try {
    await act(world, steps);
    violations.push(...(await settle(world)));
    violations.push(...(await failuresOf(world)));
    for (const { finish } of FEATURES) if (finish) await runClean(world, (member) => finish(world, member));
    violations.push(...(await check(world)));
  } catch (error) {
    violations.push(`the run failed: ${(error as Error).stack ?? String(error)}`);
  }
  const produced = world.events.filter(({ kind, outcome }) => kind === 'produce' && outcome === 'ok');
  return {
    seed,
    steps: world.scheduler.steps,
    calls: world.network.calls,
    acknowledged: produced.length,
    faults: world.network.faults,
    counts: world.counts,
    violations: [...world.stores.violations, ...violations],
    digest: world.trace.digest(),
    lastLines: world.trace.lastLines,
  };
}

/** Set-up without faults, then everybody at once until they are done or the time is up. */
async function act(world: World, steps: number): Promise<void> {
  const preparing = track(prepare(world));
  const isPrepared = await world.scheduler.run(() => preparing.isOver, { stepsMax: 10_000 });
  if (!isPrepared) throw new Error('the set-up did not come to its end');
  await preparing.promise;
  world.network.begin();
  for (let count = world.dice.between(1, 4); count > 0; count--) world.start();
  const acting = FEATURES.flatMap(({ actors }) => actors(world.dice.fork(), world)).map((actor, at) => {
    const name = `${actor.name || 'actor'}-${at}`;
    return track(actor({ world, dice: world.dice.fork(), name: `a${at}` }), name);
  });
  const endless = new Set(['sweeper', 'expirer', 'chaos']);
  const finite = acting.filter(({ name }) => !endless.has(name.replace(/-\d+$/, '')));
  await world.scheduler.run(() => finite.every(({ isOver }) => isOver), { stepsMax: steps });
  world.acting = acting.map(({ promise }) => promise);
}

async function prepare(world: World): Promise<void> {
  const first = world.start();
  for (const feature of FEATURES) await feature.prepare?.(world, first);
}

/** Ends faults and frozen processes, and waits until all calls are answered and all late requests have arrived. */
async function settle(world: World): Promise<readonly string[]> {
  world.isEnding = true;
  world.network.calm();
  for (const { process } of world.members) process.thaw();
  const calmMs = world.scheduler.nowMs;
  await world.scheduler.run(() => false, { limitMs: calmMs + REST_MS_MAX });
  const open = world.openCalls();
  const late = open.map(
    (event) => `${event.actor} waits for an answer to ${event.kind} an hour after the last fault`,
  );
  // Requests on their way for hours arrive after everything else; sweeps go on meanwhile.
  for (let hours = 0; world.network.underWay > 0 && hours < 48; hours++) {
    await runClean(world, async ({ log }) => {
      await sweep(log, { onError: () => undefined });
    });
    await world.scheduler.run(() => world.network.underWay === 0, {
      limitMs: world.scheduler.nowMs + 60 * 60_000,
    });
  }
  return late;
}

/** Actors end; one that throws has met what nobody may. Those who wait for the dead never end. */
async function failuresOf({ acting }: World): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const promise of acting) {
    promise.catch((error: unknown) => {
      failures.push(`an actor failed: ${(error as Error).message}`);
    });
  }
  await new Promise((resolve) => setImmediate(resolve));
  return failures;
}

/** A step by a process that nothing befalls; throws what it throws, or if it does not end. */
async function runClean<T>(world: World, step: (member: Member) => Promise<T>): Promise<T> {
  const working = track(step(world.start()));
  const isOver = await world.scheduler.run(() => working.isOver, {
    limitMs: world.scheduler.nowMs + REST_MS_MAX,
  });
  if (!isOver) throw new Error('a process that nothing befalls does not come to its end');
  return working.promise;
}

async function check(world: World): Promise<readonly string[]> {
  const places = await placesOf(world);
  const final: FinalPartition[] = [];
  const wrong: string[] = [];
  for (const place of places) {
    const read = await runClean(world, (member) => readAll(member, place));
    wrong.push(...(await scrub(world, place, 'at rest')));
    await runClean(world, ({ log }) => log.seal(place.partitionId, { all: true }));
    const again = await runClean(world, (member) => readAll(member, place));
    wrong.push(...(await scrub(world, place, 'after sealing')));
    if (JSON.stringify(again.values) !== JSON.stringify(read.values))
      wrong.push(`${place.topic}-${place.partition} reads differently after sealing`);
    final.push(read);
  }
  const { groupVersions, offsetVersions } = world.stores;
  const history: History = { events: world.events, groupVersions, offsetVersions, final };
  return [...wrong, ...FEATURES.flatMap(({ checks }) => checks.flatMap((one) => one(history)))];
}

async function scrub(
  world: World,
  { topic, partition, partitionId }: Place,
  when: string,
): Promise<readonly string[]> {
  const { findings } = await runClean(world, ({ deps }) => scrubPartition(deps, partitionId));
  return findings.map(({ invariant, message }) => `${topic}-${partition} ${when}, ${invariant}: ${message}`);
}

async function readAll({ log }: Member, { topic, partition, partitionId }: Place): Promise<FinalPartition> {
  const values: string[] = [];
  const timestampsMs: number[] = [];
  const sequences: FinalPartition['sequences'][number][] = [];
  const { highWatermark } = await log.offsets(partitionId);
  while (values.length < highWatermark) {
    const { batches } = await log.read(partitionId, { offset: values.length, maxBytes: 2_000 });
    for (const { bytes } of batches) {
      const { producerId, baseSequence } = readBatchHeader(bytes);
      for (const { offset, value, timestampMs } of recordsOf(bytes)) {
        if (offset !== values.length) throw new Error(`offset ${offset} where ${values.length} should be`);
        const at = offset - (splitBatches(bytes)[0]?.header.baseOffset ?? 0);
        sequences.push(producerId < 0n ? undefined : { producerId, sequence: baseSequence + at });
        values.push(textOf(value));
        timestampsMs.push(timestampMs);
      }
    }
  }
  return { topic, partition, values, timestampsMs, sequences };
}

interface Tracked<T> {
  readonly promise: Promise<T>;
  readonly name: string;
  readonly isOver: boolean;
}

function track<T>(promise: Promise<T>, name = ''): Tracked<T> {
  const tracked = { promise, name, isOver: false };
  const over = () => {
    tracked.isOver = true;
  };
  promise.then(over, over);
  return tracked;
}
