// Properties of consumer groups under random commands, and what a transcript does not show of their heartbeats.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isReconciled } from '../../lib/groups/consumer-reconcile-state.ts';
import { stateOf } from '../../lib/groups/consumer-state.ts';
import { emptyConsumerGroup } from '../../lib/storage/schema/consumer-group.ts';
import { codeOf, ConsumerWorld } from '../transcripts/support/consumer-world.ts';
import type { PartitionsById } from '../../lib/storage/schema/consumer-group.ts';

const CLIENTS = ['A', 'B', 'C', 'D'] as const;
const TOPICS = ['orders', 'bills', 'other'] as const;
const REMOVED = ['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH'];

const clientId = fc.constantFrom(...CLIENTS);
const topic = fc.constantFrom(...TOPICS);
const names = fc.subarray([...TOPICS]);
const command = fc.oneof(
  fc.record({
    kind: fc.constant('join' as const),
    id: clientId,
    names,
    regex: fc.constantFrom('', 'o.*'),
    assignor: fc.constantFrom('uniform', 'range'),
    isStatic: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom('beat' as const, 'apply' as const, 'full' as const, 'lose' as const),
    id: clientId,
  }),
  fc.record({ kind: fc.constantFrom('leave' as const, 'away' as const, 'silence' as const), id: clientId }),
  fc.record({ kind: fc.constant('resubscribe' as const), id: clientId, names }),
  fc.record({
    kind: fc.constant('topic' as const),
    topic,
    partitions: fc.integer({ min: 1, max: 7 }),
    isAnew: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('delete' as const), topic }),
  fc.record({ kind: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 50 }) }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

let made = 0;

function run(world: ConsumerWorld, one: Command): void {
  switch (one.kind) {
    case 'join':
      world.join(one.id, {
        ...{ subscribedTopicNames: one.names, subscribedTopicRegex: one.regex, serverAssignor: one.assignor },
        ...{ rebalanceTimeoutMs: 30_000, ...(one.isStatic && { groupInstanceId: `i-${one.id}` }) },
      });
      return;
    case 'beat':
      world.beat(one.id);
      return;
    case 'apply':
      world.apply(one.id);
      return;
    case 'full':
      world.beatInFull(one.id);
      return;
    case 'lose':
      world.beat(one.id, {}, { isHeard: false });
      return;
    case 'leave':
      world.leave(one.id, -1);
      return;
    case 'away':
      world.leave(one.id, -2);
      return;
    case 'silence':
      world.client(one.id).isSilent = true;
      return;
    case 'resubscribe':
      world.beat(one.id, { subscribedTopicNames: one.names });
      return;
    case 'topic': {
      const before = world.topics.get(one.topic);
      const topicId = before && !one.isAnew ? before.topicId : `${one.topic}${String(made++)}`;
      world.topics.set(one.topic, {
        topicId,
        partitions: Math.max(one.partitions, one.isAnew ? 0 : (before?.partitions ?? 0)),
      });
      return;
    }
    case 'delete':
      world.topics.delete(one.topic);
      return;
    case 'pass':
      world.pass(one.seconds * 1_000);
  }
}

/** As a client of Kafka's: it gives everything up and joins again where it is told that it is no member. */
function live(world: ConsumerWorld, memberId: string, act: () => unknown): void {
  const code = codeOf(act);
  if (code === undefined) return;
  expect(REMOVED).toContain(code);
  world.join(memberId, world.client(memberId).fields);
}

const placesOf = (partitions: PartitionsById): readonly string[] =>
  Object.entries(partitions).flatMap(([topicId, list]) => list.map((partition) => `${topicId}:${partition}`));

