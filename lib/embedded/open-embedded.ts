// The log in one process: embedded stores, log and broker wired together, with their maintenance. The one wiring of them, for
// the server and for a client that has the log in its own process.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BytePool } from '../base/byte-pool.ts';
import { type Clock, inputHandled } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import { KeyWatch } from '../base/key-watch.ts';
import { accelerateChecksums } from '../broker/accelerate.ts';
import type { Broker } from '../broker/broker.ts';
import { createBroker } from '../broker/create-broker.ts';
import { sweepGroups } from '../groups/collect-groups.ts';
import { createCoordinator } from '../groups/create-coordinator.ts';
import { GROUP_LIMITS } from '../groups/limits.ts';
import { matchTopics } from '../groups/subscription.ts';
import { BatchPlaces } from '../log/batch-places.ts';
import { EMBEDDED_LIMITS } from '../log/limits.ts';
import { Log } from '../log/log.ts';
import type { WriterEvents } from '../log/partition-writer.ts';
import type { SealResult } from '../log/seal.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../storage/embedded/open.ts';
import { createTieredObjectStore } from '../storage/tiered-object-store.ts';
import { resumeDeletions } from '../topics/delete-topic.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { Maintenance } from './maintenance.ts';

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly dice: Dice;
  /** Kafka's auto.create.topics.enable. Default: true. */
  readonly autoCreateTopics?: boolean;
  /** Kafka's num.partitions. Default: 1. */
  readonly partitionsDefault?: number;
  /** Kafka's group.initial.rebalance.delay.ms. Default: 3 s. */
  readonly initialRebalanceDelayMs?: number;
  /** Where the memory of large reads comes from: to be given back by who has passed them on. Default: nothing is kept. */
  readonly pool?: BytePool;
  /** Default true: seals and removes in the background. */
  readonly isMaintained?: boolean;
  /** Told of segments that were made. */
  readonly onSealed?: (partitionId: string, result: SealResult) => void;
  /** Told of background work, as `what` names it, that failed. It is nobody's loss: the work is tried again. */
  readonly onError: (what: string, error: unknown) => void;
}

/** A log that this process has for itself. */
export interface Embedded {
  readonly broker: Broker;
  readonly log: Log;
  /** Ends what is under way, then closes the stores: nothing may be asked of broker and log from then on. */
  close(): Promise<void>;
}

/** Nobody else appends, so a waiting fetch is always woken by the log's own events. */
const NO_POLLING = { pollMsMin: Infinity, pollMsMax: Infinity };

/**
 * Opens the log in `dataDir`, making it if it is not there. Throws KAFKA_STORAGE_ERROR, not retriable, where another process
 * has it or it holds what this version does not know, and what the file system says where it cannot be made.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { clock, pool, isMaintained = true, autoCreateTopics = true } = options;
  const { partitionsDefault = TOPIC_LIMITS.partitionsDefault } = options;
  const { initialRebalanceDelayMs = GROUP_LIMITS.initialRebalanceDelayMs } = options;
  await accelerateChecksums();
  const folder = resolve(options.dataDir);
  makeFolder(folder);
  const stores = await openEmbeddedStores(folder, { clock, ...(pool && { pool }) });
  const watch = new KeyWatch(clock);
  const log = createLog(options, stores, {
    onAppended: (partitionId) => {
      watch.notify(partitionId);
    },
    onSealDue: (partitionId) => {
      maintenance.sealSoon(partitionId);
    },
  });
  const maintenance = createMaintenance(options, stores, log);
  if (isMaintained) maintenance.start();
  return {
    broker: createBroker({
      ...{ log, watch, matchTopics },
      topicLimits: { ...TOPIC_LIMITS, partitionsDefault },
      groupLimits: { ...GROUP_LIMITS, initialRebalanceDelayMs },
      settings: { autoCreateTopics, ...NO_POLLING },
    }),
    log,
    close: async () => {
      await maintenance.stop();
      await log.settle();
      await stores.close();
    },
  };
}

/** As `mkdir -p`. Node's own never ends in a folder like /proc, which says that it is not there itself. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

function createLog(
  { clock, dice, pool, onError }: EmbeddedOptions,
  { items, objects: large }: EmbeddedStores,
  events: WriterEvents,
): Log {
  const limits = EMBEDDED_LIMITS;
  const objects = createTieredObjectStore({
    ...{ items, large, clock, hotExpiryMs: limits.hotExpiryMs },
    // The append that names an object is a later write of the same store.
    putItem: (table, item) => items.putInOrder(table, item),
  });
  return new Log(
    {
      ...{ items, objects, clock, dice, limits, gather: inputHandled, places: new BatchPlaces() },
      ...(pool && {
        giveBack: (bytes) => {
          pool.giveBack(bytes);
        },
      }),
    },
    {
      ...events,
      onRollFailed: (partitionId, error) => {
        onError(`a roll of ${partitionId}`, error);
      },
    },
  );
}

function createMaintenance(
  { onSealed = () => undefined, onError }: EmbeddedOptions,
  { items, objects: files }: EmbeddedStores,
  log: Log,
): Maintenance {
  const coordinator = createCoordinator({ ...log.deps, limits: TOPIC_LIMITS }, NO_POLLING);
  return new Maintenance({
    ...{ log, items, files, onSealed, onError },
    collectTopics: () => resumeDeletions(log.deps),
    sweepGroups: () =>
      sweepGroups(coordinator, {
        onError: (groupId, error) => {
          onError(`sweeping the group ${groupId}`, error);
        },
      }),
  });
}
