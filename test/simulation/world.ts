// A simulated installation: processes over shared stores, and the calls of its clients, which are written down.
import { toBrokerError } from '../../lib/base/errors.ts';
import { KeyWatch } from '../../lib/base/key-watch.ts';
import { createBroker } from '../../lib/broker/create-broker.ts';
import { AWS_LIMITS, type LogLimits } from '../../lib/log/limits.ts';
import { Log } from '../../lib/log/log.ts';
import { encodeBatch, recordsOf } from '../../lib/record/record-batch.ts';
import { retryItems, retryObjects } from '../../lib/storage/retrying.ts';
import { createTieredObjectStore } from '../../lib/storage/tiered-object-store.ts';
import { GROUP_LIMITS, type GroupLimits } from '../../lib/groups/limits.ts';
import { TOPIC_LIMITS } from '../../lib/topics/limits.ts';
import { createSimDice, type SimDice } from './dice.ts';
import { drawProfile } from './faults.ts';
import { Network } from './network.ts';
import { SimProcess } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { SimStores } from './stores.ts';
import { Trace } from './trace.ts';
import type { Broker } from '../../lib/broker/broker.ts';
import type { Groups } from '../../lib/groups/groups.ts';
import type {
  Beaten,
  Committed,
  Delivered,
  Disowned,
  Fetched,
  HistoryEvent,
  Looked,
  OffsetRead,
  Owned,
  Produced,
  TopicCreated,
  TopicDeleted,
} from './history.ts';
import type { LogDeps } from '../../lib/log/log-deps.ts';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** AWS's limits with sizes made small, and days made hours: a run lasts for days, and everything that ages does so in it. */
export function drawLimits(dice: SimDice): LogLimits {
  return {
    ...AWS_LIMITS,
    inlineBytesMax: dice.pick([0, 120, 300]),
    headBytesSoft: dice.pick([400, 700]),
    tailEntriesSoft: dice.pick([3, 5, 12]),
    tailEntriesMax: dice.pick([13, 20, 48]),
    tailEntriesKept: dice.pick([0, 1, 2]),
    producersBytesMax: dice.pick([4, 4, 12, 40, 512]),
    entryBytesMax: dice.pick([200, 4_000_000]),
    smallObjectBytesMax: 400,
    segmentBytesTarget: 6_000,
    segmentBytesMin: 2_000,
    segmentAgeMaxMs: HOUR_MS,
    indexIntervalBytes: 1_000,
    unsealedAgeMaxMs: 3 * HOUR_MS,
    hotExpiryMs: 6 * HOUR_MS,
    producerExpirationMs: 48 * HOUR_MS,
    sharedObjectBytesMax: dice.pick([0, 4_000, 20_000]),
    sharedObjectWaitMs: dice.pick([5, 1_000, 5_000]),
  };
}

/** Sessions are short beside what processes freeze for, and long beside what requests take. */
export const drawGroupLimits = (dice: SimDice): GroupLimits => ({
  ...GROUP_LIMITS,
  sessionTimeoutMsMin: 1_000,
  initialRebalanceDelayMs: dice.pick([0, 500, 3_000]),
  consumerSessionTimeoutMs: dice.pick([6_000, 45_000, 300_000]),
  consumerHeartbeatIntervalMs: dice.pick([300, 3_000]),
});

/** One process with a broker in it, as a function's is: it may die, and another takes its place. */
export interface Member {
  readonly process: SimProcess;
  readonly deps: LogDeps;
  readonly log: Log;
  readonly broker: Broker;
}

type Instant<Event> = Omit<Event, 'startStep' | 'endStep' | 'outcome'>;

export interface WorldOptions {
  readonly seed: number;
  readonly print?: (line: string) => void;
}

export class World {
  readonly dice: SimDice;
  readonly scheduler = new Scheduler(Date.UTC(2026, 0, 1));
  readonly trace: Trace;
  readonly network: Network;
  readonly stores: SimStores;
  readonly limits: LogLimits;
  readonly groupLimits: GroupLimits;
  readonly events: HistoryEvent[] = [];
  /** Rare paths and chaos, counted. */
  readonly counts: Record<string, number> = {};
  members: Member[] = [];
  /** The actors under way. */
  acting: readonly Promise<void>[] = [];
  /** Set when no actor should begin anything new. */
  isEnding = false;
  /** Some runs are over within the hour, others last for days. */
  readonly pace: number;
  /** In some, hardly anybody is there: what happens to a partition then depends on one process alone. */
  readonly isQuiet: boolean;
  #started = 0;
  readonly #open = new Map<HistoryEvent, SimProcess>();

