// Classic groups under any sequence of commands: what always holds, and that a decision that is made twice changes nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { join, type JoinCommand } from '../../lib/groups/classic-join-state.ts';
import { chooseProtocol } from '../../lib/groups/classic-members-state.ts';
import { tick } from '../../lib/groups/classic-rebalance-state.ts';
import { decideClassic } from '../../lib/groups/classic-state.ts';
import { GROUP_LIMITS } from '../../lib/groups/limits.ts';
import {
  classicGroupFields,
  emptyClassicGroup,
  readClassicGroup,
  type ClassicGroup,
  type ClassicMember,
} from '../../lib/storage/schema/classic-group.ts';
import { ClassicWorld, codeOf } from '../transcripts/support/classic-world.ts';

const NAMES = ['A', 'B', 'C', 'D', 'E'] as const;
const INSTANCES: Readonly<Record<string, string>> = { D: 'i1', E: 'i2' };

type Act = (world: ClassicWorld) => unknown;

/** Says what it does where a property fails. */
const said = (text: string, run: Act): Act => Object.assign(run, { [fc.toStringMethod]: () => text });

const name = fc.constantFrom(...NAMES);
const protocolNames = fc.constantFrom(
  ['range'],
  ['range', 'roundrobin'],
  ['roundrobin', 'range'],
  ['sticky'],
);

const joins = fc
  .record({
    name,
    protocolNames,
    metadata: fc.constantFrom('v1', 'v1', 'v2'),
    isFresh: fc.boolean(),
    requiresKnownMemberId: fc.boolean(),
    supportsSkippingAssignment: fc.boolean(),
    rebalanceTimeoutMs: fc.constantFrom(0, 5_000, 60_000),
  })
  .map(({ name, isFresh, ...options }) => {
    const groupInstanceId = INSTANCES[name];
    const all = {
      ...options,
      ...(isFresh && { memberId: '' }),
      ...(groupInstanceId !== undefined && { groupInstanceId }),
    };
    return said(`${name} joins ${JSON.stringify(all)}`, (world) => world.join(name, all));
  });

const OTHERS: Readonly<Record<string, (world: ClassicWorld, name: string) => unknown>> = {
  looks: (world, name) => world.client(name).waitsFor && world.look(name),
  assigns: (world, name) => world.sync(name, { [world.client(name).memberId]: name }),
  syncs: (world, name) => world.sync(name, {}),
  leaves: (world, name) => {
    const { memberId, groupInstanceId } = world.client(name);
    return world.leave([{ memberId, ...(groupInstanceId !== undefined && { groupInstanceId }) }]);
  },
  'falls silent': (world, name) => {
    if (world.client(name).memberId !== '') world.fallSilent(name);
  },
  beats: (world, name) => {
    world.heartbeat(name);
  },
  commits: (world, name) => {
    world.commit(name);
  },
};

const others = fc
  .tuple(fc.constantFrom(...Object.keys(OTHERS)), name)
  .map(([what, name]) => said(`${name} ${what}`, (world) => OTHERS[what]?.(world, name)));

const passes = fc.constantFrom(1, 1_000, 3_000, 10_000, 60_000).map((durationMs) =>
  said(`${durationMs} ms pass`, (world) => {
    world.pass(durationMs);
  }),
);

const acts = fc.array(fc.oneof({ weight: 4, arbitrary: joins }, { weight: 4, arbitrary: others }, passes), {
  maxLength: 60,
});
const worlds = fc.record({
  initialRebalanceDelayMs: fc.constantFrom(0, 3_000),
  membersMax: fc.constantFrom(3, 1_000),
});

const membersOf = ({ members }: ClassicGroup): readonly (readonly [string, ClassicMember])[] =>
  Object.entries(members);

