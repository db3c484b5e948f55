// What both assignors promise, whatever members, subscriptions and topics there are.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignRange } from '../../../lib/groups/assignors/range.ts';
import { assignUniform } from '../../../lib/groups/assignors/uniform.ts';
import type { AssignableMember, AssignableTopic, Assignor } from '../../../lib/groups/assignors/assignor.ts';
import type { PartitionsById } from '../../../lib/storage/schema/consumer-group.ts';

const IDS = ['t0', 't1', 't2', 't3'] as const;

const topics: fc.Arbitrary<readonly AssignableTopic[]> = fc.tuple(
  ...IDS.map((topicId) => fc.integer({ min: 1, max: 9 }).map((partitions) => ({ topicId, partitions }))),
);

const membersOf = (subscriptions: fc.Arbitrary<readonly string[]>, { isAlike = false } = {}) =>
  fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.array(subscriptions, { minLength: 8, maxLength: 8 }))
    .map(([count, lists]): readonly AssignableMember[] =>
      Array.from({ length: count }, (_, at) => ({
        ...{ memberId: `m${at}`, groupInstanceId: undefined, target: {} },
        topicIds: new Set(lists[isAlike ? 0 : at]),
      })),
    );
const mixed = membersOf(fc.subarray([...IDS]));
const alike = membersOf(fc.subarray([...IDS], { minLength: 1 }), { isAlike: true });

const placesOf = (partitions: PartitionsById = {}): readonly string[] =>
  Object.entries(partitions).flatMap(([topicId, list]) => list.map((partition) => `${topicId}:${partition}`));
const countsOf = (assigned: ReadonlyMap<string, PartitionsById>): readonly number[] =>
  [...assigned.values()].map((one) => placesOf(one).length);
const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

const withTargets = (members: readonly AssignableMember[], assigned: ReadonlyMap<string, PartitionsById>) =>
  members.map((member) => ({ ...member, target: assigned.get(member.memberId) ?? {} }));

/** How many partitions a member is to have that it was not to have before. */
const movesTo = (
  members: readonly AssignableMember[],
  assigned: ReadonlyMap<string, PartitionsById>,
): number =>
  members.reduce((sum, { memberId, target }) => {
    const before = new Set(placesOf(target));
    return sum + placesOf(assigned.get(memberId)).filter((place) => !before.has(place)).length;
  }, 0);

describe.each<[string, Assignor]>([
  ['uniform', assignUniform],
  ['range', assignRange],
])('the %s assignor', (_, assign) => {
  test('gives every partition that somebody subscribes to to one who does, and no other', () => {
    fc.assert(
      fc.property(mixed, topics, (members, all) => {
        const assigned = assign(members, all);
        expect([...assigned.keys()].sort()).toEqual(members.map(({ memberId }) => memberId).sort());
        for (const { memberId, topicIds } of members)
          for (const topicId of Object.keys(assigned.get(memberId) ?? {}))
            expect(topicIds.has(topicId)).toBe(true);
        const wanted = all
          .filter(({ topicId }) => members.some(({ topicIds }) => topicIds.has(topicId)))
          .flatMap(({ topicId, partitions }) =>
            Array.from({ length: partitions }, (_, at) => `${topicId}:${at}`),
          );
        expect([...assigned.values()].flatMap(placesOf).sort()).toEqual(wanted.sort());
        for (const one of assigned.values())
          for (const list of Object.values(one)) expect(list).toEqual(list.toSorted((a, b) => a - b));
      }),
    );
  });

  test('decides the same of the same, and again of what it has decided', () => {
    fc.assert(
      fc.property(mixed, topics, (members, all) => {
        const first = assign(members, all);
        expect(assign(structuredClone(members), structuredClone(all))).toEqual(first);
        expect(movesTo(withTargets(members, first), assign(withTargets(members, first), all))).toBe(0);
      }),
    );
  });
});

describe('the uniform assignor', () => {
  test('gives each as many as any other, or one more, where all subscribe alike', () => {
    fc.assert(
      fc.property(alike, topics, (members, all) => {
        expect(spread(countsOf(assignUniform(members, all)))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('gives nobody two more than another who may have one of them', () => {
    fc.assert(
      fc.property(mixed, topics, (members, all) => {
        const assigned = assignUniform(members, all);
        for (const rich of members)
          for (const poor of members) {
            const own = placesOf(assigned.get(rich.memberId));
            const mayGive = own.some((place) => poor.topicIds.has(place.split(':')[0] ?? ''));
            if (mayGive)
              expect(own.length - placesOf(assigned.get(poor.memberId)).length).toBeLessThanOrEqual(1);
          }
      }),
    );
  });

  test('moves only what a member that leaves had', () => {
    fc.assert(
      fc.property(alike, topics, fc.nat(), (members, all, which) => {
        fc.pre(members.length > 1);
        const first = assignUniform(members, all);
        const gone = members[which % members.length]?.memberId;
        const left = withTargets(members, first).filter(({ memberId }) => memberId !== gone);
        expect(movesTo(left, assignUniform(left, all))).toBe(placesOf(first.get(gone ?? '')).length);
      }),
    );
  });

  test.each(['first', 'last'])(
    'moves to a member that joins, %s by its id, as little as balance takes',
    (where) => {
      fc.assert(
        fc.property(alike, topics, (members, all) => {
          const first = assignUniform(members, all);
          const joined = {
            ...(members[0] as AssignableMember),
            memberId: where === 'first' ? 'a' : 'n',
            target: {},
          };
          const before = withTargets(members, first);
          const more = where === 'first' ? [joined, ...before] : [...before, joined];
          const places = countsOf(first).reduce((sum, count) => sum + count, 0);
          expect(movesTo(more, assignUniform(more, all))).toBe(Math.floor(places / more.length));
        }),
      );
    },
  );
});

describe('the range assignor', () => {
  test('gives stretches, in the order of the members, that differ by one at most', () => {
    fc.assert(
      fc.property(alike, topics, (members, all) => {
        const assigned = assignRange(members, all);
        for (const { topicId, partitions } of all.filter((one) => members[0]?.topicIds.has(one.topicId))) {
          const lists = members.map(({ memberId }) => assigned.get(memberId)?.[topicId] ?? []);
          expect(lists.flat()).toEqual(Array.from({ length: partitions }, (_, at) => at));
          expect(spread(lists.map(({ length }) => length))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('gives partitions of one number of topics with as many of them to one member', () => {
    fc.assert(
      fc.property(alike, fc.integer({ min: 1, max: 12 }), (members, partitions) => {
        const assigned = assignRange(
          members,
          IDS.map((topicId) => ({ topicId, partitions })),
        );
        for (const one of assigned.values()) {
          const [first, ...others] = Object.values(one);
          for (const other of others) expect(other).toEqual(first);
        }
      }),
    );
  });

  test('keeps the place of a static member that has another id', () => {
    const members = (id: string): readonly AssignableMember[] => [
      { memberId: 'b', groupInstanceId: undefined, topicIds: new Set(['t0']), target: {} },
      { memberId: id, groupInstanceId: 'i', topicIds: new Set(['t0']), target: {} },
    ];
    const all = [{ topicId: 't0', partitions: 4 }];
    expect(assignRange(members('a'), all).get('a')).toEqual(assignRange(members('z'), all).get('z'));
  });
});
