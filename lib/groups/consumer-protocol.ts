// What members of classic groups of type `consumer` tell each other, as far as it is looked into (ConsumerProtocol).
//
// Subscription => version [topics] ...
// Assignment => version [topic [partition]] ...
//   version => INT16
//   topics => STRING
//   topic => STRING
//   partition => INT32

/** A partition of a topic. */
export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The topics that a member joins for, in their order; none where the bytes are not what Kafka's clients send. */
export const subscribedTopicsIn = (metadata: Uint8Array): readonly string[] =>
  readAll(metadata, (reader) => readList(reader, readText));

/** What a member is assigned, in its order; none where the bytes are not what Kafka's clients send. */
export const assignedPartitionsIn = (assignment: Uint8Array): readonly AssignedPartition[] =>
  readAll(assignment, (reader) => readList(reader, readTopic)).flat();

interface Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

/** What stands behind the version. */
function readAll<T>(bytes: Uint8Array, read: (reader: Reader) => readonly T[]): readonly T[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return read({ bytes, view, at: 2 });
  } catch (error) {
    // Past the end of the bytes.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Makes nothing of a count but what is there: an element that is not ends it. */
function readList<T>(reader: Reader, readOne: (reader: Reader) => T): readonly T[] {
  const list: T[] = [];
  for (let left = readNumber(reader); left > 0; left--) list.push(readOne(reader));
  return list;
}

function readTopic(reader: Reader): readonly AssignedPartition[] {
  const topic = readText(reader);
  return readList(reader, readNumber).map((partition) => ({ topic, partition }));
}

function readNumber(reader: Reader): number {
  const number = reader.view.getInt32(reader.at);
  reader.at += 4;
  return number;
}

function readText(reader: Reader): string {
  const start = reader.at + 2;
  reader.at = start + reader.view.getInt16(reader.at);
  return Buffer.from(reader.bytes.subarray(start, reader.at)).toString();
}
