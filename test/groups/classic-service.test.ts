// The classic protocol over a store that several processes share: members wait, find what was put for them, and stay members
// for as long as they are heard of.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { heartbeat, joinGroup, leaveGroup, syncGroup } from '../../lib/groups/classic.ts';
import { Coordinator } from '../../lib/groups/coordinator.ts';
import { GROUP_LIMITS, type GroupLimits } from '../../lib/groups/limits.ts';
import { createMemoryItemStore } from '../../lib/storage/embedded/memory-item-store.ts';
import { groupPk, LEASES } from '../../lib/storage/schema/group.ts';
import { boundStore } from '../support/bound-store.ts';
import { createManualClock } from '../support/manual-clock.ts';
import type { JoinGroupRequest } from '../../lib/groups/groups.ts';
import type { ItemStore } from '../../lib/storage/ports/item-store.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const textOf = (value: Uint8Array) => Buffer.from(value).toString();

class World {
  readonly clock = createManualClock();
  readonly items = createMemoryItemStore({ clock: this.clock });
  readonly #limits: GroupLimits;
  #seed = 0;

  constructor(limits: Partial<GroupLimits> = {}) {
    this.#limits = { ...GROUP_LIMITS, ...limits };
  }

  /** One more process over the stores. */
  process(items: ItemStore = this.items): Coordinator {
    const none = () => Promise.resolve(undefined);
    const topics = {
      find: none,
      findNow: none,
      names: () => Promise.resolve([]),
      namesNow: () => Promise.resolve([]),
    };
    return new Coordinator({
      ...{ items, topics, clock: this.clock, dice: createSeededDice(++this.#seed), limits: this.#limits },
      ...{ pollMsMin: 50, pollMsMax: 400 },
    });
  }

  /** Lets time pass until the answer is there. */
  async one<T>(promise: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const done = promise.finally(() => {
      state.isDone = true;
    });
    done.catch(() => undefined);
    for (let steps = 0; !state.isDone && steps < 10_000; steps++) await this.clock.advance(25);
    return done;
  }

  /** As `one`, for several that wait for each other. */
  all<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
    return this.one(Promise.all([first, second]));
  }
}

const requestOf = (name: string, more: Partial<JoinGroupRequest> = {}): JoinGroupRequest => ({
  ...{ groupId: 'g', memberId: '', clientId: name, clientHost: '/127.0.0.1', protocolType: 'consumer' },
  ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 30_000 },
  protocols: [
    { name: 'range', metadata: bytes(`${name} range`) },
    { name: 'sticky', metadata: bytes(`${name} sticky`) },
  ],
  ...{ requiresKnownMemberId: false, supportsSkippingAssignment: true },
  ...more,
});

async function joined(process: Coordinator, request: JoinGroupRequest) {
  const answer = await joinGroup(process, request);
  if (answer.kind !== 'joined') throw new Error(`${answer.memberId} is to join again`);
  return answer;
}

type Member = Awaited<ReturnType<typeof joined>>;
const identity = ({ memberId, generation }: Member) => ({ groupId: 'g', memberId, generation });

const refused = (code: string, outcome = 'not-applied') =>
  expect.objectContaining({
    code,
    outcome,
    message: expect.stringContaining('group g') as string,
  }) as BrokerError;

/** Two members in two processes, stable; the first leads. */
async function pairIn(world: World, more: Partial<JoinGroupRequest> = {}) {
  const [one, two] = [world.process(), world.process()];
  const first = joined(one, requestOf('a'));
  await world.clock.advance(1);
  const [a, b] = await world.all(first, joined(two, requestOf('b', more)));
  const assignments = [a.memberId, b.memberId].map((memberId) => ({
    ...{ memberId, assignment: bytes(`of ${memberId}`) },
  }));
  const synced = await world.all(
    syncGroup(two, { ...identity(b), assignments: [] }),
    syncGroup(one, { ...identity(a), assignments }),
  );
  return { one, two, a, b, synced };
}

