// The refusals of a producer's batch, with both numbers.
import { BrokerError } from '../base/errors.ts';
import { SEQUENCES } from './head-state.ts';
import type { ProducerBatch } from '../storage/schema/tail-entry.ts';
import type { ProducerState } from '../storage/schema/producer-state.ts';

const subject = (partitionId: string, batch: ProducerBatch): string =>
  `producer ${batch.producerId} of partition ${partitionId}`;

/** A later epoch of this producer has written here: this one is not the producer any more. */
export function fencedError(
  partitionId: string,
  batch: ProducerBatch,
  state: ProducerState | undefined,
): BrokerError {
  const message = `${subject(partitionId, batch)}: expected epoch ${state?.producerEpoch ?? 0} or later, got ${batch.producerEpoch}`;
  return new BrokerError('INVALID_PRODUCER_EPOCH', message);
}

/** A batch before this one is missing, or the epoch is new and does not begin at 0. */
export function outOfOrderError(
  partitionId: string,
  batch: ProducerBatch,
  state: ProducerState | undefined,
): BrokerError {
  const isSameEpoch = state?.producerEpoch === batch.producerEpoch;
  const expected = isSameEpoch ? (state.lastSequence + 1) % SEQUENCES : 0;
  const message = `${subject(partitionId, batch)}: expected sequence ${expected} in epoch ${batch.producerEpoch}, got ${batch.baseSequence}`;
  return new BrokerError('OUT_OF_ORDER_SEQUENCE_NUMBER', message);
}

/** The data is in the log: clients count this as a success without an offset. */
export function duplicateError(
  partitionId: string,
  batch: ProducerBatch,
  state: ProducerState | undefined,
): BrokerError {
  const message = `${subject(partitionId, batch)}: sequence ${batch.baseSequence} is stored already (last ${state?.lastSequence ?? -1}), too long ago to tell its offset`;
  return new BrokerError('DUPLICATE_SEQUENCE_NUMBER', message, { outcome: 'applied' });
}

/**
 * The batch is behind its producer's state, which does not go back to sequence 0, and it is not to be found: it may be in
 * the log since long, or was overtaken by the first batch that the log knows of and is not.
 */
export function unprovenError(
  partitionId: string,
  batch: ProducerBatch,
  state: ProducerState | undefined,
): BrokerError {
  const message = `${subject(partitionId, batch)}: expected sequence ${((state?.lastSequence ?? -1) + 1) % SEQUENCES} in epoch ${batch.producerEpoch}, got ${batch.baseSequence}, and what came before is not known`;
  return new BrokerError('OUT_OF_ORDER_SEQUENCE_NUMBER', message, { outcome: 'unknown' });
}
