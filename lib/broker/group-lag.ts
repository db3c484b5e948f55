// How far a group is behind: its committed offsets beside the ends of the partitions that it has to do with.
import type { Broker } from './broker.ts';
import type {
  AssignedTopic,
  CommittedOffset,
  GroupDescription,
  Groups,
  MemberDescription,
  PartitionLag,
} from '../groups/groups.ts';

/** What it asks: of a broker, or of a client of one. */
export interface LagBroker extends Pick<Broker, 'listOffset'> {
  readonly groups: Pick<Groups, 'describeGroup' | 'fetchOffsets'>;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

const nameOf = ({ topic, partition }: Place): string => `${topic}\0${partition}`;

/**
 * Of every partition that the group has committed or that is assigned to one of its members, in the order of topics and
 * partitions. Assignments of classic groups are their clients' own bytes, and are not looked into. Throws
 * GROUP_ID_NOT_FOUND.
 */
export async function groupLag(broker: LagBroker, groupId: string): Promise<readonly PartitionLag[]> {
  const [group, committed] = await Promise.all([
    broker.groups.describeGroup(groupId),
    broker.groups.fetchOffsets({ groupId }),
  ]);
  const owners = ownersOf(group);
  const offsets = new Map(committed.map((one) => [nameOf(one), one]));
  const places = new Map<string, Place>([...owners].map(([name, { place }]) => [name, place]));
  for (const one of committed) places.set(nameOf(one), one);
  const lags = await Promise.all(
    [...places].map(([name, place]) => lagOf(broker, place, offsets.get(name), owners.get(name)?.member)),
  );
  return lags.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
}

function ownersOf({ members }: GroupDescription): Map<string, { place: Place; member: MemberDescription }> {
  const owners = new Map<string, { place: Place; member: MemberDescription }>();
  for (const member of members)
    for (const place of placesOf(member.consumer?.assignment ?? []))
      owners.set(nameOf(place), { place, member });
  return owners;
}

const placesOf = (assignment: readonly AssignedTopic[]): readonly Place[] =>
  assignment.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));

async function lagOf(
  broker: Pick<Broker, 'listOffset'>,
  { topic, partition }: Place,
  committed: CommittedOffset | undefined,
  member: MemberDescription | undefined,
): Promise<PartitionLag> {
  const [start, end] = await Promise.all([
    broker.listOffset(topic, partition, 'earliest'),
    broker.listOffset(topic, partition, 'latest'),
  ]);
  return {
    ...{ topic, partition, committedOffset: committed?.offset, metadata: committed?.metadata ?? '' },
    ...{ logStartOffset: start.offset, logEndOffset: end.offset },
    lag: committed && Math.max(0, end.offset - committed.offset),
    ...(member && { member }),
  };
}
