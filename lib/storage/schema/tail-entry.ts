// One entry of a tail or a page: one commit of one or more record batches, and where their bytes are.
import { checkFormat } from './format.ts';
import { Packer, Unpacker } from './packing.ts';

/*
 * TailEntry => Format Flags EntryId RecordCount WrittenAt MaxTimestamp ByteLength [Position] [ProducerBatches] [Batches]
 *   Format => BYTE (1, or 2 with a position)
 *   Flags => BYTE (1: the batches follow inline, 2: producer batches follow, 4: the object is a small one, 8: a position)
 *   EntryId => 16 BYTES, unique in its partition; also names the object that holds the batches where they are not inline
 *   RecordCount, ByteLength => UVARINT
 *   Position => UVARINT: where the batches begin in an object that holds entries of several partitions
 *   WrittenAt => UVARINT (minutes since the Unix epoch)
 *   MaxTimestamp => SVARINT (milliseconds after WrittenAt)
 *   ProducerBatches => Count [RecordsBefore RecordCount ProducerId ProducerEpoch BaseSequence] (all UVARINT)
 *   Batches => the rest
 * Life: as long as the head or the page that holds it. It is compared as a whole (`contains`): its bytes never change.
 */

const FORMATS = [1, 2];
const INLINE = 1;
const WITH_PRODUCERS = 2;
const SMALL_OBJECT = 4;
const SHARED_OBJECT = 8;

export const ENTRY_ID_BYTES = 16;
export const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 24 * 60;
export const DAY_MS = MINUTES_PER_DAY * MINUTE_MS;

/** A batch of an idempotent producer within an entry. Sequences count records, modulo 2^31, as Kafka's do. */
export interface ProducerBatch {
  /** Records of the entry that stand before the batch. */
  readonly recordsBefore: number;
  readonly recordCount: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

export interface TailEntry {
  readonly entryId: Uint8Array;
  /** At least 1, so that every append moves `next`. */
  readonly recordCount: number;
  /** Minutes since the Unix epoch, by the writer's clock. */
  readonly writtenAtMinutes: number;
  /** The largest timestamp of a record. */
  readonly maxTimestampMs: number;
  /** Of all its batches together. */
  readonly byteLength: number;
  /** Whether the object is kept in the table of small objects. */
  readonly isSmallObject: boolean;
  /** The batches themselves, or undefined where they are in the object named by `entryId` and the day of writing. */
  readonly inline: Uint8Array | undefined;
  /** Where the batches begin in an object that entries of other partitions are in too; absent: the object is the entry's own. */
  readonly sharedPosition?: number;
  /** In the order of their offsets; batches without a producer id are not listed. */
  readonly producerBatches: readonly ProducerBatch[];
}

/** The day that the entry's object is filed under, in days since the Unix epoch. */
export const dayOf = (entry: TailEntry): number => Math.floor(entry.writtenAtMinutes / MINUTES_PER_DAY);

export function packTailEntry(entry: TailEntry): Uint8Array {
  const { inline, producerBatches, sharedPosition } = entry;
  const flags =
    (inline ? INLINE : 0) |
    (producerBatches.length > 0 ? WITH_PRODUCERS : 0) |
    (entry.isSmallObject ? SMALL_OBJECT : 0) |
    (sharedPosition === undefined ? 0 : SHARED_OBJECT);
  const packer = new Packer(64 + (inline?.length ?? 0) + producerBatches.length * 16)
    .byte(sharedPosition === undefined ? 1 : 2)
    .byte(flags)
    .raw(entry.entryId)
    .unsigned(entry.recordCount)
    .unsigned(entry.writtenAtMinutes)
    .signed(entry.maxTimestampMs - entry.writtenAtMinutes * MINUTE_MS)
    .unsigned(entry.byteLength);
  if (sharedPosition !== undefined) packer.unsigned(sharedPosition);
  if (producerBatches.length > 0) {
    packer.unsigned(producerBatches.length);
    for (const batch of producerBatches) {
      packer
        .unsigned(batch.recordsBefore)
        .unsigned(batch.recordCount)
        .unsigned(Number(batch.producerId))
        .unsigned(batch.producerEpoch)
        .unsigned(batch.baseSequence);
    }
  }
  return (inline ? packer.raw(inline) : packer).finish();
}

export function unpackTailEntry(bytes: Uint8Array): TailEntry {
  const unpacker = new Unpacker('a tail entry', bytes);
  checkFormat('a tail entry', unpacker.byte(), FORMATS);
  const flags = unpacker.byte();
  const entryId = unpacker.raw(ENTRY_ID_BYTES);
  const recordCount = unpacker.unsigned();
  const writtenAtMinutes = unpacker.unsigned();
  const maxTimestampMs = unpacker.signed() + writtenAtMinutes * MINUTE_MS;
  const byteLength = unpacker.unsigned();
  const sharedPosition = flags & SHARED_OBJECT ? unpacker.unsigned() : undefined;
  const producerBatches = flags & WITH_PRODUCERS ? unpackProducerBatches(unpacker) : [];
  const inline = flags & INLINE ? unpacker.raw(byteLength) : undefined;
  const isSmallObject = (flags & SMALL_OBJECT) !== 0;
  return {
    entryId,
    recordCount,
    writtenAtMinutes,
    maxTimestampMs,
    byteLength,
    isSmallObject,
    inline,
    ...(sharedPosition !== undefined && { sharedPosition }),
    producerBatches,
  };
}

/** The id of a packed entry, as a view. */
export const entryIdOf = (packed: Uint8Array): Uint8Array => packed.subarray(2, 2 + ENTRY_ID_BYTES);

function unpackProducerBatches(unpacker: Unpacker): readonly ProducerBatch[] {
  return Array.from({ length: unpacker.unsigned() }, () => ({
    recordsBefore: unpacker.unsigned(),
    recordCount: unpacker.unsigned(),
    producerId: BigInt(unpacker.unsigned()),
    producerEpoch: unpacker.unsigned(),
    baseSequence: unpacker.unsigned(),
  }));
}
