// What groups may be, under Kafka's names. A server may be set otherwise; each function gets them with its deps.

export interface GroupLimits {
  /** group.min.session.timeout.ms and group.max.session.timeout.ms: of classic groups, and of members that bring their own. */
  readonly sessionTimeoutMsMin: number;
  readonly sessionTimeoutMsMax: number;
  /** group.initial.rebalance.delay.ms: how long the first member of a classic group waits for others. */
  readonly initialRebalanceDelayMs: number;
  /** group.max.size, of both kinds; a group with its members is one item of at most 400 KB. */
  readonly membersMax: number;
  /** group.consumer.session.timeout.ms */
  readonly consumerSessionTimeoutMs: number;
  /** group.consumer.heartbeat.interval.ms */
  readonly consumerHeartbeatIntervalMs: number;
  /** offset.metadata.max.bytes */
  readonly offsetMetadataBytesMax: number;
  /** offsets.retention.minutes, in milliseconds: how long offsets are kept once a group is empty. */
  readonly offsetsRetentionMs: number;
  /** How long a change of a group is tried again while others write it. */
  readonly decideTimeoutMs: number;
  /** UTF-8 bytes: ids are parts of keys, which DynamoDB keeps below 1,024 bytes. */
  readonly groupIdBytesMax: number;
  readonly memberIdBytesMax: number;
}

/** Kafka's defaults. */
export const GROUP_LIMITS: GroupLimits = {
  sessionTimeoutMsMin: 6_000,
  sessionTimeoutMsMax: 1_800_000,
  initialRebalanceDelayMs: 3_000,
  membersMax: 1_000,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5_000,
  offsetMetadataBytesMax: 4_096,
  offsetsRetentionMs: 7 * 86_400_000,
  decideTimeoutMs: 10_000,
  groupIdBytesMax: 500,
  memberIdBytesMax: 400,
};
