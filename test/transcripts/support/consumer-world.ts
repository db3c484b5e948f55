// A consumer group with clients, as transcripts and properties drive it: the state machine alone, on a clock of its own, the
// group going through its stored form at every step.
import { strictEqual, deepStrictEqual } from 'node:assert/strict';
import { BrokerError } from '../../../lib/base/errors.ts';
import { checkConsumerGroup } from '../../../lib/groups/consumer-reconcile-state.ts';
import { beat, checkCommit, tick, type Beaten } from '../../../lib/groups/consumer-state.ts';
import { GROUP_LIMITS, type GroupLimits } from '../../../lib/groups/limits.ts';
import { matchTopics } from '../../../lib/groups/subscription.ts';
import {
  consumerGroupFields,
  emptyConsumerGroup,
  readConsumerGroup,
  type ConsumerGroup,
  type PartitionsById,
  type SubscribedTopic,
} from '../../../lib/storage/schema/consumer-group.ts';
import type { ConsumerGroupHeartbeatRequest } from '../../../lib/groups/groups.ts';

type Fields = Partial<Omit<ConsumerGroupHeartbeatRequest, 'groupId' | 'memberId'>>;

/** What a client knows. */
export interface Client {
  epoch: number;
  /** The last assignment that it was told. */
  told: PartitionsById;
  /** What it consumes. */
  owned: PartitionsById;
  isSilent: boolean;
  /** All that it joined with, to be said again in full. */
  readonly fields: Fields;
}

const SESSION_TIMEOUT_MS = 45_000;

const toList = (partitions: PartitionsById) =>
  Object.entries(partitions).map(([topicId, list]) => ({ topicId, partitions: list }));

/** Every call throws BrokerError as the state machine does. */
export class ConsumerWorld {
  group: ConsumerGroup = emptyConsumerGroup(0);
  nowMs = 1_000_000;
  readonly limits: GroupLimits;
  readonly topics = new Map<string, SubscribedTopic>();
  readonly clients = new Map<string, Client>();
  readonly #leases = new Map<string, number>();

  constructor(limits: Partial<GroupLimits> = {}) {
    this.limits = { ...GROUP_LIMITS, ...limits };
  }

  join(memberId: string, fields: Fields): Beaten {
    const known = this.clients.get(memberId);
    const client: Client = known ?? { ...{ epoch: 0, told: {}, owned: {}, isSilent: false }, fields };
    const answer = this.send(memberId, 0, {
      ...{ rebalanceTimeoutMs: 300_000, ownedPartitions: [], subscribedTopicNames: [] },
      ...fields,
    });
    const joined = { ...client, fields, owned: {}, isSilent: false };
    this.clients.set(memberId, joined);
    hear(joined, answer);
    return answer;
  }

  /** `isHeard`: whether the answer reaches the client. */
  beat(
    memberId: string,
    fields: Fields = {},
    { epoch, isHeard = true }: { epoch?: number; isHeard?: boolean } = {},
  ): Beaten {
    const client = this.client(memberId);
    const answer = this.send(memberId, epoch ?? client.epoch, { ...instanceOf(client), ...fields });
    if (isHeard) hear(client, answer);
    return answer;
  }

  /** The client does as it was told, and says so. */
  apply(memberId: string): Beaten {
    const client = this.client(memberId);
    client.owned = client.told;
    return this.beat(memberId, { ownedPartitions: toList(client.owned) });
  }

  /** As Kafka's clients do where no answer came: the client says all about itself. */
  beatInFull(memberId: string): Beaten {
    const client = this.client(memberId);
    return this.beat(memberId, {
      ...{ rebalanceTimeoutMs: 300_000, subscribedTopicNames: [] },
      ...client.fields,
      ownedPartitions: toList(client.owned),
    });
  }

  leave(memberId: string, epoch: -1 | -2): void {
    this.send(memberId, epoch, instanceOf(this.client(memberId)));
    this.clients.delete(memberId);
  }

  pass(durationMs: number): void {
    for (const [memberId, { isSilent }] of this.clients)
      if (!isSilent && this.#leases.has(memberId))
        this.#leases.set(memberId, this.nowMs + durationMs + SESSION_TIMEOUT_MS);
    this.nowMs += durationMs;
    this.look();
  }

  /** What the time and the topics have made of the group. */
  look(): void {
    this.#become(tick(this.group, this.#moment(), this.#view));
  }

  commit(memberId: string, memberEpoch: number): void {
    this.look();
    checkCommit(this.group, { memberId, memberEpoch });
  }

  client(memberId: string): Client {
    const client = this.clients.get(memberId);
    if (!client) throw new Error(`there is no client ${memberId}`);
    return client;
  }

  send(memberId: string, memberEpoch: number, fields: Fields): Beaten {
    const pattern = fields.subscribedTopicRegex ?? this.group.members[memberId]?.subscribedTopicRegex ?? '';
    const matchedTopicNames = matchTopics(pattern, [...this.topics.keys()].sort());
    if (memberEpoch === 0)
      this.#leases.set(memberId, this.nowMs + (fields.sessionTimeoutMs ?? SESSION_TIMEOUT_MS));
    this.look();
    const command = {
      ...{ clientId: 'test', clientHost: '/127.0.0.1', newMemberId: 'new', matchedTopicNames },
      ...{ ...fields, memberId, memberEpoch },
    };
    const step = beat(this.group, command, this.#moment(), { view: this.#view, limits: this.limits });
    this.#become(step.group);
    if (memberEpoch >= 0) this.#leases.set(memberId, this.nowMs + step.answer.sessionTimeoutMs);
    return step.answer;
  }

  readonly #view = (name: string) => this.topics.get(name) ?? null;

  #moment() {
    return { nowMs: this.nowMs, leases: this.#leases };
  }

  #become(group: ConsumerGroup): void {
    if (group === this.group) return;
    checkConsumerGroup(group);
    strictEqual(group.emptySinceMs > 0, Object.keys(group.members).length === 0);
    const fields = structuredClone(consumerGroupFields(group));
    strictEqual(
      JSON.stringify(fields, (_, value: unknown) => (value === undefined ? '!' : value)).includes('"!"'),
      false,
    );
    this.group = readConsumerGroup(fields);
    deepStrictEqual(this.group, group);
  }
}

const instanceOf = ({ fields: { groupInstanceId } }: Client): Fields =>
  groupInstanceId === undefined ? {} : { groupInstanceId };

/** What is taken away is consumed until the client applies it; what is given, too. */
function hear(client: Client, { memberEpoch, assigned }: Beaten): void {
  client.epoch = memberEpoch;
  if (assigned) client.told = assigned;
}

/** The code of what `act` throws; undefined: nothing. */
export function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof BrokerError) return error.code;
    throw error;
  }
}