  constructor({ seed, print }: WorldOptions) {
    this.dice = createSimDice(seed);
    this.trace = new Trace(this.scheduler, print);
    this.limits = drawLimits(this.dice.fork());
    this.isQuiet = this.dice.chance(0.2);
    this.pace = this.isQuiet ? 5 : this.dice.pick([0.1, 1, 1, 5]);
    this.network = new Network(
      this.scheduler,
      this.dice.fork(),
      this.trace,
      drawProfile(this.dice.fork(), this.isQuiet),
    );
    this.groupLimits = drawGroupLimits(this.dice.fork());
    this.stores = new SimStores(this.scheduler, this.network, this.limits);
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Starts a process. `isOfAll`: any actor may use it, and chaos befalls it. */
  start({ isOfAll = true } = {}): Member {
    const skewMs = this.dice.chance(0.5) ? 0 : this.dice.between(-2 * MINUTE_MS, 2 * MINUTE_MS);
    const process = new SimProcess(`process-${++this.#started}`, this.scheduler, {
      skewMs,
      isSheltered: !isOfAll,
    });
    const { clock } = process;
    const dice = this.dice.fork();
    const seen = this.stores.seenBy(process);
    const items = retryItems(seen.items, { clock, dice });
    const large = retryObjects(seen.files, { clock, dice });
    const objects = createTieredObjectStore({ items, large, clock, hotExpiryMs: this.limits.hotExpiryMs });
    const deps: LogDeps = { items, objects, clock, dice, limits: this.limits };
    const watch = new KeyWatch(clock);
    const log = new Log(deps, {
      onAppended: (partitionId) => {
        watch.notify(partitionId);
      },
      onSealDue: (partitionId) => {
        this.#sealLater(partitionId);
      },
      onRollFailed: () => {
        this.count('roll failed');
      },
    });
    const settings = { autoCreateTopics: false, pollMsMin: 20, pollMsMax: 500 };
    const broker = createBroker({
      log,
      watch,
      topicLimits: TOPIC_LIMITS,
      groupLimits: this.groupLimits,
      settings,
    });
    const member = { process, deps, log, broker };
    if (isOfAll) this.members.push(member);
    this.trace.note(process.name, `starts, its clock is ${skewMs} ms off`);
    return member;
  }

  /** Any that lives, frozen or not. */
  anyMember(dice: SimDice): Member {
    this.members = this.members.filter(({ process }) => !process.isDead);
    return this.members.length > 0 ? dice.pick(this.members) : this.start();
  }

  /** A pause of an actor, who belongs to no process. */
  pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.scheduler.after(durationMs, resolve);
    });
  }

  #sealLater(partitionId: string): void {
    this.count('sealer woken');
    const { log, process } = this.anyMember(this.dice);
    void process.orDeath(log.seal(partitionId).catch(() => undefined));
  }

  /** Calls of processes that live, which nobody has answered. */
  openCalls(): readonly HistoryEvent[] {
    return [...this.#open].filter(([, { isDead }]) => !isDead).map(([event]) => event);
  }

  // ---- Calls that are written down ----

  async produce(
    member: Member,
    call: Pick<Produced, 'actor' | 'topic' | 'partition' | 'values'> & {
      readonly bytes: number;
      readonly producer?: { readonly producerId: bigint; readonly baseSequence: number };
    },
  ): Promise<Produced> {
    const { values, bytes, producer, ...rest } = call;
    const timestampMs = member.process.clock.now();
    const records = values.map((value) => ({
      ...{ key: null, headers: [], timestampMs },
      value: Buffer.from(value.padEnd(bytes, '.')),
    }));
    const identity = producer ? { ...producer, producerEpoch: 0 } : {};
    const batch = encodeBatch(records, identity);
    const event: Produced = {
      ...{ ...rest, values, timestampMs, kind: 'produce', ...this.#begin() },
      ...(producer && { producerId: producer.producerId }),
    };
    const { topic, partition } = call;
    return this.#record(member, event, async () => {
      event.baseOffset = (await member.broker.produce({ topic, partition, batch })).baseOffset;
    });
  }

  fetch(
    member: Member,
    call: Pick<Fetched, 'actor' | 'topic' | 'partition' | 'offset'> & {
      readonly maxBytes: number;
      readonly maxWaitMs: number;
    },
  ): Promise<Fetched> {
    const { maxBytes, maxWaitMs, ...rest } = call;
    const empty = { values: [], firstOffset: call.offset, highWatermark: -1, logStartOffset: -1 };
    const event: Fetched = { ...rest, ...empty, kind: 'fetch', ...this.#begin() };
    const { topic, partition, offset } = call;
    return this.#record(member, event, async () => {
      const fetched = await member.broker.fetch({ topic, partition, offset, maxBytes, maxWaitMs });
      const records = [...recordsOf(fetched.batches)];
      event.values = records.map(({ value }) => textOf(value));
      event.firstOffset = records[0]?.offset ?? offset;
      event.highWatermark = fetched.highWatermark;
      event.logStartOffset = fetched.logStartOffset;
    });
  }

  listOffset(member: Member, call: Pick<Looked, 'actor' | 'topic' | 'partition' | 'at'>): Promise<Looked> {
    const event: Looked = { ...call, kind: 'listOffset', offset: -1, ...this.#begin() };
    return this.#record(member, event, async () => {
      event.offset = (await member.broker.listOffset(call.topic, call.partition, call.at)).offset;
    });
  }

  changeTopic(
    member: Member,
    call: Pick<TopicCreated | TopicDeleted, 'actor' | 'topic' | 'kind'> & { readonly partitions: number },
  ): Promise<TopicCreated | TopicDeleted> {
    const { actor, topic, kind } = call;
    const event: TopicCreated | TopicDeleted = { actor, topic, kind, ...this.#begin() };
    return this.#record(member, event, async () => {
      if (call.kind === 'create')
        await member.broker.createTopic({ name: call.topic, partitions: call.partitions });
      else await member.broker.deleteTopic(call.topic);
    });
  }

  /** A call of a member of a group; `call` fills in what it comes to. */
  groupCall<Event extends Beaten | Committed | OffsetRead>(
    member: Member,
    of: Omit<Event, 'startStep' | 'endStep' | 'outcome' | 'error'>,
    call: (groups: Groups, event: Event) => Promise<void>,
  ): Promise<Event> {
    const event = { ...of, ...this.#begin() } as unknown as Event;
    return this.#record(member, event, () => call(member.broker.groups, event));
  }

  /** Something that happens at once, at a client. */
  note(of: Instant<Owned> | Instant<Disowned> | Instant<Delivered>): void {
    const { steps } = this.scheduler;
    const event: HistoryEvent = { ...of, startStep: steps, endStep: steps, outcome: 'ok' };
    this.events.push(event);
    this.trace.note(event.actor, describe(event));
  }

  #begin() {
    return { startStep: this.scheduler.steps, endStep: Infinity, outcome: 'pending' as const };
  }

  async #record<Event extends HistoryEvent>(
    { process }: Member,
    event: Event,
    call: () => Promise<void>,
  ): Promise<Event> {
    this.events.push(event);
    this.#open.set(event, process);
    this.trace.note(event.actor, `${describe(event)} by ${process.name}`);
    const ended = await process.orDeath(
      call().then(
        () => undefined,
        (error: unknown) => toBrokerError(error),
      ),
    );
    this.#open.delete(event);
    if (ended === 'dead') {
      this.trace.note(event.actor, `${describe(event)}: ${process.name} has died`);
      return event;
    }
    event.endStep = this.scheduler.steps;
    event.outcome = ended === undefined ? 'ok' : ended.outcome === 'not-applied' ? 'failed' : 'unknown';
    if (ended) event.error = ended;
    this.trace.note(event.actor, `${describe(event)}: ${ended ? `${ended.code} (${ended.outcome})` : 'ok'}`);
    return event;
  }
}

