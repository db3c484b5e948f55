// The limits of topics, each with its reason.

export interface TopicLimits {
  /** Partitions of a topic that is created without saying how many: Kafka's `num.partitions`. */
  readonly partitionsDefault: number;
  /**
   * Partitions of one topic. Each is an item that is written at creation and at deletion, 25 at a time: 1,000 take about
   * a second on DynamoDB, well within the 30 s of an HTTP request, and cost 2,000 write units over the topic's life.
   */
  readonly partitionsMax: number;
  /** A process works so long with what it knows of a topic; Kafka's clients refresh their metadata every 5 minutes. */
  readonly topicCacheMs: number;
  /** Topics that a process remembers. */
  readonly topicsCached: number;
}

/** The limits where nobody set others. */
export const TOPIC_LIMITS: TopicLimits = {
  partitionsDefault: 1,
  partitionsMax: 1000,
  topicCacheMs: 5000,
  topicsCached: 10_000,
};
