// What a partition knows of an idempotent producer: in its head while the producer is active, spilled to a row after.
import { EXPIRES_ATTRIBUTE } from './tables.ts';
import { checkFormat } from './format.ts';
import { Packer, Unpacker } from './packing.ts';
import type { Item, ItemKey, ItemValue } from '../ports/item-store.ts';

/*
 * In the head, under the producer id in base 36:
 *   ProducerState => Format EpochAndWhole LastSequence Fence (BYTE 1, then UVARINT)
 *   EpochAndWhole => twice the epoch, plus 1 where the state is whole
 * Spilled, in table `producers`: pk `state#<partitionId>`, sk <producer id in base 36>,
 *   e => epoch, s => last sequence, n => fence, w => true where the state is whole, f => 1, expires.
 * Life of a spilled row: `producer.id.expiration.ms` after it was spilled; it is never deleted otherwise.
 */

const FORMATS = [1];

export interface ProducerState {
  readonly producerEpoch: number;
  /** Of the last record of its last batch. */
  readonly lastSequence: number;
  /** A lower bound of its last batch's base offset, rising with use: producers are spilled in its order. */
  readonly fence: number;
  /** It goes back unbroken to sequence 0 of its epoch: every earlier sequence of the epoch was stored. */
  readonly isWhole: boolean;
}

/** The name of a producer in heads and rows: short, as heads are billed by the byte. */
export const producerKey = (producerId: bigint): string => producerId.toString(36);

export function packProducerState(state: ProducerState): Uint8Array {
  return new Packer(20)
    .byte(1)
    .unsigned(state.producerEpoch * 2 + (state.isWhole ? 1 : 0))
    .unsigned(state.lastSequence)
    .unsigned(state.fence)
    .finish();
}

export function unpackProducerState(bytes: Uint8Array): ProducerState {
  const unpacker = new Unpacker('a producer state', bytes);
  checkFormat('a producer state', unpacker.byte(), FORMATS);
  const epochAndWhole = unpacker.unsigned();
  return {
    producerEpoch: Math.floor(epochAndWhole / 2),
    isWhole: epochAndWhole % 2 === 1,
    lastSequence: unpacker.unsigned(),
    fence: unpacker.unsigned(),
  };
}

export const spilledKey = (partitionId: string, key: string): Required<ItemKey> => ({
  pk: `state#${partitionId}`,
  sk: key,
});

/** The row's attribute names, for the conditions that keep it from going back. */
export const SPILLED = { producerEpoch: 'e', lastSequence: 's', fence: 'n', whole: 'w' } as const;

export function spilledItem(
  partitionId: string,
  key: string,
  state: ProducerState,
  expiresAtMs: number,
): Item {
  return {
    ...spilledKey(partitionId, key),
    f: 1,
    [SPILLED.producerEpoch]: state.producerEpoch,
    [SPILLED.lastSequence]: state.lastSequence,
    [SPILLED.fence]: state.fence,
    ...(state.isWhole && { [SPILLED.whole]: true }),
    [EXPIRES_ATTRIBUTE]: Math.ceil(expiresAtMs / 1000),
  };
}

/** The state in a spilled row, or undefined where its time is over at `nowMs` though the row is still there. */
export function spilledState(item: Item, nowMs: number): ProducerState | undefined {
  const number = (value: ItemValue | undefined) => Number(value);
  checkFormat('a spilled producer state', number(item['f']), FORMATS);
  if (number(item[EXPIRES_ATTRIBUTE]) * 1000 <= nowMs) return undefined;
  return {
    producerEpoch: number(item[SPILLED.producerEpoch]),
    lastSequence: number(item[SPILLED.lastSequence]),
    fence: number(item[SPILLED.fence]),
    isWhole: item[SPILLED.whole] === true,
  };
}
