// Groups in memory, small and strict, with heartbeats as fast as a test likes: for what the client does, not for what groups decide.
import { BrokerError } from '../../../lib/base/errors.ts';
import type { TopicSummary } from '../../../lib/client/client-deps.ts';
import type {
  AssignedTopic,
  CommittedOffset,
  CommittedPartition,
  CommitOffsetsRequest,
  ConsumerGroupHeartbeatAnswer,
  ConsumerGroupHeartbeatRequest,
  GroupDescription,
  Groups,
} from '../../../lib/groups/groups.ts';

interface Member {
  readonly request: ConsumerGroupHeartbeatRequest;
  epoch: number;
  /** The one before, which a member may still have whose answer was lost. */
  previousEpoch: number;
  /** Partitions as `topicId/partition`: what it was told, what it may still use, what it is to have. */
  told: ReadonlySet<string>;
  held: ReadonlySet<string>;
  target: ReadonlySet<string>;
}

interface FakeGroup {
  epoch: number;
  readonly members: Map<string, Member>;
  readonly offsets: Map<string, CommittedOffset>;
}

export interface FakeGroups extends Groups {
  /** Every heartbeat, in order; what `onHeartbeat` throws is thrown. */
  readonly heartbeats: ConsumerGroupHeartbeatRequest[];
  readonly commits: CommitOffsetsRequest[];
  onHeartbeat: ((request: ConsumerGroupHeartbeatRequest) => void) | undefined;
  onCommit: ((request: CommitOffsetsRequest) => void | Promise<void>) | undefined;
  /** Removes a member as if it had not been heard of. */
  expire(groupId: string, memberId: string): Promise<void>;
  /** Raises the epoch of all members behind their backs. */
  bump(groupId: string): void;
  members(groupId: string): readonly string[];
}

export function createFakeGroups(
  listTopics: () => Promise<readonly TopicSummary[]>,
  heartbeatIntervalMs = 15,
): FakeGroups {
  const groups = new Map<string, FakeGroup>();
  const groupOf = (groupId: string): FakeGroup => {
    const group = groups.get(groupId) ?? { epoch: 0, members: new Map(), offsets: new Map() };
    groups.set(groupId, group);
    return group;
  };
  const fake: FakeGroups = {
    heartbeats: [],
    commits: [],
    onHeartbeat: undefined,
    onCommit: undefined,
    expire: async (groupId, memberId) => {
      groupOf(groupId).members.delete(memberId);
      await retarget(groupOf(groupId), listTopics);
    },
    bump: (groupId) => {
      const group = groupOf(groupId);
      group.epoch++;
      for (const member of group.members.values()) raise(member, group.epoch);
    },
    members: (groupId) => [...groupOf(groupId).members.keys()],
    consumerGroupHeartbeat: async (request) => {
      fake.heartbeats.push(request);
      fake.onHeartbeat?.(request);
      return beat(groupOf(request.groupId), request, { listTopics, heartbeatIntervalMs });
    },
    commitOffsets: async (request) => {
      fake.commits.push(request);
      await fake.onCommit?.(request);
      return commit(groupOf(request.groupId), request, await listTopics());
    },
    matchTopics: () => Promise.resolve([]),
    fetchOffsets: ({ groupId, partitions }) =>
      Promise.resolve(
        [...(groups.get(groupId)?.offsets.values() ?? [])].filter(
          ({ topic, partition }) =>
            partitions?.some((one) => one.topic === topic && one.partition === partition) ?? true,
        ),
      ),
    ...administration(groups, listTopics),
    joinGroup: notHere,
    syncGroup: notHere,
    heartbeat: notHere,
    leaveGroup: notHere,
  };
  return fake;
}

const notHere = (): Promise<never> =>
  Promise.reject(new Error('the client does not speak the classic protocol'));

function administration(
  groups: Map<string, FakeGroup>,
  listTopics: () => Promise<readonly TopicSummary[]>,
): Pick<Groups, 'listGroups' | 'describeGroup' | 'deleteGroup' | 'deleteOffsets'> {
  const known = (groupId: string): FakeGroup => {
    const group = groups.get(groupId);
    if (group === undefined) throw new BrokerError('GROUP_ID_NOT_FOUND', `there is no group ${groupId}`);
    return group;
  };
  return {
    listGroups: () =>
      Promise.resolve([...groups].sort().map(([groupId, group]) => listingOf(groupId, group))),
    describeGroup: async (groupId) => describe(groupId, known(groupId), await listTopics()),
    deleteGroup: async (groupId) => {
      await Promise.resolve();
      if (known(groupId).members.size > 0)
        throw new BrokerError('NON_EMPTY_GROUP', `group ${groupId} has members`);
      groups.delete(groupId);
    },
    deleteOffsets: (groupId, partitions) => {
      for (const { topic, partition } of partitions) known(groupId).offsets.delete(`${topic}/${partition}`);
      return Promise.resolve(partitions.map(({ topic, partition }) => ({ topic, partition })));
    },
  };
}

