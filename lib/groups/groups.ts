// The service of consumer groups: what can be asked of them, in Kafka's terms. Both of Kafka's group protocols are here:
// classic (join, sync, heartbeat; members assign) and consumer (KIP-848; the group assigns).
import type { BrokerError } from '../base/errors.ts';

/** Partitions by topic name, each list ascending. */
export type TopicPartitions = Readonly<Record<string, readonly number[]>>;

export type GroupType = 'classic' | 'consumer';

/** Kafka's names: the first five are those of classic groups; consumer groups are Empty, Assigning, Reconciling, Stable or Dead. */
export type GroupState =
  'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead' | 'Assigning' | 'Reconciling';

/** Who calls; both are shown to whoever describes the group, and decide nothing. */
export interface ClientIdentity {
  readonly clientId: string;
  /** As Kafka writes it: `/127.0.0.1`. */
  readonly clientHost: string;
}

// ---- The classic protocol --------------------------------------------------------------------------------------------

export interface JoinGroupRequest extends ClientIdentity {
  readonly groupId: string;
  /** Empty: a member that has no id yet. */
  readonly memberId: string;
  /** Of a static member. */
  readonly groupInstanceId?: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** `consumer`, `connect` and so on: all members of a group have the same. */
  readonly protocolType: string;
  /** In the order of the member's preference; at least one. */
  readonly protocols: readonly { readonly name: string; readonly metadata: Uint8Array }[];
  /** JoinGroup from version 4 on: a dynamic member without an id is given one and asked to come again with it. */
  readonly requiresKnownMemberId: boolean;
  /** JoinGroup from version 9 on: a static leader that comes back need not assign anew. */
  readonly supportsSkippingAssignment: boolean;
  /** Ends the wait, as when the connection has gone. */
  readonly signal?: AbortSignal;
}

export type JoinGroupAnswer =
  /** Kafka's MEMBER_ID_REQUIRED. */
  | { readonly kind: 'memberIdRequired'; readonly memberId: string }
  | {
      readonly kind: 'joined';
      readonly memberId: string;
      readonly generation: number;
      readonly protocolType: string;
      readonly protocolName: string;
      /** Member id of the leader. */
      readonly leader: string;
      readonly skipAssignment: boolean;
      /** For the leader: all members with their metadata for `protocolName`. For others empty. */
      readonly members: readonly {
        readonly memberId: string;
        readonly groupInstanceId: string | undefined;
        readonly metadata: Uint8Array;
      }[];
    };

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId?: string;
  readonly generation: number;
  /** From version 5 on; where given, they must be the group's. */
  readonly protocolType?: string;
  readonly protocolName?: string;
  /** From the leader: what each member is assigned; members that are left out are assigned nothing. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
  readonly signal?: AbortSignal;
}

export interface SyncGroupAnswer {
  readonly protocolType: string;
  readonly protocolName: string;
  readonly assignment: Uint8Array;
}

export interface HeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId?: string;
  readonly generation: number;
}

export interface LeaveGroupRequest {
  readonly groupId: string;
  /** A static member may be named by its instance id alone, with an empty member id. */
  readonly members: readonly { readonly memberId: string; readonly groupInstanceId?: string }[];
}

/** What became of each member, in the order of the request. */
export interface LeftMember {
  readonly memberId: string;
  readonly groupInstanceId?: string;
  /** UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
  readonly error?: BrokerError;
}

// ---- The consumer protocol (KIP-848) ---------------------------------------------------------------------------------

export interface ConsumerGroupHeartbeatRequest extends ClientIdentity {
  readonly groupId: string;
  /** Empty only with epoch 0: the member is given an id (version 0); from version 1 on it makes a UUID of its own. */
  readonly memberId: string;
  /** 0: join. -1: leave. -2: a static member leaves and will be back. */
  readonly memberEpoch: number;
  readonly groupInstanceId?: string;
  readonly rackId?: string;
  /** What follows is given when joining, and where it has changed. */
  readonly rebalanceTimeoutMs?: number;
  readonly subscribedTopicNames?: readonly string[];
  /** In RE2's syntax; empty: no more. */
  readonly subscribedTopicRegex?: string;
  /** `uniform` or `range`. */
  readonly serverAssignor?: string;
  /** What the member owns now: all its partitions when joining, and what is left of them when it gave some up. By topic id. */
  readonly ownedPartitions?: readonly OwnedTopic[];
  // Kafka differs: there the session timeout is the group's alone.
  /** For this member; default: the cluster's `group.consumer.session.timeout.ms`. */
  readonly sessionTimeoutMs?: number;
}

/** Partitions of a topic by its id, as the consumer protocol has it. */
export interface OwnedTopic {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface AssignedTopic extends OwnedTopic {
  readonly topic: string;
}

export interface ConsumerGroupHeartbeatAnswer {
  readonly memberId: string;
  /** As asked where the member left. */
  readonly memberEpoch: number;
  /** When the next heartbeat is due. */
  readonly heartbeatIntervalMs: number;
  /** All that the member may own now; absent where nothing has changed since it was last told. */
  readonly assignment?: readonly AssignedTopic[];
}

// ---- Committed offsets -----------------------------------------------------------------------------------------------

export interface OffsetCommit {
  readonly topic: string;
  /** Of the topic that the offset is an offset of; default: what `topic` is now. */
  readonly topicId?: string;
  readonly partition: number;
  /** The next offset to read, at least 0. */
  readonly offset: number;
  /** -1: none. */
  readonly leaderEpoch?: number;
  /** At most `offset.metadata.max.bytes`. */
  readonly metadata?: string;
}

export interface CommitOffsetsRequest {
  readonly groupId: string;
  /** Empty, with generation -1: no member. That is allowed while the group has none. */
  readonly memberId: string;
  readonly groupInstanceId?: string;
  /** Generation of a classic group, member epoch of a consumer group. */
  readonly generationOrMemberEpoch: number;
  readonly offsets: readonly OffsetCommit[];
}

/** What became of each offset, in the order of the request. */
export interface CommittedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly error?: BrokerError;
}

