// The partitions that a member has, whichever protocol it speaks.
import { assignedPartitionsIn, type AssignedPartition } from './consumer-protocol.ts';
import type { MemberDescription } from './groups.ts';

/** In the order of topics and partitions; none where a classic member's bytes are not what Kafka's clients send. */
export function assignedPartitionsOf({ classic, consumer }: MemberDescription): readonly AssignedPartition[] {
  const assigned = classic
    ? assignedPartitionsIn(classic.assignment)
    : (consumer?.assignment ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      );
  return assigned.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
}

/** The same, the partitions of each topic together. */
export function assignedTopicsOf(
  member: MemberDescription,
): readonly { readonly topic: string; readonly partitions: readonly number[] }[] {
  const byTopic = Map.groupBy(assignedPartitionsOf(member), ({ topic }) => topic);
  return [...byTopic].map(([topic, assigned]) => ({
    topic,
    partitions: assigned.map(({ partition }) => partition),
  }));
}
