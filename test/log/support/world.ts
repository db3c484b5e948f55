// Processes over stores in memory that they share, each with faults of its own, and what must be true of the log after them.
import { expect } from 'vitest';
import { KeyWatch } from '../../../lib/base/key-watch.ts';
import { createBroker } from '../../../lib/broker/create-broker.ts';
import { Log } from '../../../lib/log/log.ts';
import { openPartitions } from '../../../lib/log/partitions.ts';
import { scrubPartition } from '../../../lib/log/scrub.ts';
import { splitBatches } from '../../../lib/record/batch-header.ts';
import { encodeBatch, recordsOf, type EncodeOptions } from '../../../lib/record/record-batch.ts';
import { createMemoryItemStore } from '../../../lib/storage/embedded/memory-item-store.ts';
import { createMemoryObjectStore } from '../../../lib/storage/embedded/memory-object-store.ts';
import { createFaultyProcess, type FaultPlan, type FaultyProcess } from '../../../lib/storage/faulty.ts';
import { createTieredObjectStore } from '../../../lib/storage/tiered-object-store.ts';
import { TOPIC_LIMITS } from '../../../lib/topics/limits.ts';
import { createJumpingClock, type JumpingClock } from '../../support/jumping-clock.ts';
import { createSeededDice } from '../../../lib/base/seeded-dice.ts';
import { Ledger } from './ledger.ts';
import { PARTITION_ID, SMALL_LIMITS, TOPIC_ID } from './small-limits.ts';
import { slowItems, slowObjects } from './slow-store.ts';
import type { Broker } from '../../../lib/broker/broker.ts';
import type { LogDeps } from '../../../lib/log/log-deps.ts';
import type { LogLimits } from '../../../lib/log/limits.ts';
import type { ItemStore } from '../../../lib/storage/ports/item-store.ts';
import type { ObjectStore } from '../../../lib/storage/ports/object-store.ts';
import type { AppendResult } from '../../../lib/log/commit.ts';

export interface Process {
  readonly log: Log;
  readonly broker: Broker;
  readonly faults: FaultyProcess;
  readonly deps: LogDeps;
  /** Appends one batch of these values and notes it in the ledger. A process that has died answers nobody. */
  append(values: readonly string[], options?: AppendOptions): Promise<AppendResult>;
}

export interface AppendOptions extends EncodeOptions {
  readonly partitionId?: string;
  /** Each value is padded to this many bytes, to go where such batches go. */
  readonly bytes?: number;
}

export interface WorldOptions {
  readonly seed?: number;
  readonly limits?: LogLimits;
  /** Requests take turns of the event loop, as many as the seed says; else each is answered before the next turn. */
  readonly isSlow?: boolean;
  /** Default: memory. */
  readonly items?: ItemStore;
  readonly files?: ObjectStore;
  /** Default: one that begins in 2026. */
  readonly clock?: JumpingClock;
}

export class World {
  readonly clock: JumpingClock;
  readonly items: ItemStore;
  readonly files: ObjectStore;
  readonly ledger = new Ledger();
  readonly #limits: LogLimits;
  #seed: number;

  constructor({ seed = 1, limits = SMALL_LIMITS, isSlow = false, ...stores }: WorldOptions = {}) {
    const clock = stores.clock ?? createJumpingClock();
    const items = stores.items ?? createMemoryItemStore({ clock });
    const files = stores.files ?? createMemoryObjectStore({ clock });
    const dice = createSeededDice(seed);
    this.clock = clock;
    this.items = isSlow ? slowItems(items, dice) : items;
    this.files = isSlow ? slowObjects(files, dice) : files;
    this.#limits = limits;
    this.#seed = seed * 1_000;
  }

  /** A world whose partition is open. */
  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    await openPartitions(world.items, TOPIC_ID, 0, 1);
    return world;
  }

  /** One more process. Without a plan nothing befalls it. */
  start(plan: FaultPlan = () => undefined): Process {
    const { clock } = this;
    const faults = createFaultyProcess(plan);
    const items = faults.items(this.items);
    const large = faults.objects(this.files);
    const deps: LogDeps = {
      ...{ items, clock, limits: this.#limits },
      objects: createTieredObjectStore({ items, large, clock }),
      dice: createSeededDice(this.#seed++),
    };
    const log = new Log(deps);
    const broker = createBroker({
      log,
      watch: new KeyWatch(clock),
      topicLimits: TOPIC_LIMITS,
      settings: { autoCreateTopics: false, pollMsMin: 10, pollMsMax: 100 },
    });
    return { log, broker, faults, deps, append: (...call) => this.#append(log, faults, ...call) };
  }

  async #append(
    log: Log,
    faults: FaultyProcess,
    values: readonly string[],
    { partitionId = PARTITION_ID, bytes = 0, ...options }: AppendOptions = {},
  ): Promise<AppendResult> {
    const records = values.map((value) => ({
      ...{ key: null, headers: [], timestampMs: this.clock.now() },
      value: Buffer.from(value.padEnd(bytes, '.')),
    }));
    this.ledger.attempt(values);
    const [result] = await log.append(partitionId, splitBatches(encodeBatch(records, options)));
    if (!result) throw new Error('no result');
    if (!faults.isCrashed) this.ledger.answer(values, result);
    return result;
  }

  /** All values of a partition, in the order of their offsets, which must be without a gap. */
  async readAll(partitionId = PARTITION_ID): Promise<readonly string[]> {
    const { log } = this.start();
    const values: string[] = [];
    const { logStartOffset, highWatermark } = await log.offsets(partitionId);
    expect(logStartOffset).toBe(0);
    while (values.length < highWatermark) {
      const { batches } = await log.read(partitionId, { offset: values.length, maxBytes: 500 });
      const records = batches.flatMap(({ bytes }) => [...recordsOf(bytes)]);
      expect(records[0]?.offset).toBe(values.length);
      for (const { offset, value } of records) {
        expect(offset).toBe(values.length);
        values.push(
          Buffer.from(value ?? [])
            .toString()
            .replace(/\.*$/, ''),
        );
      }
    }
    return values;
  }

  /** Everything that must hold whatever befell the processes: before sealing, after it, and while appending goes on. */
  async check(partitionId = PARTITION_ID): Promise<void> {
    await this.#checkNow(partitionId);
    const process = this.start();
    const probe = await process.append([`probe-${this.#seed}`], { partitionId });
    expect(probe).toMatchObject({ kind: 'stored' });
    await process.log.settle();
    await this.#checkNow(partitionId);
    await process.log.seal(partitionId, { all: true });
    await this.#checkNow(partitionId);
    expect(await process.append([`last-${this.#seed}`], { partitionId })).toMatchObject({ kind: 'stored' });
    await this.#checkNow(partitionId);
  }

  async #checkNow(partitionId: string): Promise<void> {
    const violations = this.ledger.violationsIn(await this.readAll(partitionId));
    const { findings } = await scrubPartition(this.start().deps, partitionId);
    const all = [...violations, ...findings.map(({ invariant, message }) => `${invariant}: ${message}`)];
    if (all.length > 0) throw new Error(all.join('; '));
  }
}
