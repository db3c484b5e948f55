// The partitions that a member has. Of classic members they are looked for in the bytes that Kafka's clients assign each
// other (ConsumerProtocolAssignment):
//
// Assignment => version [topic [partition]] ...
//   version => INT16
//   topic => STRING
//   partition => INT32
import type { MemberDescription } from '../../groups/groups.ts';

/** A partition of a topic. */
export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** In the order of topics and partitions; none where a classic member's bytes are not what Kafka's clients send. */
export function assignedPartitionsOf({ classic, consumer }: MemberDescription): readonly AssignedPartition[] {
  const assigned = classic
    ? readAssignment(classic.assignment)
    : (consumer?.assignment ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      );
  return assigned.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  );
}

function readAssignment(bytes: Uint8Array): AssignedPartition[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const assigned: AssignedPartition[] = [];
  try {
    let at = 6;
    for (let topics = view.getInt32(2); topics > 0; topics--) {
      const nameEnd = at + 2 + view.getInt16(at);
      const topic = Buffer.from(bytes.subarray(at + 2, nameEnd)).toString();
      at = nameEnd + 4;
      for (let partitions = view.getInt32(nameEnd); partitions > 0; partitions--, at += 4)
        assigned.push({ topic, partition: view.getInt32(at) });
    }
    return assigned;
  } catch (error) {
    // Past the end of the bytes.
    if (error instanceof RangeError) return [];
    throw error;
  }
}
