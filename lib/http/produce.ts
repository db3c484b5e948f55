// Produces the records of one request: places them, packs them, hands each partition's batches to the broker, and says of
// each record what became of it.
import { present } from '../base/assert.ts';
import type { BrokerError } from '../base/errors.ts';
import { toBrokerError } from '../base/errors.ts';
import type { ProduceRequest } from '../broker/broker.ts';
import { type Compression, COMPRESSIONS } from '../record/batch-header.ts';
import { partitionForKey } from '../record/partitioner.ts';
import { encodeBatch, type EncodeOptions } from '../record/record-batch.ts';
import type { LogRecord } from '../record/record.ts';
import type { Topic } from '../topics/topic.ts';
import {
  advanceSequence,
  cutIntoBatches,
  type PartitionRecords,
  placeRecords,
  type ProducerSequences,
  type RequestedRecord,
  tooLargeForBatch,
} from './produce-plan.ts';
import type { RecordDeps } from './route.ts';

/** What became of one record. `timestampMs` is the stored one. */
export type RecordResult =
  | {
      readonly partition: number;
      readonly offset: number;
      readonly timestampMs: number;
      readonly error?: undefined;
    }
  | { readonly partition: number | undefined; readonly error: BrokerError };

export interface RecordsToProduce {
  readonly topic: Topic;
  readonly records: readonly RequestedRecord[];
  readonly producer: ProducerSequences | undefined;
}

/** Produces, and answers for each record in the order of the request; errors of single partitions do not throw. */
export async function produceRecords(
  deps: Pick<RecordDeps, 'broker' | 'dice'>,
  input: RecordsToProduce,
): Promise<readonly RecordResult[]> {
  const { packed, refused } = packRecords(deps, input);
  const results = new Array<RecordResult>(input.records.length);
  for (const [index, error] of refused) {
    results[index] = { partition: input.records[index]?.partition, error };
  }
  const place = (index: number, result: RecordResult): void => {
    results[index] = result;
  };
  await Promise.all(packed.map((partition) => producePartition(deps, input, partition, place)));
  return results;
}

/** What `produceRecords` would send, for a process that sends it later. Throws if a single record is refused. */
export function packForLater(
  deps: Pick<RecordDeps, 'dice'>,
  input: RecordsToProduce,
): readonly ProduceRequest[] {
  const { packed, refused } = packRecords(deps, input);
  const [first] = refused.values();
  if (first !== undefined) throw first;
  return packed.flatMap(({ partition, batches }) =>
    batches.map(({ bytes }) => ({ topic: input.topic.name, partition, batch: bytes })),
  );
}

interface PackedBatch {
  readonly bytes: Uint8Array;
  /** Its records, by their index in the request. */
  readonly indexes: readonly number[];
}

interface PackedPartition {
  readonly partition: number;
  readonly batches: readonly PackedBatch[];
}

interface Packed {
  readonly packed: readonly PackedPartition[];
  readonly refused: ReadonlyMap<number, BrokerError>;
}

/** Kafka's default of max.message.bytes. */
const BATCH_BYTES_MAX_DEFAULT = 1_048_588;

function packRecords({ dice }: Pick<RecordDeps, 'dice'>, input: RecordsToProduce): Packed {
  const { topic, records, producer } = input;
  const placement = placeRecords(records, topic, {
    producer,
    keylessPartition: Math.floor(dice.random() * topic.partitions),
    partitionOfKey: partitionForKey,
  });
  const refused = new Map(placement.refused);
  const packed = placement.partitions.map((partition) => packPartition(input, partition, refused));
  return { packed: packed.filter(({ batches }) => batches.length > 0), refused };
}

/** Packs the records of one partition; those too large for the topic go to `refused`, or throw where sequences count them. */
function packPartition(
  { topic, records, producer }: RecordsToProduce,
  { partition, indexes }: PartitionRecords,
  refused: Map<number, BrokerError>,
): PackedPartition {
  const bytesMax = Number(topic.configs['max.message.bytes'] ?? BATCH_BYTES_MAX_DEFAULT);
  const recordAt = (index: number): LogRecord => present(records[index], `record ${index}`).record;
  const compression = compressionOf(topic);
  const batches: PackedBatch[] = [];
  let sequence = producer?.sequences.get(partition) ?? 0;
  for (const run of cutIntoBatches(indexes, recordAt, bytesMax)) {
    const bytes = encodeBatch(run.map(recordAt), { compression, ...sequenceOptions(producer, sequence) });
    if (bytes.length > bytesMax) {
      const index = present(run[0], 'the record of a batch');
      const error = tooLargeForBatch(index, bytes.length, bytesMax);
      if (producer !== undefined) throw error;
      refused.set(index, error);
      continue;
    }
    batches.push({ bytes, indexes: run });
    sequence = advanceSequence(sequence, run.length);
  }
  return { partition, batches };
}

/** What the topic's compression.type asks for; `producer` leaves it to us, who leave it. */
function compressionOf({ configs }: Topic): Compression {
  return COMPRESSIONS.find((compression) => compression === configs['compression.type']) ?? 'none';
}

function sequenceOptions(producer: ProducerSequences | undefined, baseSequence: number): EncodeOptions {
  if (producer === undefined) return {};
  return { producerId: producer.producerId, producerEpoch: producer.producerEpoch, baseSequence };
}

/**
 * Hands the batches of one partition over one by one, so that each has an outcome of its own. After one that failed, the
 * rest are not sent: they would come before it if it is sent again.
 */
async function producePartition(
  { broker }: Pick<RecordDeps, 'broker'>,
  { topic, records }: RecordsToProduce,
  { partition, batches }: PackedPartition,
  place: (index: number, result: RecordResult) => void,
): Promise<void> {
  let failure: BrokerError | undefined;
  for (const { bytes, indexes } of batches) {
    if (failure !== undefined) {
      const error = notSent(failure);
      for (const index of indexes) place(index, { partition, error });
      continue;
    }
    try {
      const request = { topic: topic.name, partition, batch: bytes };
      const { baseOffset, logAppendTimeMs } = await broker.produce(request);
      indexes.forEach((index, position) => {
        const timestampMs =
          logAppendTimeMs >= 0 ? logAppendTimeMs : (records[index]?.record.timestampMs ?? -1);
        place(index, { partition, offset: baseOffset + position, timestampMs });
      });
    } catch (thrown) {
      const error = toBrokerError(thrown);
      failure = error;
      for (const index of indexes) place(index, { partition, error });
    }
  }
}

const notSent = (cause: BrokerError): BrokerError =>
  cause.restated({
    message: `not sent, since records before it failed: ${cause.message}`,
    outcome: 'not-applied',
    field: undefined,
  });
