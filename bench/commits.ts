// Members of one group that commit, each through a process of its own: what the transactions' conflicts cost.
import { createSeededDice } from '../lib/base/seeded-dice.ts';
import { SimulatedClock } from '../lib/cost/simulated-clock.ts';
import { createCoordinator } from '../lib/groups/create-coordinator.ts';
import { createGroups } from '../lib/groups/create-groups.ts';
import { createMemoryItemStore } from '../lib/storage/embedded/memory-item-store.ts';
import { createMeter, meterItems } from '../lib/storage/metered.ts';
import { retryItems } from '../lib/storage/retrying.ts';
import { createTopic } from '../lib/topics/create-topic.ts';
import { TOPIC_LIMITS } from '../lib/topics/limits.ts';
import { conflictItems, type ConflictCounts } from './conflicting-items.ts';
import { quantile, type Bound, type Report } from './report.ts';
import { delayItems } from './simulated-store.ts';
import type { Groups } from '../lib/groups/groups.ts';
import type { ItemStore } from '../lib/storage/ports/item-store.ts';

const TOPIC = 'commits';
const LATENCY_MS = 5;
const COMMITS_PER_MEMBER = 20;

export interface CommitsOptions {
  readonly members: number;
  /** Members that share a process, as those behind one gateway do. Default: 1. */
  readonly membersPerProcess?: number;
  /** Between a member's commits, as `auto.commit.interval.ms`; 0: all begin together, and each goes on at once. */
  readonly intervalMs: number;
}

export interface CommitsResult {
  /** Transactions that were sent, those refused by a conflict included. */
  readonly attemptsPerCommit: number;
  readonly writeUnitsPerCommit: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly commitsPerSecond: number;
  /** Commits that were given up. */
  readonly failed: number;
}

interface Member {
  readonly memberId: string;
  readonly epoch: number;
  readonly partition: number;
  readonly groups: Groups;
}

/** Commits in virtual time. The same options give the same result. */
export async function runCommits(options: CommitsOptions): Promise<CommitsResult> {
  const { members: count, intervalMs, membersPerProcess = 1 } = options;
  const clock = new SimulatedClock(Date.UTC(2026, 0, 1));
  const meter = createMeter();
  const counts: ConflictCounts = { transactions: 0, conflicts: 0 };
  const inner = createMemoryItemStore({ clock });
  const items = conflictItems(meterItems(inner, meter), { clock, holdMs: LATENCY_MS / 2, counts });
  const setup = { items: inner, clock, dice: createSeededDice(1), limits: TOPIC_LIMITS };
  await createTopic(setup, { name: TOPIC, partitions: count });
  const groups = Array.from({ length: Math.ceil(count / membersPerProcess) }, (_, at) =>
    openProcess(items, clock, at),
  );
  const members = await joinAll(groups, clock, { count, membersPerProcess });
  meter.reset();
  Object.assign(counts, { transactions: 0, conflicts: 0 });
  const startMs = clock.preciseMs;
  const all = await Promise.all(members.map((member) => commitOften(member, clock, intervalMs)));
  const latencies = all.flatMap(({ latenciesMs }) => latenciesMs);
  const commits = latencies.length;
  return {
    attemptsPerCommit: counts.transactions / commits,
    writeUnitsPerCommit: (meter.tables.groups.writeUnits + meter.tables.offsets.writeUnits) / commits,
    latencyMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
    commitsPerSecond: commits / ((clock.preciseMs - startMs) / 1_000),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  };
}

function openProcess(inner: ItemStore, clock: SimulatedClock, at: number): Groups {
  const dice = createSeededDice(100 + at);
  const items = retryItems(delayItems(inner, { clock, dice, latencyMs: LATENCY_MS }), { clock, dice });
  const topicDeps = { items, clock, dice, limits: TOPIC_LIMITS };
  return createGroups(createCoordinator(topicDeps, { pollMsMin: 20, pollMsMax: 500 }));
}

