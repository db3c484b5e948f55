// What a gateway takes of its clients, and of memory. Each may be set otherwise.
import { assert } from '../base/assert.ts';

export interface KafkaLimits {
  /** Kafka's socket.request.max.bytes. */
  readonly frameBytesMax: number;
  /** Of those who are nobody yet: Kafka's sasl.server.max.receive.size. */
  readonly nobodysFrameBytesMax: number;
  /** Connections beyond these are closed at once (max.connections). */
  readonly connectionsMax: number;
  /** Requests of one connection that are under way or wait; beyond them it is not read. */
  readonly requestsPerConnectionMax: number;
  /** Of requests of one connection; beyond it, it is not read. Of all larger frames, one at a time is. */
  readonly connectionBytesMax: number;
  /** Who holds less is read though the memory for requests is spent: those who send little never wait for those who send much. */
  readonly connectionBytesMin: number;
  /** Of requests of all connections, which are not answered yet. Beyond it one frame at a time is read to its end. */
  readonly requestBytesMax: number;
  /** While the memory for requests is spent, who holds much of a frame has so long for it. Kafka's clients wait for 30 s. */
  readonly frameMsMax: number;
  /** Of answers to fetches of all connections, which their clients have not read yet. Beyond it fetches answer little. */
  readonly answerBytesMax: number;
  /** While that is spent, who has not read its answer for so long is ended. */
  readonly unreadMsMax: number;
  /** What a fetch may answer even then, or one batch if that is larger. */
  readonly answerBytesMin: number;
  /** A stop waits so long for answers under way, then cuts connections off. */
  readonly stopMsMax: number;
  /** Kafka's connections.max.idle.ms. */
  readonly idleMsMax: number;
  /** TLS is agreed upon in this time. */
  readonly handshakeMsMax: number;
}

/** Kafka's where it has one; together they stay far below 512 MB. */
export const KAFKA_LIMITS: KafkaLimits = checkKafkaLimits({
  frameBytesMax: 104_857_600,
  nobodysFrameBytesMax: 512 * 1024,
  connectionsMax: 4_096,
  requestsPerConnectionMax: 64,
  connectionBytesMax: 8 * 1024 * 1024,
  connectionBytesMin: 64 * 1024,
  requestBytesMax: 24 * 1024 * 1024,
  frameMsMax: 20_000,
  answerBytesMax: 32 * 1024 * 1024,
  unreadMsMax: 60_000,
  answerBytesMin: 64 * 1024,
  stopMsMax: 10_000,
  idleMsMax: 600_000,
  handshakeMsMax: 10_000,
});

/** Asserts that limits that depend on each other agree; every gateway's are made through it. */
export function checkKafkaLimits(limits: KafkaLimits): KafkaLimits {
  const { connectionBytesMin, connectionBytesMax, requestBytesMax } = limits;
  assert(
    connectionBytesMin <= connectionBytesMax && connectionBytesMax <= requestBytesMax,
    `a connection holds ${connectionBytesMin} to ${connectionBytesMax} bytes of requests, and all of them ${requestBytesMax}`,
  );
  assert(limits.nobodysFrameBytesMax <= limits.frameBytesMax, 'nobody sends more than somebody');
  return limits;
}