export interface CommittedOffset {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
}

export interface FetchOffsetsRequest {
  readonly groupId: string;
  /** Default: all that are committed. Those without a committed offset are not in the answer. */
  readonly partitions?: readonly { readonly topic: string; readonly partition: number }[];
  /** Where given, they are checked as those of a commit. */
  readonly memberId?: string;
  readonly memberEpoch?: number;
}

// ---- Administration --------------------------------------------------------------------------------------------------

export interface GroupListing {
  readonly groupId: string;
  readonly type: GroupType;
  /** Empty for a group that has only committed offsets. */
  readonly protocolType: string;
  readonly state: GroupState;
}

export interface GroupDescription extends GroupListing {
  /** The generation, or the group epoch. */
  readonly generation: number;
  /** The assignor: of a classic group the protocol that its members agreed on, empty where there is none. */
  readonly protocolName: string;
  /** Consumer groups only. */
  readonly assignmentEpoch?: number;
  /** Member id of the leader of a classic group. */
  readonly leader?: string;
  readonly members: readonly MemberDescription[];
}

export interface MemberDescription extends ClientIdentity {
  readonly memberId: string;
  readonly groupInstanceId?: string;
  readonly rackId?: string;
  /** What the member joined with and was assigned: opaque bytes of a classic group. */
  readonly classic?: { readonly metadata: Uint8Array; readonly assignment: Uint8Array };
  /** Of a consumer group. */
  readonly consumer?: {
    readonly memberEpoch: number;
    readonly subscribedTopicNames: readonly string[];
    readonly subscribedTopicRegex?: string;
    readonly assignment: readonly AssignedTopic[];
    readonly targetAssignment: readonly AssignedTopic[];
  };
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** undefined: none is committed. */
  readonly committedOffset: number | undefined;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  /** logEndOffset minus the committed offset; undefined: none is committed. */
  readonly lag: number | undefined;
  readonly metadata: string;
  /** The member that the partition is assigned to. Of classic groups, only those of type `consumer`. */
  readonly member?: MemberDescription;
}

/**
 * Consumer groups. Any process may serve any of them; what they are is in the store, and each change is one conditional
 * write. All methods throw BrokerError, storage errors too. INVALID_GROUP_ID: the group id is empty or too long.
 */
export interface Groups {
  /**
   * Waits until the members are together. Throws INVALID_SESSION_TIMEOUT, INCONSISTENT_GROUP_PROTOCOL, UNKNOWN_MEMBER_ID,
   * FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED, INVALID_REQUEST.
   */
  joinGroup(request: JoinGroupRequest): Promise<JoinGroupAnswer>;
  /** Waits for the leader. Throws UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID, INCONSISTENT_GROUP_PROTOCOL. */
  syncGroup(request: SyncGroupRequest): Promise<SyncGroupAnswer>;
  /** Throws UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID. */
  heartbeat(request: HeartbeatRequest): Promise<void>;
  leaveGroup(request: LeaveGroupRequest): Promise<readonly LeftMember[]>;
  /**
   * Throws UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, UNRELEASED_INSTANCE_ID, FENCED_INSTANCE_ID, UNSUPPORTED_ASSIGNOR,
   * INVALID_REGULAR_EXPRESSION, GROUP_MAX_SIZE_REACHED, INVALID_SESSION_TIMEOUT, INVALID_REQUEST, GROUP_ID_NOT_FOUND
   * (a classic group with members).
   */
  consumerGroupHeartbeat(request: ConsumerGroupHeartbeatRequest): Promise<ConsumerGroupHeartbeatAnswer>;
  /**
   * Throws where nothing at all is committed: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, STALE_MEMBER_EPOCH, FENCED_INSTANCE_ID,
   * REBALANCE_IN_PROGRESS. Of each partition: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, OFFSET_METADATA_TOO_LARGE.
   */
  commitOffsets(request: CommitOffsetsRequest): Promise<readonly CommittedPartition[]>;
  /** Throws UNKNOWN_MEMBER_ID and STALE_MEMBER_EPOCH where a member asks. A group that is not there has none. */
  fetchOffsets(request: FetchOffsetsRequest): Promise<readonly CommittedOffset[]>;
  /** Topics whose whole name a pattern in RE2's syntax matches, in their order. Throws INVALID_REGULAR_EXPRESSION. */
  matchTopics(pattern: string): Promise<readonly string[]>;
  /** In the order of their ids. */
  listGroups(): Promise<readonly GroupListing[]>;
  /** Throws GROUP_ID_NOT_FOUND. */
  describeGroup(groupId: string): Promise<GroupDescription>;
  /** With its committed offsets. Throws GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. */
  deleteGroup(groupId: string): Promise<void>;
  /** Throws GROUP_ID_NOT_FOUND. Of each partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION. */
  deleteOffsets(
    groupId: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<readonly CommittedPartition[]>;
}