function expectSound(world: ClassicWorld): void {
  const { group } = world;
  const members = membersOf(group);
  expect(group.leader === '').toBe(members.length === 0);
  if (group.leader !== '') expect(Object.keys(group.members)).toContain(group.leader);
  for (const id of Object.keys(group.pendingMembers)) expect(group.members).not.toHaveProperty([id]);
  const instances = members.flatMap(([, { groupInstanceId }]) => groupInstanceId ?? []);
  expect(new Set(instances).size).toBe(instances.length);
  if (group.state !== 'PreparingRebalance') {
    expect(members.every(([, { hasJoined }]) => !hasJoined)).toBe(true);
    expect(group).toMatchObject({ initialEndMs: 0, hasNewMember: false });
    expect(members.length).toBeLessThanOrEqual(world.limits.membersMax);
    expect((group.state === 'Empty') === (members.length === 0)).toBe(true);
    expect(group.assignmentsId !== '').toBe(group.state === 'Stable');
  }
  const isWaitedFor =
    group.state === 'Stable' ? members.some(([, { hasSynced }]) => !hasSynced) : group.state !== 'Empty';
  expect(group.deadlineMs > 0).toBe(isWaitedFor);
  if (isWaitedFor) expect(group.deadlineMs).toBeGreaterThan(world.nowMs);
  if (group.state === 'Stable' || group.state === 'CompletingRebalance') {
    for (const [, member] of members) expect(member.protocolNames).toContain(group.protocolName);
  }
  expect(tick(group, world.moment, world.limits)).toBe(group);
}

/** What of a generation must never change once it is together: who its members are, by slot, and what was assigned. */
class Generations {
  readonly #members = new Map<number, string>();
  readonly #assignments = new Map<number, string>();
  #latest = 0;

