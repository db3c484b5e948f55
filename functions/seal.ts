// Lambda: seals a partition, woken by the append that made it probable that a segment is due.
import { toBrokerError } from '../lib/base/errors.ts';
import { readSealEvent } from './seal-event.ts';
import { wire } from './wiring.ts';
import type { Context } from 'aws-lambda';

const wired = wire();
const { log, logger } = wired;

/** A pass makes up to four segments: what is left of the function's time must hold another one. */
const PASS_MS = 60_000;

/** Seals until nothing is due or the time is short. Rejects where it failed: Lambda tries again, and the sweep after it. */
export async function handler(event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const { partitionId } = readSealEvent(event);
  try {
    let sealed;
    do {
      sealed = await log.seal(partitionId);
      logger.info('sealed', { partitionId, ...sealed });
    } while (sealed.segments > 0 && context.getRemainingTimeInMillis() > PASS_MS);
  } catch (error) {
    if (toBrokerError(error).code !== 'UNKNOWN_TOPIC_ID') throw error;
    logger.info('the topic was deleted', { partitionId });
  }
  await wired.settle();
}