/** A value without its padding. */
export const textOf = (value: Uint8Array | null): string =>
  Buffer.from(value ?? [])
    .toString()
    .replace(/\.*$/, '');

function describe(event: HistoryEvent): string {
  switch (event.kind) {
    case 'produce':
      return `produce ${event.values.join(' ')} to ${event.topic}-${event.partition}${event.baseOffset === undefined ? '' : ` at ${event.baseOffset}`}`;
    case 'fetch':
      return `fetch ${event.topic}-${event.partition} from ${event.offset} (${event.values.length} records)`;
    case 'listOffset':
      return `offset of ${event.topic}-${event.partition} at ${event.at}: ${event.offset}`;
    case 'beat':
      return `beat of ${event.memberId} in ${event.group} at epoch ${event.sentEpoch}${event.epoch === undefined ? '' : `: ${event.epoch}`}`;
    case 'own':
    case 'disown':
      return `${event.memberId} in ${event.group} ${event.kind}s ${event.partition}`;
    case 'commit':
      return `commit ${event.offset} of ${event.partition} by ${event.memberId} in ${event.group} at epoch ${event.epoch}`;
    case 'readOffset':
      return `committed offset of ${event.partition} in ${event.group}: ${event.offset}`;
    case 'deliver':
      return `${event.memberId} in ${event.group} is given ${event.values.length} records of ${event.partition} from ${event.firstOffset}`;
    case 'create':
    case 'delete':
      return `${event.kind} topic ${event.topic}`;
  }
}
