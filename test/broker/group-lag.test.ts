// How far groups are behind, and whose the partitions are: of classic groups as far as their members speak ConsumerProtocol.
import { describe, expect, it } from 'vitest';
import { groupLag } from '../../lib/broker/group-lag.ts';
import { encodeAssignment } from '../../lib/kafka/protocol/consumer-protocol.ts';
import { batchOf, brokerOver, createMemoryStores } from './memory-broker.ts';

/** A stable classic group of one member that its own assignment names these bytes; it has committed offset 1 of orders-0. */
async function createClassicGroup(protocolType: string, assignment: Uint8Array) {
  const stores = createMemoryStores();
  const { broker } = brokerOver(stores);
  await broker.createTopic({ name: 'orders', partitions: 3 });
  await broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['a', 'b', 'c']) });
  await broker.produce({ topic: 'orders', partition: 2, batch: batchOf(['d']) });
  const joining = broker.groups.joinGroup({
    ...{ groupId: 'g', memberId: '', clientId: 'reader', clientHost: '/127.0.0.1', protocolType },
    ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 30_000 },
    ...{ requiresKnownMemberId: false, supportsSkippingAssignment: false },
    protocols: [{ name: 'range', metadata: new Uint8Array(2) }],
  });
  const state = { hasJoined: false };
  void joining.finally(() => (state.hasJoined = true)).catch(() => undefined);
  while (!state.hasJoined) await stores.clock.advance(25);
  const joined = await joining;
  if (joined.kind !== 'joined') throw new Error(`the member got ${joined.kind}`);
  const { memberId, generation } = joined;
  await broker.groups.syncGroup({
    ...{ groupId: 'g', memberId, generation, assignments: [{ memberId, assignment }] },
  });
  await broker.groups.commitOffsets({
    ...{ groupId: 'g', memberId, generationOrMemberEpoch: generation },
    offsets: [{ topic: 'orders', partition: 0, offset: 1 }],
  });
  return { broker, memberId };
}

const assigned = encodeAssignment(1, {
  assignedPartitions: [
    { topic: 'orders', partitions: [0, 2, 7] },
    { topic: 'gone', partitions: [0] },
  ],
});

describe('the lag of a classic group', () => {
  it('is told with the member that each partition is assigned to; partitions that are not there are left out', async () => {
    const { broker, memberId } = await createClassicGroup('consumer', assigned);
    const lags = await groupLag(broker, 'g');
    expect(
      lags.map(({ topic, partition, lag, member }) => [topic, partition, lag, member?.memberId]),
    ).toEqual([
      ['orders', 0, 2, memberId],
      ['orders', 2, undefined, memberId],
    ]);
  });

  it.each([
    ['another protocol type', 'connect', assigned],
    ['bytes that are not ConsumerProtocol', 'consumer', new Uint8Array([9, 9, 9])],
  ])('has no members for %s', async (_what, protocolType, bytes) => {
    const { broker } = await createClassicGroup(protocolType, bytes);
    expect(await groupLag(broker, 'g')).toMatchObject([
      { topic: 'orders', partition: 0, committedOffset: 1, logEndOffset: 3, lag: 2 },
    ]);
    expect((await groupLag(broker, 'g'))[0]).not.toHaveProperty('member');
  });
});