/** What became of each offset. */
function commit(
  group: FakeGroup,
  request: CommitOffsetsRequest,
  topics: readonly TopicSummary[],
): CommittedPartition[] {
  checkCommit(group, request);
  return request.offsets.map(({ topic, partition, offset, metadata = '' }) => {
    const found = topics.find(({ name }) => name === topic);
    if (found === undefined) {
      return { topic, partition, error: new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', `no topic ${topic}`) };
    }
    const { topicId } = found;
    const committed = { topic, topicId, partition, offset, metadata, leaderEpoch: -1, committedAtMs: 0 };
    group.offsets.set(`${topic}/${partition}`, committed);
    return { topic, partition };
  });
}

interface FakeOptions {
  readonly listTopics: () => Promise<readonly TopicSummary[]>;
  readonly heartbeatIntervalMs: number;
}

async function beat(
  group: FakeGroup,
  request: ConsumerGroupHeartbeatRequest,
  { listTopics, heartbeatIntervalMs }: FakeOptions,
): Promise<ConsumerGroupHeartbeatAnswer> {
  const { memberId, memberEpoch } = request;
  if (memberEpoch < 0) {
    if (!group.members.delete(memberId)) throw unknownMember(memberId);
    await retarget(group, listTopics);
    return { memberId, memberEpoch, heartbeatIntervalMs };
  }
  if (memberEpoch === 0) {
    const none = new Set<string>();
    group.members.set(memberId, {
      request,
      epoch: 0,
      previousEpoch: 0,
      told: none,
      held: none,
      target: none,
    });
    await retarget(group, listTopics);
  }
  const member = group.members.get(memberId);
  if (member === undefined) throw unknownMember(memberId);
  if (memberEpoch !== member.epoch && memberEpoch !== member.previousEpoch) {
    throw new BrokerError('FENCED_MEMBER_EPOCH', `expected epoch ${member.epoch}, got ${memberEpoch}`);
  }
  const isNew = reconcile(group, member, request);
  const assignment = assignmentOf(member.told, await listTopics());
  return { memberId, memberEpoch: member.epoch, heartbeatIntervalMs, ...(isNew && { assignment }) };
}

/** Whether the member is to be told its assignment. */
function reconcile(
  group: FakeGroup,
  member: Member,
  { ownedPartitions, memberEpoch }: ConsumerGroupHeartbeatRequest,
): boolean {
  if (ownedPartitions !== undefined) {
    const owned = ownedPartitions.flatMap(({ topicId, partitions }) =>
      partitions.map((one) => `${topicId}/${one}`),
    );
    member.held = new Set([...member.told, ...owned]);
  }
  const others = [...group.members.values()].filter((one) => one !== member);
  const free = [...member.target].filter((place) => !others.some(({ held }) => held.has(place)));
  const isReleased = [...member.held].every((place) => member.target.has(place));
  const kept = [...member.told].filter((place) => member.target.has(place));
  const told = new Set(isReleased ? [...kept, ...free] : kept);
  const isChanged = told.size !== member.told.size || [...told].some((place) => !member.told.has(place));
  member.told = told;
  member.held = new Set([...member.held, ...told]);
  if (isReleased) raise(member, group.epoch);
  return isChanged || memberEpoch === 0 || ownedPartitions !== undefined;
}

function raise(member: Member, epoch: number): void {
  if (epoch === member.epoch) return;
  member.previousEpoch = member.epoch;
  member.epoch = epoch;
}

/** Deals all partitions out, topic by topic, in the order of the members. */
async function retarget(group: FakeGroup, listTopics: () => Promise<readonly TopicSummary[]>): Promise<void> {
  group.epoch++;
  const members = [...group.members.values()];
  const targets = members.map(() => new Set<string>());
  for (const { name, topicId, partitions } of await listTopics()) {
    const takers = members.flatMap(({ request }, at) => (wants(request, name) ? [at] : []));
    for (let partition = 0; partition < partitions && takers.length > 0; partition++) {
      targets[takers[partition % takers.length] ?? 0]?.add(`${topicId}/${partition}`);
    }
  }
  members.forEach((member, at) => {
    member.target = targets[at] ?? new Set();
  });
}

const wants = (
  { subscribedTopicNames = [], subscribedTopicRegex }: ConsumerGroupHeartbeatRequest,
  topic: string,
): boolean =>
  subscribedTopicNames.includes(topic) ||
  (subscribedTopicRegex !== undefined && new RegExp(`^(?:${subscribedTopicRegex})$`).test(topic));

function assignmentOf(places: ReadonlySet<string>, topics: readonly TopicSummary[]): AssignedTopic[] {
  return topics.flatMap(({ name, topicId, partitions }) => {
    const mine = Array.from({ length: partitions }, (_, at) => at).filter((at) =>
      places.has(`${topicId}/${at}`),
    );
    return mine.length === 0 ? [] : [{ topic: name, topicId, partitions: mine }];
  });
}

function checkCommit(
  group: FakeGroup,
  { memberId, generationOrMemberEpoch: epoch }: CommitOffsetsRequest,
): void {
  if (memberId === '' && group.members.size === 0) return;
  const member = group.members.get(memberId);
  if (member === undefined) throw unknownMember(memberId);
  if (member.epoch !== epoch)
    throw new BrokerError('STALE_MEMBER_EPOCH', `expected epoch ${member.epoch}, got ${epoch}`);
}

const unknownMember = (memberId: string): BrokerError =>
  new BrokerError('UNKNOWN_MEMBER_ID', `there is no member ${memberId}`);

const listingOf = (groupId: string, { members }: FakeGroup) => ({
  ...{ groupId, type: 'consumer' as const, protocolType: 'consumer' },
  state: members.size === 0 ? ('Empty' as const) : ('Stable' as const),
});

function describe(groupId: string, group: FakeGroup, topics: readonly TopicSummary[]): GroupDescription {
  return {
    ...listingOf(groupId, group),
    ...{ generation: group.epoch, protocolName: 'uniform' },
    members: [...group.members].map(([memberId, { request, epoch, told, target }]) => ({
      ...{ memberId, clientId: request.clientId, clientHost: request.clientHost },
      consumer: {
        memberEpoch: epoch,
        subscribedTopicNames: request.subscribedTopicNames ?? [],
        assignment: assignmentOf(told, topics),
        targetAssignment: assignmentOf(target, topics),
      },
    })),
  };
}
