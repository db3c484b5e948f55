// The log in one process: embedded stores, log and broker wired together, with their maintenance.
import { matchTopics } from '../groups/subscription.ts';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Logger } from 'pino';
import { type Clock, inputHandled } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import { toBrokerError } from '../base/errors.ts';
import { accelerateChecksums } from '../broker/accelerate.ts';
import { KeyWatch } from '../base/key-watch.ts';
import type { Broker } from '../broker/broker.ts';
import { createBroker } from '../broker/create-broker.ts';
import { EMBEDDED_LIMITS } from '../log/limits.ts';
import { Log } from '../log/log.ts';
import { openEmbeddedStores, type EmbeddedStores } from '../storage/embedded/open.ts';
import { createTieredObjectStore } from '../storage/tiered-object-store.ts';
import { resumeDeletions } from '../topics/delete-topic.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { CliError } from './exit.ts';
import { sweepGroups } from '../groups/collect-groups.ts';
import { createCoordinator } from '../groups/create-coordinator.ts';
import { Maintenance } from './maintenance.ts';

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly logger: Logger;
  /** Kafka's auto.create.topics.enable. Default: true. */
  readonly autoCreateTopics?: boolean;
  /** Default true: seals and removes in the background. */
  readonly isMaintained?: boolean;
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
 * Opens the log in `dataDir`, making it if it is not there. Throws a CliError that names the folder where another process
 * has it, where it cannot be written, where the disk is full, and where it holds what this version does not know.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { clock, logger, isMaintained = true, autoCreateTopics = true } = options;
  await accelerateChecksums();
  const stores = await openStores(options);
  const watch = new KeyWatch(clock);
  const log = createLog(options, stores, {
    watch,
    sealSoon: (partitionId) => {
      maintenance.sealSoon(partitionId);
    },
  });
  const maintenance = new Maintenance({
    log,
    items: stores.items,
    files: stores.objects,
    collectTopics: () => resumeDeletions(log.deps),
    sweepGroups: () =>
      sweepGroups(createCoordinator({ ...log.deps, limits: TOPIC_LIMITS }, NO_POLLING), {
        onError: (groupId, error) => {
          logger.error({ err: error, groupId }, 'a group was not swept');
        },
      }),
    onSealed: (partitionId, { segments, bytes }) => {
      logger.info({ partitionId, segments, bytes }, 'sealed');
    },
    onError: (what, error) => {
      logger.error({ err: error }, `${what} failed and is tried again`);
    },
  });
  if (isMaintained) maintenance.start();
  return {
    broker: createBroker({
      matchTopics,
      log,
      watch,
      topicLimits: TOPIC_LIMITS,
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

async function openStores({ dataDir, clock }: EmbeddedOptions): Promise<EmbeddedStores> {
  const folder = resolve(dataDir);
  try {
    makeFolder(folder);
    return await openEmbeddedStores(folder, { clock });
  } catch (error) {
    const { message } = toBrokerError(error);
    throw new CliError(message.includes(dataDir) ? message : `${dataDir}: ${message}`, { cause: error });
  }
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

interface LogListeners {
  readonly watch: KeyWatch;
  readonly sealSoon: (partitionId: string) => void;
}

function createLog(
  { clock, dice, logger }: EmbeddedOptions,
  { items, objects: large }: EmbeddedStores,
  { watch, sealSoon }: LogListeners,
): Log {
  const limits = EMBEDDED_LIMITS;
  const objects = createTieredObjectStore({ items, large, clock, hotExpiryMs: limits.hotExpiryMs });
  return new Log(
    { items, objects, clock, dice, limits, gather: inputHandled },
    {
      onAppended: (partitionId) => {
        watch.notify(partitionId);
      },
      onSealDue: sealSoon,
      onRollFailed: (partitionId, error) => {
        logger.warn({ partitionId, err: error }, 'a roll failed: the next append does it');
      },
    },
  );
}
