// Members of consumer groups, by the consumer protocol: they beat, consume, commit, fall silent for hours and come back.
import { recordsOf } from '../../../lib/record/record-batch.ts';
import { topicIdOf } from '../partitions.ts';
import { textOf } from '../world.ts';
import { drawPauseMs, type Actor, type ActorContext } from './actor.ts';
import { MAIN_TOPIC, PARTITIONS } from './topics.ts';
import type { BrokerError } from '../../../lib/base/errors.ts';
import type { Beaten, Committed, OffsetRead } from '../history.ts';
import type { Member, World } from '../world.ts';
import type { SimDice } from '../dice.ts';

export type Delivery = 'at-least-once' | 'at-most-once';

/** Which groups there are, and how each delivers. */
export const GROUPS: Readonly<Record<string, Delivery>> = {
  careful: 'at-least-once',
  hasty: 'at-most-once',
  classic: 'at-least-once',
};

const FETCH_BYTES = 600;

/** What a member is to itself: it may have been removed for hours without knowing. */
export abstract class SimConsumer {
  readonly world: World;
  readonly group: string;
  readonly actor: string;
  /** Member epoch or generation; 0: it is to join. */
  epoch = 0;
  /** Of each partition it owns, the next offset to deliver. */
  readonly owned = new Map<number, number>();
  readonly #memberId: string;
  readonly #pick: () => Member;

  constructor(world: World, of: { group: string; memberId: string; actor: string; pick: () => Member }) {
    this.world = world;
    this.group = of.group;
    this.#memberId = of.memberId;
    this.actor = of.actor;
    this.#pick = of.pick;
  }

  /** The process that serves the next call: any. */
  anyProcess(): Member {
    return this.#pick();
  }

  get memberId(): string {
    return this.#memberId;
  }

  get identity() {
    return { actor: this.actor, group: this.group, memberId: this.memberId };
  }

  /** Tells the group that it is there, and takes over what it is told. */
  abstract beat(): Promise<void>;

  abstract leave(): Promise<void>;

  /** Takes a partition for its own from the committed offset on; not where that cannot be learned. */
  async own(partition: number): Promise<void> {
    const { epoch } = this;
    const read = await this.readCommitted(partition);
    if (read.outcome !== 'ok' || this.epoch !== epoch || epoch === 0) return;
    this.world.note({ ...this.identity, kind: 'own', partition });
    this.owned.set(partition, Math.max(0, read.offset));
  }

  readCommitted(partition: number): Promise<OffsetRead> {
    return this.world.groupCall<OffsetRead>(
      this.anyProcess(),
      { ...this.identity, kind: 'readOffset', partition, offset: -1 },
      async (groups, event) => {
        const partitions = [{ topic: MAIN_TOPIC, partition }];
        const [committed] = await groups.fetchOffsets({ groupId: this.group, partitions });
        event.offset = committed?.offset ?? -1;
      },
    );
  }

  disown(partition: number): void {
    if (this.owned.delete(partition)) this.world.note({ ...this.identity, kind: 'disown', partition });
  }

  /** It is no member any more: everything it had is somebody else's, or will be. */
  lose(): void {
    for (const partition of [...this.owned.keys()]) this.disown(partition);
    this.epoch = 0;
    this.world.count('member fenced');
  }

  async commit(partition: number, offset: number): Promise<Committed['outcome']> {
    const { epoch } = this;
    const committed = await this.world.groupCall<Committed>(
      this.anyProcess(),
      { ...this.identity, kind: 'commit', epoch, partition, offset },
      async (groups) => {
        const [answer] = await groups.commitOffsets({
          ...{ groupId: this.group, memberId: this.memberId, generationOrMemberEpoch: epoch },
          offsets: [{ topic: MAIN_TOPIC, partition, offset }],
        });
        if (answer?.error) throw answer.error;
      },
    );
    if (committed.outcome === 'failed' && isFencing(committed.error)) {
      this.world.count('commit refused');
      this.lose();
    }
    return committed.outcome;
  }

  /** Reads on in one partition and hands the records over, in the order that the group's delivery asks for. */
  async consume(partition: number): Promise<number> {
    const position = this.owned.get(partition) ?? 0;
    const member = this.anyProcess();
    const fetched = await member.process.orDeath(
      member.broker
        .fetch({ topic: MAIN_TOPIC, partition, offset: position, maxBytes: FETCH_BYTES, maxWaitMs: 0 })
        .catch(() => undefined),
    );
    if (typeof fetched !== 'object' || fetched.batches.length === 0) return 0;
    const records = [...recordsOf(fetched.batches, position)];
    const next = position + records.length;
    const deliver = () => {
      const values = records.map(({ value }) => textOf(value));
      this.world.note({ ...this.identity, kind: 'deliver', partition, firstOffset: position, values });
    };
    if (GROUPS[this.group] === 'at-most-once') {
      const outcome = await this.commit(partition, next);
      // Without an answer nobody knows whether they are this member's to deliver: that is what at most once means.
      if (outcome === 'ok' && this.owned.has(partition)) deliver();
      else if (outcome === 'failed') return 0;
    } else {
      deliver();
    }
    if (this.owned.has(partition)) this.owned.set(partition, next);
    return records.length;
  }
}

const FENCING = new Set([
  ...['UNKNOWN_MEMBER_ID', 'FENCED_MEMBER_EPOCH', 'STALE_MEMBER_EPOCH'],
  ...['ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'],
]);

