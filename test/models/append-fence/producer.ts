// Judging the batches of idempotent producers, whose sequences count records and wrap.
import type { Batch, ProducerBatch, ProducerState } from './log.ts';

/** Kafka's is 2^31. Here a producer wraps within a run; no batch is ever sent when it is half of this behind. */
export const SEQUENCES = 36;

/** `behind`: its last sequence is at or before that of the state. */
export type Verdict = 'next' | 'behind' | 'outOfOrder' | 'fenced';

export type JudgedBatch = Batch & { readonly producer: ProducerBatch };

const lastSequenceOf = ({ producer, records }: JudgedBatch): number =>
  (producer.baseSequence + records - 1) % SEQUENCES;

/** Without a state any first sequence is next, as in Kafka; a higher epoch begins at 0. */
export function judge(state: ProducerState | undefined, batch: JudgedBatch): Verdict {
  const { epoch, baseSequence } = batch.producer;
  if (!state) return 'next';
  if (state.epoch > epoch) return 'fenced';
  if (state.epoch < epoch) return baseSequence === 0 ? 'next' : 'outOfOrder';
  if (baseSequence === (state.lastSequence + 1) % SEQUENCES) return 'next';
  const behind = (state.lastSequence - lastSequenceOf(batch) + SEQUENCES) % SEQUENCES;
  return behind < SEQUENCES / 2 ? 'behind' : 'outOfOrder';
}

/** The state once a batch that is next after `before` is stored. */
export function stateAfter(
  before: ProducerState | undefined,
  batch: JudgedBatch,
  nextSeen: number,
): ProducerState {
  const { epoch, baseSequence } = batch.producer;
  const isWhole = before?.epoch === epoch ? before.isWhole : baseSequence === 0;
  return { epoch, lastSequence: lastSequenceOf(batch), fence: nextSeen, isWhole };
}

export const isSameState = (a: ProducerState, b: ProducerState): boolean =>
  a.epoch === b.epoch && a.lastSequence === b.lastSequence && a.fence === b.fence;
