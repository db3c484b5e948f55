// What consumers of classic groups tell each other through the broker, which to Kafka itself is only bytes: a member's
// subscription in its JoinGroup metadata, its partitions in its SyncGroup assignment. Never flexible. Both begin with their
// version; a newer version only adds to the end, so it is read as the newest known one.
//
// Subscription => version [topics] user_data [owned_partitions](1+) generation_id(2+) rack_id(3+)
//   version => INT16
//   topics => STRING
//   user_data => NULLABLE_BYTES
//   owned_partitions => topic [partitions]
//     topic => STRING
//     partitions => INT32
//   generation_id => INT32
//   rack_id => NULLABLE_STRING
// Assignment => version [assigned_partitions] user_data
//   version => INT16
//   assigned_partitions => topic [partitions]
//     topic => STRING
//     partitions => INT32
//   user_data => NULLABLE_BYTES
import { decodeStruct } from './decode.ts';
import { encodeStruct } from './encode.ts';
import { malformed } from './malformed.ts';
import { createReader, readInt16 } from './reader.ts';
import { array, bytes, field, int32, string, struct } from './schema.ts';
import type { Decoded, Encodable, StructType } from './schema.ts';
import { createWriter, finish, writeInt16 } from './writer.ts';

/** The newest version of both that is known (Kafka 4.2). */
export const CONSUMER_PROTOCOL_VERSION_MAX = 3;

const partitionsOfTopic = struct({ topic: string, partitions: array(int32) });

/** What a member wants to read and what it has. `generationId` is -1 where it is not said. */
export const SUBSCRIPTION = struct({
  topics: array(string),
  userData: field(bytes, { nullable: '0+', defaultValue: null }),
  ownedPartitions: field(array(partitionsOfTopic), { versions: '1+' }),
  generationId: field(int32, { versions: '2+', defaultValue: -1 }),
  rackId: field(string, { versions: '3+', nullable: '3+', defaultValue: null }),
});

/** The partitions that a member is to read. */
export const ASSIGNMENT = struct({
  assignedPartitions: array(partitionsOfTopic),
  userData: field(bytes, { nullable: '0+', defaultValue: null }),
});

export type Subscription = Decoded<typeof SUBSCRIPTION>;
export type Assignment = Decoded<typeof ASSIGNMENT>;

function decode<S extends StructType>(type: S, message: Uint8Array): Decoded<S> {
  const reader = createReader(message);
  const said = readInt16(reader);
  if (said < 0) throw malformed(`the consumer protocol has no version ${said}`);
  const version = Math.min(said, CONSUMER_PROTOCOL_VERSION_MAX);
  return decodeStruct(type, { version, flexible: false }, reader);
}

function encode<S extends StructType>(type: S, version: number, value: Encodable<S>): Uint8Array {
  const writer = createWriter();
  writeInt16(writer, version);
  encodeStruct(type, { version, flexible: false }, value, writer);
  return Buffer.concat(finish(writer));
}

/** Reads a subscription; user data is a view of `message`. Throws INVALID_REQUEST. */
export const decodeSubscription = (message: Uint8Array): Subscription => decode(SUBSCRIPTION, message);

/**
 * Reads an assignment; user data is a view of `message`. Throws INVALID_REQUEST, also for a message of no bytes, which is
 * what a member has that was assigned nothing.
 */
export const decodeAssignment = (message: Uint8Array): Assignment => decode(ASSIGNMENT, message);

/** Writes a subscription in a version up to CONSUMER_PROTOCOL_VERSION_MAX. */
export const encodeSubscription = (version: number, value: Encodable<typeof SUBSCRIPTION>): Uint8Array =>
  encode(SUBSCRIPTION, version, value);

/** Writes an assignment in a version up to CONSUMER_PROTOCOL_VERSION_MAX. */
export const encodeAssignment = (version: number, value: Encodable<typeof ASSIGNMENT>): Uint8Array =>
  encode(ASSIGNMENT, version, value);