  check(group: ClassicGroup): void {
    expect(group.generation).toBeGreaterThanOrEqual(this.#latest);
    this.#latest = group.generation;
    if (group.state === 'PreparingRebalance') return;
    const slots = membersOf(group).map(([id, { groupInstanceId }]) => groupInstanceId ?? id);
    const members = slots.sort().join();
    expect(this.#members.get(group.generation) ?? members).toBe(members);
    this.#members.set(group.generation, members);
    if (group.assignmentsId === '') expect(this.#assignments.has(group.generation)).toBe(false);
    else {
      expect(this.#assignments.get(group.generation) ?? group.assignmentsId).toBe(group.assignmentsId);
      this.#assignments.set(group.generation, group.assignmentsId);
    }
  }
}

/** All who are there do as clients do, until nothing is left to do. */
function settle(world: ClassicWorld): void {
  const clients = NAMES.filter((name) => world.member(world.client(name).memberId));
  for (let round = 0; round < 20; round++) {
    for (const name of clients) {
      const beat = codeOf(() => {
        world.heartbeat(name);
      });
      if (beat !== undefined)
        codeOf(() => world.join(name, { protocolNames: ['range', 'roundrobin', 'sticky'] }));
      const { waitsFor } = world.client(name);
      if (waitsFor && 'join' in waitsFor) codeOf(() => world.look(name));
      codeOf(() => world.sync(name, {}));
    }
    world.pass(1_000);
  }
}

describe('a classic group', () => {
  it('stays sound whatever is done to it, and no generation changes once it is together', () => {
    fc.assert(
      fc.property(worlds, acts, (limits, all) => {
        const world = new ClassicWorld(limits);
        const generations = new Generations();
        for (const act of all) {
          codeOf(() => act(world));
          expectSound(world);
          generations.check(world.group);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('comes to rest once its members behave: stable with all of them, or empty', () => {
    fc.assert(
      fc.property(worlds, acts, (limits, all) => {
        const world = new ClassicWorld(limits);
        for (const act of all) codeOf(() => act(world));
        // Whoever is silent, or waited for by id or deadline, goes; the rest joins again.
        world.pass(60_000);
        settle(world);
        expect(world.group).toMatchObject({ deadlineMs: 0, pendingMembers: {} });
        expect(['Stable', 'Empty']).toContain(world.group.state);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same after a command that was decided twice', () => {
    fc.assert(
      fc.property(worlds, acts, (limits, all) => {
        const world = new StutteringWorld(limits);
        for (const act of all) codeOf(() => act(world));
      }),
      { numRuns: 500 },
    );
  });
});

/** Decides each command a second time on what it made of the group, as after an attempt without an answer. */
class StutteringWorld extends ClassicWorld {
  override decide<Answer>(command: Parameters<typeof decideClassic<Answer>>[3]): Answer {
    const answer = super.decide(command);
    const once = this.group;
    expect(() => super.decide(command)).not.toThrow();
    expect(this.group).toEqual(once);
    return answer;
  }
}

const member: ClassicMember = {
  ...{
    groupInstanceId: 'i',
    clientId: 'c',
    clientHost: '/h',
    sessionTimeoutMs: 6_000,
    rebalanceTimeoutMs: 7_000,
  },
  ...{ protocolNames: ['range', 'sticky'], metadataHash: 'x', hasJoined: true, hasSynced: true },
};

describe('a stored classic group', () => {
  const group: ClassicGroup = {
    ...{ kind: 'classic', state: 'Stable', stateSinceMs: 1, protocolType: 'consumer', generation: 2 },
    ...{
      protocolName: 'range',
      leader: 'm-1',
      deadlineMs: 3,
      initialEndMs: 4,
      hasNewMember: true,
      assignmentsId: 'a',
    },
    members: {
      'm-1': member,
      'm-2': { ...member, groupInstanceId: undefined, hasJoined: false, hasSynced: false },
    },
    pendingMembers: { 'p-1': 5 },
  };

  it('is read as it was written, and has no value that a store could not keep', () => {
    const fields = classicGroupFields(group);
    expect(readClassicGroup(fields)).toEqual(group);
    expect(JSON.parse(JSON.stringify(fields))).toStrictEqual(fields);
    expect(readClassicGroup(classicGroupFields(emptyClassicGroup(9)))).toEqual(emptyClassicGroup(9));
  });
});

describe('refusals', () => {
  const command: JoinCommand = {
    ...{ clientId: 'c', clientHost: '/h', memberId: 'constructor', newMemberId: 'n', metadataHash: 'x' },
    ...{
      sessionTimeoutMs: 6_000,
      rebalanceTimeoutMs: 7_000,
      protocolType: 'consumer',
      protocolNames: ['range'],
    },
    ...{ requiresKnownMemberId: false, supportsSkippingAssignment: false },
  };

  it('takes names that every object has for no members', () => {
    const moment = { nowMs: 1, leases: undefined };
    const decide = () => join(emptyClassicGroup(0), command, moment, GROUP_LIMITS);
    expect(decide).toThrow(expect.objectContaining({ code: 'UNKNOWN_MEMBER_ID' }));
  });

  it('come with what time did to the group, so that it is stored', () => {
    const before: ClassicGroup = { ...emptyClassicGroup(0), pendingMembers: { p: 5 } };
    const moment = { nowMs: 5, leases: undefined };
    const { group, answer } = decideClassic(before, moment, GROUP_LIMITS, (ticked) =>
      join(ticked, { ...command, memberId: 'p' }, moment, GROUP_LIMITS),
    );
    expect(group.pendingMembers).toEqual({});
    expect(answer).toMatchObject({ refusal: { code: 'UNKNOWN_MEMBER_ID' } });
  });
});

describe('the protocol that members agree on', () => {
  it('is one that all have, and none has more votes', () => {
    const lists = fc.uniqueArray(fc.constantFrom<string[]>('a', 'b', 'c', 'd'), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(lists, { minLength: 1, maxLength: 6 }), (all) => {
        const members = Object.fromEntries(
          all.map((protocolNames, at) => [`m${at}`, { ...member, protocolNames }]),
        );
        const chosen = chooseProtocol({ ...emptyClassicGroup(0), members, leader: 'm0' });
        const candidates = ['a', 'b', 'c', 'd'].filter((one) => all.every((list) => list.includes(one)));
        if (candidates.length === 0) return;
        const votesFor = (one: string) =>
          all.filter((list) => list.find((name) => candidates.includes(name)) === one).length;
        expect(candidates).toContain(chosen);
        expect(votesFor(chosen)).toBe(Math.max(...candidates.map(votesFor)));
      }),
    );
  });
});
