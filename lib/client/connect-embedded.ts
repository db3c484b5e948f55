// A client with the log in its own process: the SQLite and files that `npm start` serves.
import { matchTopics } from '../groups/subscription.ts';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createSystemClock, inputHandled } from '../base/clock.ts';
import { createSystemDice } from '../base/dice.ts';
import type { BrokerError } from '../base/errors.ts';
import { KeyWatch } from '../base/key-watch.ts';
import { accelerateChecksums } from '../broker/accelerate.ts';
import { createBroker } from '../broker/create-broker.ts';
import { EMBEDDED_LIMITS } from '../log/limits.ts';
import { Log } from '../log/log.ts';
import { openEmbeddedStores } from '../storage/embedded/open.ts';
import { createTieredObjectStore } from '../storage/tiered-object-store.ts';
import { TOPIC_LIMITS } from '../topics/limits.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';
import { Sealer } from './sealer.ts';

export interface EmbeddedOptions extends ClientOptions {
  /** Made where it is not there. One process at a time has it: a server or a client. */
  readonly dataDir: string;
  /** Kafka's auto.create.topics.enable. Default: true. */
  readonly autoCreateTopics?: boolean;
  /** Told of background work that failed and is done another time. Default: nobody is. */
  readonly onError?: (error: BrokerError) => void;
}

/** Nobody else appends, so a waiting fetch is always woken by the log's own events. */
const NO_POLLING = { pollMsMin: Infinity, pollMsMax: Infinity };

/**
 * Opens the log in `dataDir`. Throws KAFKA_STORAGE_ERROR, not retriable, where another process has it, and what the file
 * system says where it cannot be made. It seals, but removes nothing: what is sealed or expired is removed by the next server.
 */
export async function connectEmbedded(options: EmbeddedOptions): Promise<Client> {
  const clock = options.clock ?? createSystemClock({ unref: true });
  const dice = options.dice ?? createSystemDice();
  const { autoCreateTopics = true, onError = () => undefined } = options;
  await accelerateChecksums();
  const folder = resolve(options.dataDir);
  await mkdir(folder, { recursive: true });
  const stores = await openEmbeddedStores(folder, { clock });
  const { items, objects: large } = stores;
  const limits = EMBEDDED_LIMITS;
  const objects = createTieredObjectStore({ items, large, clock, hotExpiryMs: limits.hotExpiryMs });
  const watch = new KeyWatch(clock);
  const sealer = new Sealer(onError);
  const log = new Log(
    { items, objects, clock, dice, limits, gather: inputHandled },
    {
      onAppended: (partitionId) => {
        watch.notify(partitionId);
      },
      onSealDue: (partitionId) => {
        sealer.sealSoon(log, partitionId);
      },
    },
  );
  const broker = createBroker({
    matchTopics,
    ...{ log, watch, topicLimits: TOPIC_LIMITS },
    settings: { autoCreateTopics, ...NO_POLLING },
  });
  return createClient(broker, { ...options, clock, dice }, async () => {
    await sealer.stop();
    await log.settle();
    await stores.close();
  });
}
