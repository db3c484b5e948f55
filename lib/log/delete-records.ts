// Deleting the records of a partition before an offset, as Kafka's DeleteRecords does: its log starts there from then on.
import { BrokerError } from '../base/errors.ts';
import { equals } from '../storage/ports/condition.ts';
import { logStateItem, ROW } from '../storage/schema/log-index.ts';
import { getHead } from './partitions.ts';
import { getState, raiseHead, sealPartition } from './seal.ts';
import type { Head } from '../storage/schema/head.ts';
import type { LogState } from '../storage/schema/log-index.ts';
import type { LogDeps } from './log-deps.ts';

/** Others may seal or delete at the same time: each try sees that one of them got on. */
const TRIES = 20;

/**
 * Raises the log's start to `before`, or to the high watermark as it is now, and answers the first offset that is left. A
 * log that starts later already stays as it is. What lies before the start is sealed first (I1), and is not read any more
 * from then on; its bytes go with the topic. Safe to repeat and to race with others.
 * Throws OFFSET_OUT_OF_RANGE for an offset that is negative or above the high watermark, UNKNOWN_TOPIC_ID for a deleted topic,
 * and KAFKA_STORAGE_ERROR, retriable, where others keep getting in the way.
 */
export async function deleteRecords(
  deps: LogDeps,
  partitionId: string,
  before: number | 'highWatermark',
): Promise<number> {
  const head = await getHead(deps.items, partitionId);
  const offset = before === 'highWatermark' ? head.next : before;
  checkRange(head, offset);
  for (let tries = 0; tries < TRIES; tries++) {
    const state = await getState(deps, partitionId);
    if (state.startOffset >= offset) {
      await raiseHead(deps, await getHead(deps.items, partitionId), state);
      return state.startOffset;
    }
    if (state.sealedEnd < offset) await sealPartition(deps, partitionId, { all: true });
    else await raiseStart(deps, partitionId, state, offset);
  }
  const message = `partition ${partitionId}: its start could not be raised to ${offset}, as others change it all the time`;
  throw new BrokerError('KAFKA_STORAGE_ERROR', message);
}

function checkRange({ partitionId, startOffset, next }: Head, offset: number): void {
  if (Number.isSafeInteger(offset) && offset >= 0 && offset <= next) return;
  const message = `records before ${offset} of partition ${partitionId} cannot be deleted: it has ${startOffset} to ${next}`;
  throw new BrokerError('OFFSET_OUT_OF_RANGE', message, { field: 'offset' });
}

/** One step of maintenance, serialised with all others by the state's version. Refused: the next look at the state tells why. */
async function raiseStart(
  { items }: LogDeps,
  partitionId: string,
  { sealedEnd, version }: LogState,
  startOffset: number,
): Promise<void> {
  const raised = logStateItem(partitionId, { sealedEnd, startOffset, version: version + 1 });
  await items.put('log-index', raised, equals(ROW.version, version));
}
