// What a topic is.

/** A topic incarnation: deleting and recreating a topic makes a new `topicId`, which shares nothing with the old one. */
export interface Topic {
  readonly name: string;
  /** 16 random bytes in base64url, as Kafka prints a Uuid (22 characters). */
  readonly topicId: string;
  /** Number of partitions, numbered from 0. */
  readonly partitions: number;
  /** What was set when the topic was made or altered; Kafka's names and values as strings. */
  readonly configs: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}

/** A topic config as it is in force: the topic's own value or Kafka's default. */
export interface TopicConfig {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
  readonly type: 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';
  readonly isReadOnly: boolean;
  readonly isSensitive: boolean;
  readonly documentation: string;
}
