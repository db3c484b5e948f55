// Wadi in a simulated account: the real log and broker in the processes of simulated functions, over simulated stores.
import { KeyWatch } from '../base/key-watch.ts';
import { createBroker } from '../broker/create-broker.ts';
import { sweep } from '../broker/sweep.ts';
import { AWS_LIMITS } from '../log/limits.ts';
import { Log } from '../log/log.ts';
import { cacheObjects } from '../storage/caching.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { createTopic } from '../topics/create-topic.ts';
import { resumeDeletions } from '../topics/delete-topic.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { ASSUMED, DEPLOYED, FETCH } from './assumptions.ts';
import { createSeededDice } from '../base/seeded-dice.ts';
import { SimulatedClock } from './simulated-clock.ts';
import {
  SimulatedFunction,
  workMsOf,
  type FunctionName,
  type FunctionProcess,
} from './simulated-function.ts';
import { createSimulatedStores, type CountedStores, type SimulatedStores } from './simulated-stores.ts';
import { sum, type Tally } from './tally.ts';
import type { Dice } from '../base/dice.ts';
import type { Broker, FetchedBatches } from '../broker/broker.ts';
import type { OwnedTopic } from '../groups/groups.ts';

const TOPIC = 'records';
const START_MS = Date.UTC(2026, 0, 1);

interface Process extends FunctionProcess {
  readonly log: Log;
  readonly broker: Broker;
}

/** A consumer's requests to the first partition, counted apart from all else. */
export interface ConsumerFunction {
  /** `maxWaitMs` 0 answers at once; `signal` ends a wait. */
  fetch(offset: number, maxWaitMs: number, signal: AbortSignal): Promise<FetchedBatches>;
  tally(): Tally;
}

/** A member of a consumer group that owns what it is assigned, and reads nothing. */
export interface GroupMember {
  /** Answers when the next heartbeat is due, in milliseconds from now. */
  beat(): Promise<number>;
}

/** The members of one group; what they use is counted apart from all else. */
export interface GroupMembers {
  readonly members: readonly GroupMember[];
  tally(): Tally;
  reset(): void;
}

/** One topic in an account of its own; records go to its first partition. Owned by one simulation. */
export class SimulatedAccount {
  readonly clock: SimulatedClock;
  readonly dice: Dice;
  readonly stores: SimulatedStores;
  /** Of the first partition. */
  readonly partitionId: string;
  readonly #shared: CountedStores;
  readonly #produce: SimulatedFunction<Process>;
  readonly #seal: SimulatedFunction<Process>;
  readonly #sweep: SimulatedFunction<Process>;
  readonly #sealing = new Set<Promise<void>>();

  private constructor(own: Pick<SimulatedAccount, 'clock' | 'dice' | 'stores' | 'partitionId'>) {
    this.clock = own.clock;
    this.dice = own.dice;
    this.stores = own.stores;
    this.partitionId = own.partitionId;
    this.#shared = own.stores.counted();
    this.#produce = this.#functionOf('produce', this.#shared);
    this.#seal = this.#functionOf('seal', this.#shared);
    this.#sweep = this.#functionOf('sweep', this.#shared);
  }

  /** An account with an empty topic. Nothing of making it is counted. */
  static async open(partitions: number): Promise<SimulatedAccount> {
    const clock = new SimulatedClock(START_MS);
    const dice = createSeededDice(1);
    const stores = createSimulatedStores(clock);
    const deps = { items: stores.items, clock, dice, limits: TOPIC_LIMITS };
    const { topicId } = await createTopic(deps, { name: TOPIC, partitions });
    return new SimulatedAccount({ clock, dice, stores, partitionId: partitionIdOf(topicId, 0) });
  }

