// Members of a classic group: they join and sync, one of them assigns, and they heartbeat until they are told to join again.
import { isFencing, SimConsumer, beOften } from './consume.ts';
import { MAIN_TOPIC, PARTITIONS } from './topics.ts';
import type { Actor } from './actor.ts';
import type { JoinGroupAnswer } from '../../../lib/groups/groups.ts';
import type { Beaten } from '../history.ts';

const SESSION_TIMEOUT_MS = 20_000;

type Joined = Extract<JoinGroupAnswer, { readonly kind: 'joined' }>;

/** Round robin over the members: what each is assigned, a byte for each partition. */
const assign = ({ members }: Joined) =>
  members.map(({ memberId }, at) => ({
    memberId,
    assignment: Uint8Array.from({ length: PARTITIONS }, (_, partition) => partition).filter(
      (partition) => partition % members.length === at,
    ),
  }));

class ClassicMember extends SimConsumer {
  /** Given by the group. */
  #id = '';

  override get memberId(): string {
    return this.#id;
  }

  async beat(): Promise<void> {
    if (this.epoch === 0) await this.#joinAndSync();
    else await this.#heartbeat();
  }

  async #heartbeat(): Promise<void> {
    const { epoch } = this;
    const beaten = await this.world.groupCall<Beaten>(
      this.anyProcess(),
      { ...this.identity, kind: 'beat', sentEpoch: epoch },
      (groups) => groups.heartbeat({ groupId: this.group, memberId: this.memberId, generation: epoch }),
    );
    if (beaten.outcome !== 'failed' || !isFencing(beaten.error)) return;
    if (beaten.error?.code === 'REBALANCE_IN_PROGRESS') await this.#commitAll();
    if (beaten.error?.code === 'UNKNOWN_MEMBER_ID') this.#id = '';
    this.lose();
  }

  async #commitAll(): Promise<void> {
    for (const [partition, position] of [...this.owned])
      if (position > 0 && this.owned.has(partition)) await this.commit(partition, position);
  }

  async #joinAndSync(): Promise<void> {
    const { groups, ...member } = this.#served();
    const beaten = await this.world.groupCall<Beaten>(
      member.of,
      { ...this.identity, kind: 'beat', sentEpoch: 0 },
      async (_groups, event) => {
        const joined = await this.#join(groups);
        const assignments = joined.leader === joined.memberId ? assign(joined) : [];
        event.gave = Object.fromEntries(assignments.map((one) => [one.memberId, [...one.assignment]]));
        event.epoch = joined.generation;
        this.#id = joined.memberId;
        const { assignment } = await groups.syncGroup({
          ...{ groupId: this.group, memberId: joined.memberId, generation: joined.generation, assignments },
        });
        this.epoch = joined.generation;
        this.#assigned = [...assignment];
        event.assigned = this.#assigned;
        event.servedId = joined.memberId;
      },
    );
    if (beaten.error?.code === 'UNKNOWN_MEMBER_ID') this.#id = '';
    if (beaten.outcome !== 'ok') return;
    for (const partition of this.#assigned) await this.own(partition);
  }

  #assigned: readonly number[] = [];

  /** Joining and syncing is one client's conversation with one process, as over a connection. */
  #served() {
    const of = this.anyProcess();
    return { of, groups: of.broker.groups };
  }

  async #join(groups: ReturnType<ClassicMember['anyProcess']>['broker']['groups']): Promise<Joined> {
    const request = {
      ...{ groupId: this.group, clientId: this.actor, clientHost: '/127.0.0.1', protocolType: 'consumer' },
      ...{ sessionTimeoutMs: SESSION_TIMEOUT_MS, rebalanceTimeoutMs: SESSION_TIMEOUT_MS },
      protocols: [{ name: 'bytes', metadata: Buffer.from(MAIN_TOPIC) }],
      ...{ requiresKnownMemberId: true, supportsSkippingAssignment: true },
    };
    const answer = await groups.joinGroup({ ...request, memberId: this.#id });
    if (answer.kind === 'joined') return answer;
    this.#id = answer.memberId;
    return this.#join(groups);
  }

  async leave(): Promise<void> {
    if (this.epoch > 0) await this.#commitAll();
    for (const partition of [...this.owned.keys()]) this.disown(partition);
    const { of, groups } = this.#served();
    const left = groups.leaveGroup({ groupId: this.group, members: [{ memberId: this.memberId }] });
    await of.process.orDeath(left.catch(() => undefined));
    this.epoch = 0;
  }
}

/** A member of a classic group that comes, works, and goes in one way or another, some times over. */
export const classicConsumer =
  (group: string): Actor =>
  (context) =>
    beOften(
      context,
      () =>
        new ClassicMember(context.world, {
          ...{ group, memberId: '', actor: context.name },
          pick: () => context.world.anyMember(context.dice),
        }),
    );
