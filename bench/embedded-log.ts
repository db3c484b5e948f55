// The embedded server's log as the benchmarks use it: the same wiring, without HTTP and without maintenance in between.
import { pino } from 'pino';
import { createSystemClock } from '../lib/base/clock.ts';
import { createSystemDice } from '../lib/base/dice.ts';
import { openEmbedded } from '../lib/cli/embedded.ts';
import type { Embedded } from '../lib/embedded/open-embedded.ts';
import { partitionIdOf } from '../lib/storage/schema/head.ts';

/** The topic that is written to, and its one partition. */
export const TOPIC = 'bench';
export const PARTITION = 0;

export interface BenchLog extends Embedded {
  readonly partitionId: string;
}

/** Opens a log in `dataDir` with the topic made. */
export async function openBenchLog(dataDir: string): Promise<BenchLog> {
  const embedded = await openEmbedded({
    dataDir,
    clock: createSystemClock(),
    dice: createSystemDice(),
    logger: pino({ level: 'silent' }),
    isMaintained: false,
  });
  const { topicId } = await embedded.broker.createTopic({ name: TOPIC, partitions: 1 });
  return { ...embedded, partitionId: partitionIdOf(topicId, PARTITION) };
}