/** Whether the error tells a member that it is not what it thinks it is. */
export const isFencing = (error: BrokerError | undefined): boolean =>
  error !== undefined && FENCING.has(error.code);

/** By the consumer protocol. */
class ConsumerMember extends SimConsumer {
  #isTold = false;

  async beat(): Promise<void> {
    const told = await this.#send(this.epoch);
    if (!told) return;
    const { assignment } = told;
    if (assignment) {
      const mine = new Set(assignment.flatMap(({ partitions }) => partitions));
      for (const partition of [...this.owned.keys()]) if (!mine.has(partition)) await this.#giveUp(partition);
      for (const partition of mine) if (!this.owned.has(partition)) await this.own(partition);
      this.#isTold = this.owned.size === mine.size;
    }
  }

  async #giveUp(partition: number): Promise<void> {
    const position = this.owned.get(partition);
    if (position !== undefined && position > 0) await this.commit(partition, position);
    this.disown(partition);
  }

  async #send(sentEpoch: number) {
    const topicId = await topicIdOf(this.world, MAIN_TOPIC);
    let answer: Awaited<ReturnType<Member['broker']['groups']['consumerGroupHeartbeat']>> | undefined;
    // Everything is said again until the answer is understood: answers get lost.
    const isFull = sentEpoch === 0 || !this.#isTold;
    const beaten = await this.world.groupCall<Beaten>(
      this.anyProcess(),
      { ...this.identity, kind: 'beat', sentEpoch },
      async (groups, event) => {
        answer = await groups.consumerGroupHeartbeat({
          ...{ groupId: this.group, memberId: this.memberId, memberEpoch: sentEpoch },
          ...{ clientId: this.actor, clientHost: '/127.0.0.1' },
          ...(isFull && { subscribedTopicNames: [MAIN_TOPIC], rebalanceTimeoutMs: 60_000 }),
          ownedPartitions:
            this.owned.size > 0 && sentEpoch > 0
              ? [{ topicId, partitions: [...this.owned.keys()].toSorted((a, b) => a - b) }]
              : [],
        });
        event.epoch = answer.memberEpoch;
      },
    );
    if (beaten.outcome === 'failed' && isFencing(beaten.error)) this.lose();
    if (beaten.outcome !== 'ok' || !answer) {
      this.#isTold = false;
      return undefined;
    }
    if (sentEpoch >= 0) this.epoch = answer.memberEpoch;
    return answer;
  }

  async leave(): Promise<void> {
    for (const partition of [...this.owned.keys()]) await this.#giveUp(partition);
    if (this.epoch > 0) await this.#send(-1);
    this.epoch = 0;
  }
}

const createMember = ({ world, dice, name }: ActorContext, group: string, round: number): SimConsumer =>
  new ConsumerMember(world, {
    ...{ group, actor: name, memberId: `${name}-${round}` },
    pick: () => world.anyMember(dice),
  });

/** A member of the group that comes, works, and goes in one way or another, some times over. */
export const consumer =
  (group: string): Actor =>
  (context) =>
    beOften(context, (round) => createMember(context, group, round));

/** Leaves, vanishes without a word, or is silent for hours and goes on as if nothing had been. */
export async function beOften(
  { world, dice }: ActorContext,
  create: (round: number) => SimConsumer,
): Promise<void> {
  for (let round = 0; round < 4 && isGoingOn(world); round++) {
    const member = create(round);
    for (let beats = dice.between(5, 25); beats > 0 && isGoingOn(world); beats--) {
      const isBack = dice.chance(0.03);
      if (isBack) await sleepLong(world, dice);
      // Who comes back from a sleep may go on with its work before it learns that it is no member any more.
      if (!isBack || dice.chance(0.5)) await member.beat();
      for (const partition of [...member.owned.keys()]) await work(member, partition, dice);
      await world.pause(dice.chance(0.9) ? dice.spread(50, 2_000) : drawPauseMs({ dice, world }));
    }
    if (dice.chance(0.5)) await member.leave();
    else member.lose();
  }
}

const isGoingOn = (world: World): boolean => !world.isEnding;

async function sleepLong(world: World, dice: SimDice): Promise<void> {
  world.count('member silent');
  await world.pause(dice.spread(5_000, 6 * 3_600_000));
}

async function work(member: SimConsumer, partition: number, dice: SimDice): Promise<void> {
  for (let reads = dice.between(0, 3); reads > 0 && member.owned.has(partition); reads--)
    if ((await member.consume(partition)) === 0) break;
  const position = member.owned.get(partition);
  if (position !== undefined && position > 0 && dice.chance(0.5)) await member.commit(partition, position);
  if (dice.chance(0.2)) await member.readCommitted(partition);
}

/** Joins as the last member there is, waits until all is its own, and delivers the rest: rebalances end. */
export async function drain(world: World, member: Member, group: string): Promise<void> {
  const last = new ConsumerMember(world, {
    ...{ group, actor: `last of ${group}`, memberId: `last-of-${group}` },
    pick: () => member,
  });
  while (last.owned.size < PARTITIONS) {
    await last.beat();
    await member.process.clock.sleep(1_000);
  }
  for (const partition of last.owned.keys()) {
    while ((await last.consume(partition)) > 0);
    await last.commit(partition, last.owned.get(partition) ?? 0);
    await last.own(partition);
  }
}
