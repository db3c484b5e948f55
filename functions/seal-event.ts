// What wakes the sealing function.
import { BrokerError } from '../lib/base/errors.ts';

/** The partition that has a segment's worth of records. */
export interface SealEvent {
  readonly partitionId: string;
}

/** A topic id as Kafka prints a Uuid, and a partition. */
const PARTITION_ID = /^[\w-]{22}:(0|[1-9]\d{0,9})$/;

/** Checks an event, which anybody with the right to invoke the function may have made. Throws INVALID_REQUEST. */
export function readSealEvent(event: unknown): SealEvent {
  const partitionId = (event as { partitionId?: unknown } | null | undefined)?.partitionId;
  if (typeof partitionId === 'string' && PARTITION_ID.test(partitionId)) return { partitionId };
  const got = partitionId === undefined ? 'nothing' : JSON.stringify(partitionId).slice(0, 100);
  throw new BrokerError('INVALID_REQUEST', `partitionId must be <topic id>:<partition>, got ${got}`, {
    field: 'partitionId',
  });
}
