// Subscriptions and assignments of classic groups: kafkajs's bytes, bytes worked out by hand, and each refusal.
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ASSIGNMENT,
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  SUBSCRIPTION,
  type Assignment,
  type Subscription,
} from '../../../lib/kafka/protocol/consumer-protocol.ts';
import { messageOf } from './arbitraries.ts';

interface Codec {
  readonly encode: (value: object) => Buffer;
  readonly decode: (bytes: Buffer) => unknown;
}

const { MemberMetadata, MemberAssignment } = createRequire(import.meta.url)(
  'kafkajs/src/consumer/assignerProtocol',
) as Record<'MemberMetadata' | 'MemberAssignment', Codec>;

const USER_DATA = Buffer.from('xy');
const userData = new Uint8Array(USER_DATA);

test('kafkajs and we read each other', () => {
  const metadata = MemberMetadata.encode({ version: 1, topics: ['a', 'b'], userData: USER_DATA });
  // It says version 1, but leaves out the owned partitions that make it one.
  expect(() => decodeSubscription(metadata)).toThrow(/should be followed by 4 bytes, got 0/);
  metadata.writeInt16BE(0);
  expect(decodeSubscription(metadata)).toMatchObject({ topics: ['a', 'b'], userData });
  const subscription = encodeSubscription(0, { topics: ['a', 'b'], userData, ownedPartitions: [] });
  expect(Buffer.from(subscription).equals(metadata)).toBe(true);

  const assignment = MemberAssignment.encode({ version: 0, assignment: { a: [0, 2] }, userData: USER_DATA });
  const assignedPartitions = [{ topic: 'a', partitions: [0, 2] }];
  expect(decodeAssignment(assignment)).toEqual({ assignedPartitions, userData });
  expect(MemberAssignment.decode(Buffer.from(encodeAssignment(3, { assignedPartitions, userData })))).toEqual(
    {
      ...{ version: 3, assignment: { a: [0, 2] }, userData: USER_DATA },
    },
  );
});

test('a subscription of version 3, byte by byte', () => {
  const hex = '0003 00000001 0001 61 ffffffff 00000001 0001 61 00000001 00000002 00000009 0001 72';
  const subscription = {
    ...{ topics: ['a'], userData: null, generationId: 9, rackId: 'r' },
    ownedPartitions: [{ topic: 'a', partitions: [2] }],
  };
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  expect(decodeSubscription(bytes)).toEqual(subscription);
  expect(Buffer.from(encodeSubscription(3, subscription)).equals(bytes)).toBe(true);
  // A version from the future only adds to the end.
  bytes.writeInt16BE(4);
  expect(decodeSubscription(Buffer.concat([bytes, Buffer.from('more')]))).toEqual(subscription);
});

test.each([0, 1, 2, 3])('version %i is read as it was written', (version) => {
  const dialect = { version, flexible: false };
  fc.assert(
    fc.property(
      messageOf({ type: SUBSCRIPTION, dialect }),
      messageOf({ type: ASSIGNMENT, dialect }),
      (subscription, assignment) => {
        const subscribed = encodeSubscription(version, subscription as unknown as Subscription);
        expect(decodeSubscription(subscribed)).toEqual(subscription);
        const assigned = encodeAssignment(version, assignment as unknown as Assignment);
        expect(decodeAssignment(assigned)).toEqual(assignment);
      },
    ),
    { seed: 12 },
  );
});

test('no bytes and a negative version are refused', () => {
  expect(() => decodeAssignment(new Uint8Array(0))).toThrow(/should be followed by 2 bytes, got 0/);
  expect(() => decodeSubscription(Buffer.from('ffff', 'hex'))).toThrow(
    'the consumer protocol has no version -1',
  );
});