  /** One request that produces a batch. Rejects where it is not stored. */
  async produce(batch: Uint8Array): Promise<void> {
    await this.#produce.invoke(workMsOf(batch.length), ({ broker }) =>
      broker.produce({ topic: TOPIC, partition: 0, batch }),
    );
  }

  /** One run of the hourly sweep. */
  async sweep(): Promise<void> {
    await this.#sweep.invoke(0, async ({ log }) => {
      const { failures } = await sweep(log, {
        onError: (partitionId, error) => {
          throw new Error(`the sweep of ${partitionId} failed`, { cause: error });
        },
      });
      if (failures > 0) throw new Error(`the sweep failed for ${failures} partitions`);
      await resumeDeletions(log.deps);
    });
  }

  /** Seals whatever there is; before that, lets those sealers end that were woken. */
  async sealAll(): Promise<void> {
    await this.settle();
    await this.#seal.invoke(0, async ({ log }) => log.seal(this.partitionId, { all: true }));
  }

  /** Resolves when no woken sealer is at work. */
  async settle(): Promise<void> {
    while (this.#sealing.size > 0) await Promise.all(this.#sealing);
  }

  consumer(): ConsumerFunction {
    const stores = this.stores.counted();
    const consume = this.#functionOf('consume', stores);
    return {
      fetch: (offset, maxWaitMs, signal) =>
        consume.invoke(0, async ({ broker }) => {
          const request = { topic: TOPIC, partition: 0, offset, maxBytes: FETCH.bytesMax, maxWaitMs, signal };
          const fetched = await broker.fetch(request);
          await this.clock.sleep(workMsOf(fetched.batches.length));
          return fetched;
        }),
      // Writes are not the consumer's: it makes none.
      tally: () =>
        sum(
          new Map([...stores.tally()].filter(([name]) => name === 'readUnits' || name === 'gets')),
          consume.tally(),
        ),
    };
  }

  /** Members of a group that subscribes to the topic, each a process by itself. */
  groupMembers(count: number): GroupMembers {
    const stores = this.stores.counted();
    const members = Array.from({ length: count }, (_, at) => createMember(this.#start(stores).broker, at));
    return {
      members,
      tally: () => stores.tally(),
      reset: () => {
        stores.reset();
      },
    };
  }

  /** What all but consumers have used since the last `reset`. */
  tally(): Tally {
    return sum(this.#shared.tally(), this.#produce.tally(), this.#seal.tally(), this.#sweep.tally());
  }

  /** Counts from here on. Nothing may be under way. */
  reset(): void {
    this.#shared.reset();
    for (const one of [this.#produce, this.#seal, this.#sweep]) one.reset();
  }

  #functionOf(name: FunctionName, stores: CountedStores): SimulatedFunction<Process> {
    return new SimulatedFunction(this.clock, name, () => this.#start(stores));
  }

  /** Wires a process as functions/wiring.ts does. */
  #start({ items, objects }: CountedStores): Process {
    const { clock, dice } = this;
    const watch = new KeyWatch(clock);
    const waking = new Set<Promise<void>>();
    const onSealDue = () => {
      const wake = clock.sleep(ASSUMED.wakeMs).then(() => {
        waking.delete(wake);
        this.#wakeSealer();
      });
      waking.add(wake);
    };
    const onRollFailed = (partitionId: string, error: unknown) => {
      throw new Error(`a roll of ${partitionId} failed`, { cause: error });
    };
    const log = new Log(
      {
        ...{ items, clock, dice, limits: AWS_LIMITS },
        objects: cacheObjects(objects, { bytesMax: DEPLOYED.cacheBytesMax }),
      },
      {
        onAppended: (partitionId) => {
          watch.notify(partitionId);
        },
        ...{ onSealDue, onRollFailed },
      },
    );
    const { pollMsMin, pollMsMax } = FETCH;
    const settings = { autoCreateTopics: false, pollMsMin, pollMsMax };
    return {
      log,
      broker: createBroker({ log, watch, topicLimits: TOPIC_LIMITS, settings }),
      settle: async () => {
        await log.settle();
        await Promise.all(waking);
      },
    };
  }

  /** As functions/seal.ts: until nothing is due. */
  #wakeSealer(): void {
    const sealing = this.#seal
      .invoke(0, async ({ log }) => {
        for (;;) {
          const { segments, bytes } = await log.seal(this.partitionId);
          await this.clock.sleep(workMsOf(bytes));
          if (segments === 0) return;
        }
      })
      .finally(() => this.#sealing.delete(sealing));
    this.#sealing.add(sealing);
  }
}

function createMember({ groups }: Broker, at: number): GroupMember {
  let memberEpoch = 0;
  let ownedPartitions: readonly OwnedTopic[] | undefined = [];
  return {
    beat: async () => {
      const answer = await groups.consumerGroupHeartbeat({
        ...{
          groupId: 'group',
          memberId: `member-${at}`,
          clientId: 'cost',
          clientHost: '/127.0.0.1',
          memberEpoch,
        },
        ...(memberEpoch === 0 && { subscribedTopicNames: [TOPIC], rebalanceTimeoutMs: 60_000 }),
        ...(ownedPartitions && { ownedPartitions }),
      });
      memberEpoch = answer.memberEpoch;
      ownedPartitions = answer.assignment?.map(({ topicId, partitions }) => ({ topicId, partitions }));
      return answer.heartbeatIntervalMs;
    },
  };
}
