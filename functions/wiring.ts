// Where environment, adapters and log meet: what every function has for as long as Lambda keeps its process. The parts of the
// broker that a function serves are put on at its entry, so that its bundle has no others.
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { ACCOUNT_SETTINGS, createAccountLogDeps } from '../lib/account/account-log-deps.ts';
import { createSystemClock } from '../lib/base/clock.ts';
import { createSystemDice } from '../lib/base/dice.ts';
import { KeyWatch } from '../lib/base/key-watch.ts';
import { createBrokerCore, type BrokerCore, type BrokerSettings } from '../lib/broker/broker-core.ts';
import { Log } from '../lib/log/log.ts';
import { DYNAMODB_CLIENT_OPTIONS } from '../lib/storage/dynamodb/client-options.ts';
import { S3_CLIENT_OPTIONS } from '../lib/storage/s3/client-options.ts';
import { TOPIC_LIMITS } from '../lib/topics/limits.ts';
import { readEnvironment, type FunctionEnvironment } from './environment.ts';
import { METRICS_NAMESPACE } from './metric-names.ts';
import type { Clock } from '../lib/base/clock.ts';
import type { Dice } from '../lib/base/dice.ts';
import type { InvokeLater } from './invoke-later.ts';
import type { SealEvent } from './seal-event.ts';

export interface Wired {
  readonly environment: FunctionEnvironment;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly log: Log;
  /** What the parts of its broker are made of. */
  readonly core: BrokerCore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Resolves when no append, roll or wake is under way. Lambda freezes a process that has answered, so wait for it first. */
  settle(): Promise<void>;
}

export interface WireOptions {
  readonly invokeLater?: InvokeLater;
  /** What is otherwise than in a function. */
  readonly settings?: Partial<BrokerSettings>;
}

/**
 * Wires a function; once for each process, outside its handler. `invokeLater` is for those who append: they wake sealers.
 * Throws where the environment is not what infra sets.
 */
export function wire({ invokeLater, settings }: WireOptions = {}): Wired {
  const environment = readEnvironment(process.env);
  const [clock, dice] = [createSystemClock(), createSystemDice()];
  const logger = new Logger();
  const watch = new KeyWatch(clock);
  const sealers = createWaker(environment, logger, invokeLater);
  const dynamodb = new DynamoDBClient(DYNAMODB_CLIENT_OPTIONS);
  const s3 = new S3Client(S3_CLIENT_OPTIONS);
  const log = new Log(createAccountLogDeps(environment.account, { dynamodb, s3, clock, dice }), {
    onAppended: (partitionId) => {
      watch.notify(partitionId);
    },
    onSealDue: sealers.wake,
    onRollFailed: (partitionId, error) => {
      logger.warn(`a roll of ${partitionId} failed; the next append does it`, error as Error);
    },
  });
  return {
    ...{ environment, clock, dice, log, logger },
    core: createBrokerCore({
      ...{ log, watch, topicLimits: TOPIC_LIMITS },
      settings: { ...ACCOUNT_SETTINGS, ...settings },
    }),
    metrics: new Metrics({ namespace: METRICS_NAMESPACE }),
    settle: async () => {
      await log.settle();
      await sealers.settle();
    },
  };
}

/** Wakes the sealing function, where there is one. */
function createWaker({ sealFunction }: FunctionEnvironment, logger: Logger, invokeLater?: InvokeLater) {
  const waking = new Set<Promise<void>>();
  return {
    wake: (partitionId: string): void => {
      if (sealFunction === undefined || invokeLater === undefined) return;
      const event: SealEvent = { partitionId };
      const wake = invokeLater(sealFunction, event)
        .catch((error: unknown) => {
          logger.warn(`no sealer was woken for ${partitionId}; the sweep seals it`, error as Error);
        })
        .finally(() => waking.delete(wake));
      waking.add(wake);
    },
    /** Resolves when no wake is under way. */
    settle: async (): Promise<void> => {
      await Promise.all(waking);
    },
  };
}
