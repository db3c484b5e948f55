// Decides which partition each record of a request goes to and packs one run of batches for each partition. Pure, but
// for the number that spreads records without a key.
import { BrokerError } from '../base/errors.ts';
import type { LogRecord } from '../record/record.ts';
import type { Topic } from '../topics/topic.ts';
import { HttpError, invalidBody } from './errors.ts';

/** A record as it came: its partition where the request names one. */
export interface RequestedRecord {
  readonly partition: number | undefined;
  readonly record: LogRecord;
}

/** The idempotence triple of a request; `sequences` holds the base sequence of each partition. */
export interface ProducerSequences {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequences: ReadonlyMap<number, number>;
}

/** The records of one partition, by their index in the request. */
export interface PartitionRecords {
  readonly partition: number;
  readonly indexes: readonly number[];
}

export interface Placement {
  readonly partitions: readonly PartitionRecords[];
  /** Records that go nowhere, with the reason. */
  readonly refused: ReadonlyMap<number, BrokerError>;
}

export interface PlacementOptions {
  readonly producer: ProducerSequences | undefined;
  /** The partition of records that have neither key nor partition: all of a request stay together, as in KIP-480. */
  readonly keylessPartition: number;
  readonly partitionOfKey: (key: Uint8Array, partitions: number) => number;
}

/** Places the records. With a producer, throws 42206 where one lands in a partition without a base sequence. */
export function placeRecords(
  records: readonly RequestedRecord[],
  topic: Topic,
  options: PlacementOptions,
): Placement {
  const refused = new Map<number, BrokerError>();
  const indexesOf = new Map<number, number[]>();
  records.forEach((requested, index) => {
    const partition = partitionFor(requested, index, topic, options);
    if (partition >= topic.partitions) {
      refused.set(index, unknownPartition(topic, partition, index));
      return;
    }
    checkHasSequence(partition, index, options.producer);
    const indexes = indexesOf.get(partition);
    if (indexes === undefined) indexesOf.set(partition, [index]);
    else indexes.push(index);
  });
  return { partitions: [...indexesOf].map(([partition, indexes]) => ({ partition, indexes })), refused };
}

function partitionFor(
  { partition, record }: RequestedRecord,
  index: number,
  topic: Topic,
  { producer, keylessPartition, partitionOfKey }: PlacementOptions,
): number {
  if (partition !== undefined) return partition;
  if (record.key !== null) return partitionOfKey(record.key, topic.partitions);
  if (producer === undefined) return keylessPartition;
  const [only, ...others] = producer.sequences.keys();
  if (only !== undefined && others.length === 0) return only;
  throw invalidBody(
    `records[${index}] has neither key nor partition: with producer_id, name its partition or give one sequence only`,
    `records[${index}].partition`,
  );
}

function unknownPartition(topic: Topic, partition: number, index: number): BrokerError {
  return new BrokerError(
    'UNKNOWN_TOPIC_OR_PARTITION',
    `Partition not found: ${topic.name} has partitions 0 to ${topic.partitions - 1}, got ${partition}`,
    { retriable: false, field: `records[${index}].partition` },
  );
}

function checkHasSequence(partition: number, index: number, producer: ProducerSequences | undefined): void {
  if (producer === undefined || producer.sequences.has(partition)) return;
  throw invalidBody(
    `records[${index}] lands in partition ${partition}, for which sequences has no base sequence`,
    'sequences',
  );
}

/** The most that a record's frame takes beside its key, value and headers: five varints of 5 bytes, one of 10, one byte. */
const RECORD_FRAME_BYTES_MAX = 36;
const HEADER_FRAME_BYTES_MAX = 10;
/** BaseOffset to RecordCount. */
const BATCH_FRAME_BYTES = 61;

/** At least the bytes that a record takes in an uncompressed batch. */
function recordBytesBound({ key, value, headers }: LogRecord): number {
  let bytes = RECORD_FRAME_BYTES_MAX + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) {
    bytes += HEADER_FRAME_BYTES_MAX + Buffer.byteLength(header.key) + (header.value?.length ?? 0);
  }
  return bytes;
}

/** Cuts records, by index and in order, into runs that fit a batch of `batchBytesMax`; a larger record is alone in its run. */
export function cutIntoBatches(
  indexes: readonly number[],
  recordAt: (index: number) => LogRecord,
  batchBytesMax: number,
): readonly (readonly number[])[] {
  const runs: number[][] = [];
  let bytes = Infinity;
  for (const index of indexes) {
    const recordBytes = recordBytesBound(recordAt(index));
    if (bytes + recordBytes > batchBytesMax) {
      runs.push([]);
      bytes = BATCH_FRAME_BYTES;
    }
    runs.at(-1)?.push(index);
    bytes += recordBytes;
  }
  return runs;
}

/** 413 for a request of a producer with sequences, none of which may be left out. */
export function tooLargeForBatch(index: number, bytes: number, batchBytesMax: number): BrokerError {
  return new BrokerError(
    'MESSAGE_TOO_LARGE',
    `records[${index}] makes a record batch of ${bytes} bytes, above the topic's max.message.bytes of ${batchBytesMax}`,
    { field: `records[${index}]` },
  );
}

const SEQUENCE_MODULUS = 2 ** 31;

/** The sequence after `count` records: Kafka's sequences begin again at 0 after 2^31 - 1. */
export function advanceSequence(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCE_MODULUS;
}

/** Checks that the fields of an idempotent request come together. Throws 42206. */
export function producerOf(body: {
  readonly producer_id?: number | undefined;
  readonly producer_epoch?: number | undefined;
  readonly sequences?: Readonly<Record<string, number>> | undefined;
}): ProducerSequences | undefined {
  const { producer_id: id, producer_epoch: epoch, sequences } = body;
  if (id === undefined && epoch === undefined && sequences === undefined) return undefined;
  if (id === undefined || epoch === undefined || sequences === undefined) {
    throw invalidBody('producer_id, producer_epoch and sequences must be given together', 'producer_id');
  }
  const entries = Object.entries(sequences).map(([partition, base]): [number, number] => [
    Number(partition),
    base,
  ]);
  return { producerId: BigInt(id), producerEpoch: epoch, sequences: new Map(entries) };
}

/** The error that all records share, where not one of them was taken: then it is the request's. */
export function commonError(errors: readonly (BrokerError | undefined)[]): BrokerError | undefined {
  const [first] = errors;
  return first !== undefined && errors.every((error) => error?.code === first.code) ? first : undefined;
}

/** Kept here so that one sentence says it for both API versions. */
export function acksZeroWithProducer(): HttpError {
  return new HttpError({
    status: 400,
    errorCode: 40002,
    message: 'acks=0 cannot be used with producer_id: an idempotent producer waits for its answers',
    details: { field: 'acks' },
  });
}
