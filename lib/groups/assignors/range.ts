// The range assignor: each topic by itself, in stretches; topics with as many partitions and the same subscribers are
// assigned alike, so that partitions of one number of them meet at one member.
import type { AssignableMember, AssignableTopic } from './assignor.ts';
import type { PartitionsById } from '../../storage/schema/consumer-group.ts';

/** Static members by their instance ids go first, so that they have the same stretches whatever their member ids are. */
const inOrder = (a: AssignableMember, b: AssignableMember): number => {
  const [left, right] = [orderOf(a), orderOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

const orderOf = ({ groupInstanceId, memberId }: AssignableMember): string =>
  groupInstanceId === undefined ? `1${memberId}` : `0${groupInstanceId}`;

/** As Kafka's RangeAssignor. */
export function assignRange(
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
): ReadonlyMap<string, PartitionsById> {
  const ordered = members.toSorted(inOrder);
  const assigned = new Map<string, Record<string, readonly number[]>>(
    members.map(({ memberId }) => [memberId, {}]),
  );
  for (const { topicId, partitions } of topics) {
    const subscribers = ordered.filter(({ topicIds }) => topicIds.has(topicId));
    let start = 0;
    subscribers.forEach(({ memberId }, at) => {
      const first = start;
      const count = countOf(partitions, subscribers.length, at);
      start += count;
      const own = assigned.get(memberId);
      if (own && count > 0) own[topicId] = Array.from({ length: count }, (_, i) => first + i);
    });
  }
  return assigned;
}

/** The first ones have one more where it does not come out even. */
const countOf = (partitions: number, subscribers: number, at: number): number =>
  Math.floor(partitions / subscribers) + (at < partitions % subscribers ? 1 : 0);
