// What a gateway takes of its clients, and of memory. Each may be set otherwise.

export interface KafkaLimits {
  /** Kafka's socket.request.max.bytes. */
  readonly frameBytesMax: number;
  /** Connections beyond these are closed at once (max.connections). */
  readonly connectionsMax: number;
  /** Requests of one connection that are under way or wait; beyond them it is not read. */
  readonly requestsPerConnectionMax: number;
  /** Of requests of all connections, which are not answered yet. Beyond it nobody is read. */
  readonly requestBytesMax: number;
  /** Of answers to fetches of all connections, which their clients have not read yet. Beyond it fetches answer little. */
  readonly answerBytesMax: number;
  /** What a fetch may answer even then: a batch, and the rest of a page. */
  readonly answerBytesMin: number;
  /** A stop waits so long for answers under way, then cuts connections off. */
  readonly stopMsMax: number;
  /** Kafka's connections.max.idle.ms. */
  readonly idleMsMax: number;
}

/** Kafka's where it has one; together they stay far below 512 MB. */
export const KAFKA_LIMITS: KafkaLimits = {
  frameBytesMax: 104_857_600,
  connectionsMax: 4_096,
  requestsPerConnectionMax: 64,
  requestBytesMax: 96 * 1024 * 1024,
  answerBytesMax: 96 * 1024 * 1024,
  answerBytesMin: 64 * 1024,
  stopMsMax: 10_000,
  idleMsMax: 600_000,
};
