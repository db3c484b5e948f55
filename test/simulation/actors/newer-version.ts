// A version of Wadi that is newer than this one has been here: what it wrote is refused, and never taken for something else.
import { toBrokerError } from '../../../lib/base/errors.ts';
import { splitBatches } from '../../../lib/record/batch-header.ts';
import { encodeBatch } from '../../../lib/record/record-batch.ts';
import { newHeadItem, partitionIdOf } from '../../../lib/storage/schema/head.ts';
import type { Actor } from './actor.ts';

/** A partition of no topic, so that nobody else comes by. */
const PARTITION_ID = partitionIdOf('FutureFutureFutureFutu', 0);
const FORMAT = 9;

/** Appends to it and reads it now and then. Throws where that is not refused. */
export const newerVersion: Actor = async ({ world, dice }) => {
  await world.stores.items.put('heads', { ...newHeadItem(PARTITION_ID), f: FORMAT });
  const slices = splitBatches(encodeBatch([{ key: null, value: null, headers: [], timestampMs: 0 }]));
  for (let tries = 0; tries < 3 && !world.isEnding; tries++) {
    const { process, log } = world.anyMember(dice);
    const appended = await process.orDeath(log.append(PARTITION_ID, slices));
    const read = await process.orDeath(
      log.read(PARTITION_ID, { offset: 0, maxBytes: 1 }).catch((error: unknown) => toBrokerError(error)),
    );
    if (appended !== 'dead') expectRefused(appended[0]?.kind === 'refused' ? appended[0].error : appended[0]);
    if (read !== 'dead') expectRefused(read);
    await world.pause(dice.spread(1_000, 3_600_000));
  }

  function expectRefused(answer: unknown): void {
    const { code, outcome } = answer as { code?: string; outcome?: string };
    // A store that cannot be reached says nothing of formats.
    if (code === 'UNSUPPORTED_VERSION' && outcome === 'not-applied') world.count('format refused');
    else if (code === undefined)
      throw new Error(`format ${FORMAT} was not refused: ${JSON.stringify(answer)}`);
  }
};
