// A classic group with clients, as transcripts and properties drive it: the state machine alone, on a clock of its own, the
// group going through its stored form at every step.
import { BrokerError } from '../../../lib/base/errors.ts';
import {
  join,
  joinedAnswer,
  type JoinAnswer,
  type JoinTicket,
} from '../../../lib/groups/classic-join-state.ts';
import { memberOf } from '../../../lib/groups/classic-members-state.ts';
import { tick } from '../../../lib/groups/classic-rebalance-state.ts';
import { checkCommit, checkHeartbeat, decideClassic, leave } from '../../../lib/groups/classic-state.ts';
import {
  sync,
  syncAnswer,
  type AssignmentsNeeded,
  type SyncAnswer,
  type SyncTicket,
} from '../../../lib/groups/classic-sync-state.ts';
import { GROUP_LIMITS, type GroupLimits } from '../../../lib/groups/limits.ts';
import {
  classicGroupFields,
  emptyClassicGroup,
  readClassicGroup,
  type ClassicGroup,
} from '../../../lib/storage/schema/classic-group.ts';
import type { Moment, Step } from '../../../lib/groups/group.ts';
import type { LeftMember } from '../../../lib/groups/groups.ts';

export interface JoinOptions {
  readonly protocolNames: readonly string[];
  readonly memberId?: string;
  readonly groupInstanceId?: string;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly protocolType?: string;
  readonly metadata?: string;
  readonly requiresKnownMemberId?: boolean;
  readonly supportsSkippingAssignment?: boolean;
}

/** What a client knows. */
interface Client {
  memberId: string;
  groupInstanceId?: string;
  generation: number;
  sessionTimeoutMs: number;
  waitsFor?: { readonly join: JoinTicket } | { readonly sync: SyncTicket };
}

const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 60_000;

/** Every call throws BrokerError as the state machine does. */
export class ClassicWorld {
  group: ClassicGroup;
  nowMs = 1_000_000;
  readonly limits: GroupLimits;
  /** By assignments id, then slot. */
  readonly assignments = new Map<string, ReadonlyMap<string, string>>();
  readonly #clients = new Map<string, Client>();
  /** By member id: when the lease ends. Those who are not silent have theirs renewed whenever time passes. */
  readonly #leases = new Map<string, number>();
  readonly #silent = new Set<string>();
  #ids = 0;

  constructor(limits: Partial<GroupLimits> = {}) {
    this.limits = { ...GROUP_LIMITS, ...limits };
    this.group = emptyClassicGroup(this.nowMs);
  }

  /** What the client knows; a name that was never used is a client that knows nothing. */
  client(name: string): Client {
    const known = this.#clients.get(name);
    if (known) return known;
    const client = { memberId: '', generation: -1, sessionTimeoutMs: SESSION_TIMEOUT_MS };
    this.#clients.set(name, client);
    return client;
  }

  get moment(): Moment {
    return { nowMs: this.nowMs, leases: this.#leases };
  }

  /** Decides and stores. Throws the refusal, also one that comes with a change. */
  decide<Answer>(command: (group: ClassicGroup) => Step<ClassicGroup, Answer>): Answer {
    const { group, answer } = decideClassic(this.group, this.moment, this.limits, command);
    this.#store(group);
    if ('refusal' in answer) throw answer.refusal;
    return answer.answer;
  }

  #store(group: ClassicGroup): void {
    this.group = readClassicGroup(classicGroupFields(group));
  }

