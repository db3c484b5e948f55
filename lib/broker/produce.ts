// Producing to one partition: check the batch against the topic's configs, append it, answer in Kafka's terms.
import { present } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { readBatchHeader, type BatchSlice } from '../record/batch-header.ts';
import { setLogAppendTime, validateBatch } from '../record/record-batch.ts';
import { logConfigOf, type LogConfig } from '../topics/config-state.ts';
import type { Log } from '../log/log.ts';
import type { ProducedBatch, ProduceRequest } from './broker.ts';
import type { Topic } from '../topics/topic.ts';

/** Throws what Broker.produce throws, and UNKNOWN_TOPIC_ID where the topic was deleted since it was looked up. */
export async function produceTo(
  log: Log,
  topic: Topic,
  { partition, batch }: Pick<ProduceRequest, 'partition' | 'batch'>,
): Promise<ProducedBatch> {
  const config = logConfigOf(topic.configs);
  const nowMs = log.deps.clock.now();
  const slice = prepare(batch, config, nowMs);
  const results = await log.append(partitionIdOf(topic.topicId, partition), [slice]);
  const result = present(results[0], 'the result of a batch');
  if (result.kind === 'refused') throw result.error;
  return {
    baseOffset: result.baseOffset,
    recordCount: slice.header.recordCount,
    logAppendTimeMs: config.timestampType === 'LogAppendTime' ? nowMs : -1,
    isDuplicate: result.isDuplicate,
  };
}

/** Checks a batch; where the topic says LogAppendTime, it becomes a copy with that time. */
function prepare(batch: Uint8Array, config: LogConfig, nowMs: number): BatchSlice {
  const isAppendTime = config.timestampType === 'LogAppendTime';
  const header = validateBatch(batch, {
    maxBytes: config.messageBytesMax,
    checkRecords: true,
    keysRequired: config.isCompacted,
    fromProducer: true,
    ...(!isAppendTime && {
      timestampsMs: [nowMs - config.timestampBeforeMaxMs, nowMs + config.timestampAfterMaxMs],
    }),
  });
  if (header.isTransactional) {
    throw new BrokerError(
      'INVALID_RECORD',
      'a transactional record batch needs a transaction, and there is none',
    );
  }
  if (!isAppendTime) return { bytes: batch, header };
  const bytes = new Uint8Array(batch);
  setLogAppendTime(bytes, nowMs);
  return { bytes, header: readBatchHeader(bytes) };
}