describe('classic groups over several processes', () => {
  it('brings members together and hands each what the leader assigned it', async () => {
    const { a, b, synced } = await pairIn(new World());
    expect(a).toMatchObject({
      generation: 1,
      protocolName: 'range',
      leader: a.memberId,
      skipAssignment: false,
    });
    expect(b).toMatchObject({ generation: 1, protocolName: 'range', leader: a.memberId, members: [] });
    expect(a.members.map(({ memberId, metadata }) => [memberId, textOf(metadata)])).toEqual([
      [a.memberId, 'a range'],
      [b.memberId, 'b range'],
    ]);
    expect(synced.map(({ assignment }) => textOf(assignment))).toEqual([
      `of ${b.memberId}`,
      `of ${a.memberId}`,
    ]);
    expect(synced[0]).toMatchObject({ protocolType: 'consumer', protocolName: 'range' });
    expect(a.memberId).toMatch(/^a-[0-9a-f-]{36}$/);
  });

  it('waits for the initial delay, and no poll longer', async () => {
    const world = new World();
    const startMs = world.clock.now();
    await world.one(joined(world.process(), requestOf('a')));
    const tookMs = world.clock.now() - startMs;
    expect(tookMs).toBeGreaterThanOrEqual(3_000);
    expect(tookMs).toBeLessThan(3_100);
  });

  it('gives an id that a member comes again with', async () => {
    const world = new World({ initialRebalanceDelayMs: 0 });
    const process = world.process();
    const request = requestOf('a', { requiresKnownMemberId: true });
    const told = await joinGroup(process, request);
    expect(told.kind).toBe('memberIdRequired');
    expect(await joined(world.process(), { ...request, memberId: told.memberId })).toMatchObject({
      ...{ memberId: told.memberId, generation: 1, leader: told.memberId },
    });
  });

  it('keeps who is heard of, and tells the others when somebody is not', async () => {
    const world = new World();
    const { one, two, a, b } = await pairIn(world);
    for (let beats = 0; beats < 10; beats++) {
      await world.clock.advance(3_000);
      await world.all(heartbeat(one, identity(a)), heartbeat(two, identity(b)));
    }
    // A lease lasts for two thirds of a session from the last beat at least, and for a session at most.
    for (let beats = 0; beats < 2; beats++) {
      await world.clock.advance(3_000);
      await heartbeat(one, identity(a));
    }
    await world.clock.advance(4_500);
    await expect(heartbeat(one, identity(a))).rejects.toEqual(refused('REBALANCE_IN_PROGRESS'));
    const again = await world.one(joined(one, requestOf('a', { memberId: a.memberId })));
    expect(again).toMatchObject({ generation: 2, leader: a.memberId });
    expect(again.members).toHaveLength(1);
    await expect(heartbeat(two, identity(b))).rejects.toEqual(refused('UNKNOWN_MEMBER_ID'));
    await expect(heartbeat(two, { ...identity(a), generation: 1 })).rejects.toEqual(
      refused('ILLEGAL_GENERATION'),
    );
  });

  it('keeps a member that waits longer than its session', async () => {
    const world = new World({ initialRebalanceDelayMs: 25_000 });
    expect(await world.one(joined(world.process(), requestOf('a')))).toMatchObject({ generation: 1 });
  });

  it('lets a static member come back to its assignment', async () => {
    const world = new World();
    const { one, a, b } = await pairIn(world, { groupInstanceId: 'i' });
    const back = await joined(one, requestOf('b2', { groupInstanceId: 'i' }));
    expect(back).toMatchObject({ generation: 1, leader: a.memberId });
    expect(back.memberId).toMatch(/^i-/);
    const { assignment } = await syncGroup(one, { ...identity(back), groupInstanceId: 'i', assignments: [] });
    expect(textOf(assignment)).toBe(`of ${b.memberId}`);
    const old = { ...identity(b), groupInstanceId: 'i' };
    await expect(heartbeat(one, old)).rejects.toEqual(refused('FENCED_INSTANCE_ID'));
  });

  it('ends a wait with its signal; the member is one', async () => {
    const world = new World();
    const ended = new AbortController();
    const waiting = joined(world.process(), requestOf('a', { signal: ended.signal }));
    waiting.catch(() => undefined);
    await world.clock.advance(100);
    ended.abort();
    await expect(world.one(waiting)).rejects.toEqual(
      expect.objectContaining({ code: 'REQUEST_TIMED_OUT', outcome: 'applied' }),
    );
  });
});

