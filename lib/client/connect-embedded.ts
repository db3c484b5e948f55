// A client with the log in its own process: the SQLite and files that `npm start` serves.
import { createSystemClock } from '../base/clock.ts';
import { createSystemDice } from '../base/dice.ts';
import { type BrokerError, toBrokerError } from '../base/errors.ts';
import { openEmbedded } from '../embedded/open-embedded.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';

export interface EmbeddedOptions extends ClientOptions {
  /** Made where it is not there. One process at a time has it: a server or a client. */
  readonly dataDir: string;
  /** Kafka's auto.create.topics.enable. Default: true. */
  readonly autoCreateTopics?: boolean;
  /** Told of background work that failed and is done another time. Default: nobody is. */
  readonly onError?: (error: BrokerError) => void;
}

/**
 * Opens the log in `dataDir`, and maintains it as a server does. Throws KAFKA_STORAGE_ERROR, not retriable, where another
 * process has it, and what the file system says where it cannot be made.
 */
export async function connectEmbedded(options: EmbeddedOptions): Promise<Client> {
  const clock = options.clock ?? createSystemClock({ unref: true });
  const dice = options.dice ?? createSystemDice();
  const { dataDir, autoCreateTopics, onError } = options;
  const embedded = await openEmbedded({
    ...{ dataDir, clock, dice },
    ...(autoCreateTopics !== undefined && { autoCreateTopics }),
    onError: (_what, error) => onError?.(toBrokerError(error)),
  });
  return createClient(embedded.broker, { ...options, clock, dice }, () => embedded.close());
}