/** All become members and hear of their partition: as many as there are members. */
async function joinAll(
  groups: readonly Groups[],
  clock: SimulatedClock,
  { count, membersPerProcess }: { readonly count: number; readonly membersPerProcess: number },
): Promise<readonly Member[]> {
  const joined = Array.from({ length: count }, (_, at) => ({ memberId: `member-${at}`, epoch: 0, at }));
  const beat = async (member: (typeof joined)[number]) => {
    const served = groups[Math.floor(member.at / membersPerProcess)];
    if (!served) throw new Error(`no process serves ${member.memberId}`);
    const answer = await served.consumerGroupHeartbeat({
      ...{ groupId: 'group', memberId: member.memberId, memberEpoch: member.epoch },
      ...{ clientId: 'bench', clientHost: '/127.0.0.1' },
      ...(member.epoch === 0 && { subscribedTopicNames: [TOPIC], rebalanceTimeoutMs: 60_000 }),
      ownedPartitions: [],
    });
    return { ...member, epoch: answer.memberEpoch, groups: served, partition: member.at };
  };
  let members: readonly (Member & { at: number })[] = [];
  for (const member of joined) members = [...members, await beat(member)];
  for (let round = 0; round < 3; round++) {
    const next: (Member & { at: number })[] = [];
    for (const member of members) next.push(await beat(member));
    members = next;
    await clock.sleep(1_000);
  }
  return members;
}

async function commitOften({ groups, ...member }: Member, clock: SimulatedClock, intervalMs: number) {
  const dice = createSeededDice(member.partition);
  const latenciesMs: number[] = [];
  let failed = 0;
  await clock.sleep(intervalMs * dice.random());
  for (let offset = 1; offset <= COMMITS_PER_MEMBER; offset++) {
    const beginMs = clock.preciseMs;
    const offsets = [{ topic: TOPIC, partition: member.partition, offset }];
    await groups
      .commitOffsets({
        ...{ groupId: 'group', memberId: member.memberId, generationOrMemberEpoch: member.epoch },
        offsets,
      })
      .then(([answer]) => {
        if (answer?.error) throw answer.error;
      })
      .catch((error: unknown) => {
        if (failed++ === 0) console.error(String(error));
      });
    latenciesMs.push(clock.preciseMs - beginMs);
    await clock.sleep(intervalMs);
  }
  return { latenciesMs, failed };
}

/** The table. */
export async function benchCommits(): Promise<Report> {
  const cases: readonly (CommitsOptions & { readonly name: string })[] = [
    { name: '10, every 5 s', members: 10, intervalMs: 5_000 },
    { name: '100, every 5 s', members: 100, intervalMs: 5_000 },
    { name: '100 by one gateway, every 5 s', members: 100, membersPerProcess: 100, intervalMs: 5_000 },
    { name: '10 at once, without pause', members: 10, intervalMs: 0 },
    { name: '100 at once, without pause', members: 100, intervalMs: 0 },
    { name: '100 at once by one gateway', members: 100, membersPerProcess: 100, intervalMs: 0 },
  ];
  const rows: (string | number)[][] = [];
  const bounds: Bound[] = [];
  for (const { name, ...options } of cases) {
    const result = await runCommits(options);
    const { attemptsPerCommit, writeUnitsPerCommit, latencyMs, commitsPerSecond, failed } = result;
    rows.push([
      ...[name, attemptsPerCommit, writeUnitsPerCommit, latencyMs.p50, latencyMs.p99],
      ...[commitsPerSecond, failed],
    ]);
    bounds.push({ what: `${name}: given up`, figure: failed, atMost: 0, kind: 'count' });
    // Two for the fence that is checked, two for the offset: as many in a large group as in a small one.
    bounds.push({ what: `${name}: WRU`, figure: writeUnitsPerCommit, atMost: 4, kind: 'count' });
  }
  return {
    title: 'Members of a group that commit',
    note:
      `One offset each, ${COMMITS_PER_MEMBER} times, a store of ${LATENCY_MS} ms in virtual time. A transaction holds its ` +
      `items for ${LATENCY_MS / 2} ms, and one that meets a held item is refused, as DynamoDB does.`,
    columns: ['members', 'attempts', 'WRU', 'p50 ms', 'p99 ms', 'commits/s', 'given up'],
    ...{ rows, bounds },
  };
}