  /** Time passes all at once; those who are not silent are known to be there at its end. */
  pass(durationMs: number): void {
    this.nowMs += durationMs;
    for (const client of this.#clients.values()) this.#renew(client);
    this.#store(tick(this.group, this.moment, this.limits));
  }

  #renew({ memberId, sessionTimeoutMs }: Client): void {
    if (memberId === '' || this.#silent.has(memberId)) return;
    this.#leases.set(memberId, this.nowMs + sessionTimeoutMs);
  }

  /** Whoever has the id at present renews its lease no more. */
  fallSilent(name: string): void {
    this.#silent.add(this.client(name).memberId);
  }

  join(name: string, options: JoinOptions): JoinAnswer {
    const client = this.client(name);
    const { protocolNames, metadata = 'v1', memberId = client.memberId } = options;
    const sessionTimeoutMs = options.sessionTimeoutMs ?? client.sessionTimeoutMs;
    const newMemberId = this.#newId(name);
    // Leases are renewed before the group is asked.
    if (sessionTimeoutMs > 0) this.#renew({ ...client, memberId: memberId || newMemberId, sessionTimeoutMs });
    const groupInstanceId = options.groupInstanceId ?? client.groupInstanceId;
    const answer = this.decide((group) =>
      join(
        group,
        {
          ...{
            clientId: name,
            clientHost: '/127.0.0.1',
            memberId,
            newMemberId,
            protocolNames,
            sessionTimeoutMs,
          },
          ...(groupInstanceId !== undefined && { groupInstanceId }),
          rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? REBALANCE_TIMEOUT_MS,
          protocolType: options.protocolType ?? 'consumer',
          requiresKnownMemberId: options.requiresKnownMemberId ?? false,
          supportsSkippingAssignment: options.supportsSkippingAssignment ?? false,
          metadataHash: `${protocolNames.join()} ${metadata}`,
        },
        this.moment,
        this.limits,
      ),
    );
    Object.assign(client, { sessionTimeoutMs, ...(groupInstanceId !== undefined && { groupInstanceId }) });
    this.#tell(client, answer);
    // Who waits looks at once: where nobody is waited for, the group is together already.
    return answer.kind === 'waiting' ? (this.look(name) as JoinAnswer) : answer;
  }

  /** Nobody was given it before: the client keeps its last one until it is given another. */
  #newId(name: string): string {
    const { memberId } = this.client(name);
    return memberId === '' ? name : `${memberId}'`;
  }

  #tell(client: Client, answer: JoinAnswer): JoinAnswer {
    if (answer.kind === 'memberIdRequired') client.memberId = answer.memberId;
    else if (answer.kind === 'waiting') {
      client.memberId = answer.ticket.memberId;
      client.waitsFor = { join: answer.ticket };
    } else {
      Object.assign(client, { memberId: answer.memberId, generation: answer.generation });
      delete client.waitsFor;
    }
    return answer;
  }

  /** What a client that waits is told now. */
  look(name: string): JoinAnswer | SyncAnswer {
    const client = this.client(name);
    const { waitsFor } = client;
    if (!waitsFor) throw new Error(`${name} waits for nothing`);
    if ('sync' in waitsFor) {
      return this.decide((group) => ({ group, answer: syncAnswer(group, waitsFor.sync) }));
    }
    return this.#tell(
      client,
      this.decide((group) => ({ group, answer: joinedAnswer(group, waitsFor.join) })),
    );
  }

  /** `assignments` by member id. */
  sync(
    name: string,
    assignments: Readonly<Record<string, string>>,
    {
      generation = this.client(name).generation,
      protocolName,
    }: { generation?: number; protocolName?: string } = {},
  ): SyncAnswer | AssignmentsNeeded {
    const client = this.client(name);
    const command = {
      ...this.#identity(client),
      generation,
      ...(protocolName !== undefined && { protocolName }),
    };
    const syncWith = (assignmentsId: string | undefined) =>
      this.decide((group) => sync(group, { ...command, assignmentsId }, this.moment));
    let answer = syncWith(undefined);
    if (answer.kind === 'assignmentsNeeded') {
      const { slots } = answer;
      const id = `assignments ${++this.#ids}`;
      const rows = Object.entries(assignments).map(([member, text]) => [slots[member] ?? '', text] as const);
      this.assignments.set(id, new Map(rows));
      answer = syncWith(id);
    }
    if (answer.kind === 'waiting') client.waitsFor = { sync: answer.ticket };
    return answer;
  }

  #identity({ memberId, groupInstanceId }: Client) {
    return { memberId, ...(groupInstanceId !== undefined && { groupInstanceId }) };
  }

  heartbeat(name: string, generation = this.client(name).generation): void {
    const client = this.client(name);
    this.decide((group) => {
      checkHeartbeat(group, { ...this.#identity(client), generation });
      return { group, answer: undefined };
    });
  }

  commit(name: string | undefined, generation?: number): void {
    const client = name === undefined ? { memberId: '', generation: -1 } : this.client(name);
    const identity = name === undefined ? { memberId: '' } : this.#identity(this.client(name));
    this.decide((group) => {
      checkCommit(group, { ...identity, generationOrMemberEpoch: generation ?? client.generation });
      return { group, answer: undefined };
    });
  }

  leave(
    members: readonly { readonly memberId: string; readonly groupInstanceId?: string }[],
  ): readonly LeftMember[] {
    return this.decide((group) => leave(group, members, this.moment, this.limits));
  }

  /** What a member of an id is, as the group has it. */
  member(memberId: string) {
    return memberOf(this.group, memberId);
  }
}

/** What a call answers, or the code of its refusal. */
export function codeOf<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    if (error instanceof BrokerError) return error.code;
    throw error;
  }
}
