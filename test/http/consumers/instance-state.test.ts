// What a consumer becomes by each call, as values.
import { describe, expect, it } from 'vitest';
import type { ConsumerInstance, InstanceConfig, InstancePartition } from '../../../lib/groups/instances.ts';
import {
  afterCommit,
  afterDelivery,
  assign,
  fenced,
  newInstance,
  ownedTopics,
  reconcile,
  seek,
  subscribe,
  touched,
  unsubscribe,
} from '../../../lib/http/consumers/instance-state.ts';

const NOW = 1_000_000;

const CONFIG: InstanceConfig = {
  ...{ format: 'json', autoOffsetReset: 'earliest', autoCommit: true },
  ...{ fetchMinBytes: 1, requestTimeoutMs: 1_000, sessionTimeoutMs: 8_000 },
};

const at = (partition: number, more: Partial<InstancePartition> = {}): InstancePartition => ({
  ...{ topic: 'orders', topicId: 'o', partition },
  ...more,
});

const member = (...partitions: InstancePartition[]): ConsumerInstance => ({
  ...subscribe(newInstance(CONFIG, NOW), { topics: ['orders'] }, 'm'),
  ...{ memberEpoch: 3, partitions },
});

const told = (...partitions: number[]) => ({
  ...{ memberId: 'm', memberEpoch: 4, heartbeatIntervalMs: 5_000 },
  assignment: [{ topic: 'orders', topicId: 'o', partitions }],
});

describe('its life', () => {
  it('is its session timeout from the last use, and a quarter more at most', () => {
    const made = newInstance(CONFIG, NOW);
    expect(made.untilMs).toBe(NOW + 10_000);
    expect(touched(made, NOW + 2_000)).toBe(made);
    expect(touched(made, NOW + 2_001).untilMs).toBe(NOW + 12_001);
  });
});

describe('being told what it may own', () => {
  it('keeps positions of what stays, gives up the rest and takes what is new', () => {
    const before = member(at(0, { position: 5 }), at(1, { position: 6 }));
    const { instance, revoked } = reconcile(before, told(1, 2), NOW);
    expect(revoked).toEqual([at(0, { position: 5 })]);
    expect(instance).toEqual({
      ...before,
      ...{ memberEpoch: 4, heartbeatDueMs: 0, partitions: [at(1, { position: 6 }), at(2)] },
    });
  });

  it('beats on in the interval, sooner while it owns nothing', () => {
    expect(reconcile(member(), told(0), NOW).instance.heartbeatDueMs).toBe(NOW + 5_000);
    expect(reconcile(member(), told(), NOW).instance.heartbeatDueMs).toBe(NOW + 1_000);
  });

  it('leaves everything as it is where nothing is said', () => {
    const before = member(at(0, { position: 5 }));
    const { memberId, memberEpoch, heartbeatIntervalMs } = told();
    const unchanged = { memberId, memberEpoch, heartbeatIntervalMs };
    const { instance, revoked } = reconcile(before, unchanged, NOW);
    expect(revoked).toEqual([]);
    expect(instance.partitions).toBe(before.partitions);
  });

  it('takes a topic that was made anew for another one', () => {
    const { instance, revoked } = reconcile(
      member(at(0, { position: 5 })),
      { ...told(), assignment: [{ topic: 'orders', topicId: 'new', partitions: [0] }] },
      NOW,
    );
    expect(revoked).toEqual([at(0, { position: 5 })]);
    expect(instance.partitions).toEqual([at(0, { topicId: 'new' })]);
  });

  it('says what it owns by topic, ascending', () => {
    expect(ownedTopics(member(at(2), at(0, { topicId: 'p' }), at(1)))).toEqual([
      { topicId: 'o', partitions: [1, 2] },
      { topicId: 'p', partitions: [0] },
    ]);
  });

  it('is put out: it owns nothing and joins again as the same member', () => {
    expect(fenced(member(at(0, { position: 5 })))).toMatchObject({
      ...{ memberId: 'm', memberEpoch: 0, heartbeatDueMs: 0, partitions: [] },
    });
  });
});

describe('positions', () => {
  it('are sought, committed, and move with deliveries; who was served comes last', () => {
    const before = member(at(0, { position: 5 }), at(1, { position: 6 }), at(2));
    const sought = seek(before, [{ topic: 'orders', partition: 1, position: 9 }]);
    expect(sought.partitions[1]).toEqual(at(1, { position: 9 }));
    const done = afterCommit(sought, [{ topic: 'orders', partition: 1, offset: 9 }]);
    expect(done.partitions[1]).toEqual(at(1, { position: 9, committed: 9 }));
    expect(afterCommit(done, [{ topic: 'orders', partition: 1, offset: 9 }])).toBe(done);
    const moved = afterDelivery(done, [{ ...at(0), position: 8 }]);
    expect(moved.partitions.map(({ partition, position }) => [partition, position])).toEqual([
      [1, 9],
      [2, undefined],
      [0, 8],
    ]);
    expect(afterDelivery(done, [])).toBe(done);
  });

  it('go with the subscription, and stay with an assignment by hand', () => {
    expect(unsubscribe(member(at(0, { position: 5 })))).toEqual({ ...newInstance(CONFIG, NOW) });
    const assigned = assign(newInstance(CONFIG, NOW), [at(0), at(1)]);
    const read = seek(assigned, [{ topic: 'orders', partition: 0, position: 4 }]);
    expect(assign(read, [at(2), at(0)]).partitions).toEqual([at(2), at(0, { position: 4 })]);
    expect(() => subscribe(assigned, { topics: ['orders'] }, 'm')).toThrow('exclude each other');
    expect(() => assign(member(), [at(0)])).toThrow('exclude each other');
  });
});