describe('leaving', () => {
  it('tells each member for itself, also of a group that is not there', async () => {
    const world = new World();
    const unknown = {
      memberId: 'x',
      error: expect.objectContaining({ code: 'UNKNOWN_MEMBER_ID' }) as unknown,
    };
    expect(await leaveGroup(world.process(), { groupId: 'g', members: [{ memberId: 'x' }] })).toEqual([
      unknown,
    ]);
    expect(await world.process().read('g')).toBeUndefined();
    const { one, two, a, b } = await pairIn(world);
    const left = leaveGroup(one, { groupId: 'g', members: [{ memberId: b.memberId }, { memberId: 'x' }] });
    expect(await left).toEqual([{ memberId: b.memberId }, unknown]);
    await expect(heartbeat(one, identity(a))).rejects.toEqual(refused('REBALANCE_IN_PROGRESS'));
    await expect(syncGroup(two, { ...identity(b), assignments: [] })).rejects.toEqual(
      refused('UNKNOWN_MEMBER_ID'),
    );
  });

  it('has left also where the answer was lost and others have changed the group since', async () => {
    const world = new World({ initialRebalanceDelayMs: 0 });
    const other = world.process();
    const a = await joined(other, requestOf('a'));
    let isLost = false;
    const lossy: ItemStore = {
      ...boundStore(world.items),
      transact: async (writes, requestId) => {
        const result = await world.items.transact(writes, requestId);
        if (isLost) return result;
        isLost = true;
        await joined(other, requestOf('b'));
        throw new BrokerError('REQUEST_TIMED_OUT', 'no answer', { outcome: 'unknown' });
      },
    };
    const left = leaveGroup(world.process(lossy), { groupId: 'g', members: [{ memberId: a.memberId }] });
    expect(await world.one(left)).toEqual([{ memberId: a.memberId }]);
    expect(isLost).toBe(true);
  });
});

describe('refusals', () => {
  it.each([
    ['INVALID_GROUP_ID', { groupId: '' }],
    ['INVALID_SESSION_TIMEOUT', { sessionTimeoutMs: 5_999 }],
    ['INVALID_REQUEST', { groupInstanceId: 'i'.repeat(401) }],
    ['INVALID_REQUEST', { memberId: 'm'.repeat(401) }],
    ['INCONSISTENT_GROUP_PROTOCOL', { protocols: [] }],
    ['UNKNOWN_MEMBER_ID', { memberId: 'nobody' }],
  ])('answers %s', async (code, more) => {
    const world = new World();
    await expect(joinGroup(world.process(), requestOf('a', more))).rejects.toEqual(
      expect.objectContaining({ code, outcome: 'not-applied' }),
    );
    expect(await world.process().read('g')).toBeUndefined();
  });

  it('leave no lease that is too long', async () => {
    const world = new World();
    await expect(joinGroup(world.process(), requestOf('a', { sessionTimeoutMs: 2 ** 31 }))).rejects.toThrow();
    expect(await world.items.query('groups', groupPk('g'), { between: LEASES, limit: 10 })).toEqual([]);
  });

  it('make an id of any client id', async () => {
    const world = new World({ initialRebalanceDelayMs: 0 });
    for (const clientId of ['', '\u{1f600}'.repeat(200), 'x'.repeat(10_000)]) {
      const { memberId } = await joined(
        world.process(),
        requestOf('a', { clientId, groupId: `of ${clientId.length}` }),
      );
      expect(Buffer.byteLength(memberId)).toBeLessThanOrEqual(GROUP_LIMITS.memberIdBytesMax);
      expect(memberId.isWellFormed()).toBe(true);
    }
  });
});
