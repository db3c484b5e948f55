// The package's entry point: Wadi's client, with the producer, consumer and admin that users of kafkajs know.
export { BrokerError, type ErrorCode, type Outcome } from '../base/errors.ts';
export type { Compression } from '../record/batch-header.ts';
export type { Admin, GroupOffset, PartitionOffsets, TopicMetadata, TopicToCreate } from './admin.ts';
export { type Client, type ClientOptions, createClient } from './client.ts';
export type { ClientBroker, ClientGroups, TopicSummary } from './client-deps.ts';
export { connectEmbedded, connectInAccount } from './connect.ts';
export type { EmbeddedOptions } from './connect-embedded.ts';
export { connectHttp, type HttpOptions } from './connect-http.ts';
export type { InAccountOptions } from './connect-in-account.ts';
export type { HeadersInput, HeaderValue, MessageHeaders } from './headers.ts';
export type { SignRequest } from './http/http-call.ts';
export type {
  ConsumerOptions,
  OffsetReset,
  RebalanceListener,
  TopicPartition,
  TopicPartitionOffset,
} from './consumer/consumer-options.ts';
export type { Consumer, SubscribeOptions } from './consumer/consumer.ts';
export type { ConsumedBatch } from './consumer/iterate.ts';
export type { ConsumedRecord, Message } from './consumer/message.ts';
export type { Batch, EachBatchPayload, EachMessagePayload, RunOptions } from './consumer/run-options.ts';
export type { Producer } from './producer/producer.ts';
export {
  type PartitionerArguments,
  type ProducerBatch,
  type ProducerMessage,
  type ProducerOptions,
  type ProducerRecord,
  type RecordMetadata,
  SendError,
} from './producer/producer-options.ts';
export {
  bytesSerde,
  type Deserializer,
  jsonSerde,
  type Serde,
  type Serializer,
  stringSerde,
} from './serializers.ts';
