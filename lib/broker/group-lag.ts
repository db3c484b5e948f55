// How far a group is behind: its committed offsets beside the ends of the partitions that it has to do with.
import { toBrokerError } from '../base/errors.ts';
import { assignedPartitionsOf } from '../groups/assigned-partitions.ts';
import type { Broker } from './broker.ts';
import type {
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
 * partitions; those of topics that are gone are left out. Assignments of classic groups are their clients' own bytes, and are
 * looked into where the group's protocol type is `consumer` only: members of other types have no partitions here. Throws
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
  const known = lags.filter((lag) => lag !== undefined);
  return known.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
}

interface Owned {
  readonly place: Place;
  readonly member: MemberDescription;
}

function ownersOf({ type, protocolType, members }: GroupDescription): Map<string, Owned> {
  const owners = new Map<string, Owned>();
  if (type === 'classic' && protocolType !== 'consumer') return owners;
  for (const member of members)
    for (const place of assignedPartitionsOf(member)) owners.set(nameOf(place), { place, member });
  return owners;
}

/** undefined: the partition is not there; a member's bytes may name any. */
async function lagOf(
  broker: Pick<Broker, 'listOffset'>,
  { topic, partition }: Place,
  committed: CommittedOffset | undefined,
  member: MemberDescription | undefined,
): Promise<PartitionLag | undefined> {
  const ends = await Promise.all([
    broker.listOffset(topic, partition, 'earliest'),
    broker.listOffset(topic, partition, 'latest'),
  ]).catch((error: unknown) => {
    if (toBrokerError(error).code === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
    throw error;
  });
  if (ends === undefined) return undefined;
  const [start, end] = ends;
  return {
    ...{ topic, partition, committedOffset: committed?.offset, metadata: committed?.metadata ?? '' },
    ...{ logStartOffset: start.offset, logEndOffset: end.offset },
    lag: committed && Math.max(0, end.offset - committed.offset),
    ...(member && { member }),
  };
}