function roundsUntilStable(world: ConsumerWorld): number {
  for (let rounds = 0; rounds < 10; rounds++) {
    world.look();
    const { group } = world;
    const isCaughtUp = [...world.clients].every(([id, { told, owned }]) => {
      const assigned = group.members[id]?.assigned;
      return assigned !== undefined && [told, owned].every((set) => same(placesOf(set), placesOf(assigned)));
    });
    if (isCaughtUp && ['Stable', 'Empty'].includes(stateOf(group))) return rounds;
    for (const id of world.clients.keys()) {
      live(world, id, () => world.beat(id));
      live(world, id, () => world.apply(id));
    }
  }
  return 10;
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.toSorted().join() === b.toSorted().join();

/** Every partition that a member subscribes to, each once. */
function wantedPlaces({ topics, group }: ConsumerWorld): readonly string[] {
  const members = Object.values(group.members);
  return [...topics].flatMap(([name, { topicId, partitions }]) =>
    members.some((one) => one.subscribedTopicNames.includes(name) || one.matchedTopicNames.includes(name))
      ? Array.from({ length: partitions }, (_, partition) => `${topicId}:${partition}`)
      : [],
  );
}

describe('random commands', () => {
  test('never give a partition to two members; once they stop, all have their targets within a few heartbeats each', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const world = new ConsumerWorld();
        // The world checks the group after every step.
        for (const one of commands) {
          const isOfNobody = 'id' in one && one.kind !== 'join' && !world.clients.has(one.id);
          if (!isOfNobody)
            codeOf(() => {
              run(world, one);
            });
        }
        // Who is away or silent is removed; whoever lost an answer says everything again.
        for (const [id, client] of world.clients) if (client.isSilent) world.clients.delete(id);
        world.pass(46_000);
        for (const id of world.clients.keys()) live(world, id, () => world.beatInFull(id));
        expect(roundsUntilStable(world)).toBeLessThanOrEqual(4);
        const members = Object.values(world.group.members);
        expect(members.every((member) => isReconciled(world.group, member))).toBe(true);
        expect(
          same(
            members.flatMap(({ assigned }) => placesOf(assigned)),
            wantedPlaces(world),
          ),
        ).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});

describe('a heartbeat', () => {
  const joined = (fields = {}) => {
    const world = new ConsumerWorld();
    world.topics.set('orders', { topicId: 'orders', partitions: 4 });
    world.join('A', { subscribedTopicNames: ['orders'], ...fields });
    return world;
  };

  test('that tells nothing new leaves the group the same value', () => {
    const world = joined();
    const before = world.group;
    world.beat('A');
    world.beatInFull('A');
    expect(world.group).toBe(before);
  });

  test('at the epoch before is accepted only of a member that owns no more than it may', () => {
    const world = joined();
    world.topics.set('orders', { topicId: 'orders', partitions: 5 });
    world.beat('A');
    const at = (epoch: number, fields = {}) => codeOf(() => world.beat('A', fields, { epoch }));
    const owned = (partitions: readonly number[]) => ({
      ownedPartitions: [{ topicId: 'orders', partitions }],
    });
    expect(at(1)).toBe('FENCED_MEMBER_EPOCH');
    expect(at(1, owned([0, 5]))).toBe('FENCED_MEMBER_EPOCH');
    expect(at(1, owned([0, 1]))).toBeUndefined();
    world.topics.set('orders', { topicId: 'orders', partitions: 6 });
    world.beat('A');
    expect(at(1, owned([0]))).toBe('FENCED_MEMBER_EPOCH');
    expect(at(4, owned([0]))).toBe('FENCED_MEMBER_EPOCH');
  });

  test.each([
    ['subscribedTopicNames', { subscribedTopicNames: undefined }],
    [
      'ownedPartitions',
      {
        subscribedTopicNames: ['orders'],
        rebalanceTimeoutMs: 1_000,
        ownedPartitions: [{ topicId: 'orders', partitions: [0] }],
      },
    ],
  ])('that joins is refused for its %s', (field, fields) => {
    const world = new ConsumerWorld();
    const { subscribedTopicNames, ...rest } = fields as { subscribedTopicNames?: readonly string[] };
    const request = { ...rest, ...(subscribedTopicNames && { subscribedTopicNames }) };
    const refused = () => world.send('A', 0, request);
    expect(codeOf(refused)).toBe('INVALID_REQUEST');
    expect(refused).toThrow(expect.objectContaining({ field }));
    expect(Object.keys(world.group.members)).toEqual([]);
  });

  test('that joins with a session outside the limits is refused', () => {
    expect(codeOf(() => joined({ sessionTimeoutMs: 5_999 }))).toBe('INVALID_SESSION_TIMEOUT');
    expect(codeOf(() => joined({ sessionTimeoutMs: 6_000 }))).toBeUndefined();
    expect(codeOf(() => joined({ sessionTimeoutMs: 1_800_001 }))).toBe('INVALID_SESSION_TIMEOUT');
  });

  test('of a member id or a topic called as what objects have is as any other', () => {
    const world = new ConsumerWorld();
    world.topics.set('__proto__', { topicId: 'id', partitions: 1 });
    expect(codeOf(() => world.send('constructor', 1, {}))).toBe('UNKNOWN_MEMBER_ID');
    const { assigned } = world.join('__proto__', { subscribedTopicNames: ['__proto__'] });
    expect(assigned).toEqual({ id: [0] });
    world.commit('__proto__', 1);
  });
});

test('a group of nobody is empty', () => {
  expect(stateOf(emptyConsumerGroup(1))).toBe('Empty');
});
