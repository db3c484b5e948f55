// One member of a group, as the consumer protocol (KIP-848) has it: joins, is heard of in the background, leaves.
import { type BrokerError, toBrokerError } from '../../base/errors.ts';
import { randomKafkaUuid } from '../../base/kafka-uuid.ts';
import type { AssignedTopic, ConsumerGroupHeartbeatRequest, OwnedTopic } from '../../groups/groups.ts';
import { backoffMs } from '../backoff.ts';
import type { ClientDeps } from '../client-deps.ts';
import type { ConsumerSettings, Subscription } from './consumer-options.ts';

export interface MemberEvents {
  /** All that the member may own now. What it must give up is given up once `own` says so. */
  readonly onAssignment: (assignment: readonly AssignedTopic[]) => void;
  /** Everything the member owned belongs to others already. It joins again by itself. */
  readonly onFenced: () => void;
  /** The member is out of the group for good, for this reason. */
  readonly onOut: (error: BrokerError) => void;
  /** Asked before each heartbeat: a reason to leave the group instead. */
  readonly reasonToLeave: () => BrokerError | undefined;
}

export interface MemberOptions {
  readonly groupId: string;
  readonly settings: ConsumerSettings;
  readonly subscription: Subscription;
  readonly events: MemberEvents;
}

/** Until an answer says otherwise, and after a failure. */
const HEARTBEAT_MS_DEFAULT = 5_000;

const LEAVE = -1;
const LEAVE_FOR_A_WHILE = -2;

/** What says that the group has this member no more, or at another epoch. */
const FENCING_CODES: readonly string[] = ['FENCED_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID'];

/** Owned by one consumer; ends with `leave`. */
export class GroupMember {
  readonly memberId: string;
  readonly #deps: ClientDeps;
  readonly #options: MemberOptions;
  readonly #stopping = new AbortController();
  #epoch = 0;
  /** The group may know this member: it asked to join, and was not refused. */
  #isKnown = false;
  #intervalMs = HEARTBEAT_MS_DEFAULT;
  #failures = 0;
  #owned: readonly OwnedTopic[] = [];
  /** The next heartbeat tells what is owned. */
  #isOwnedDue = false;
  /** The next heartbeat tells everything: nobody knows whether the last one came, or what its answer was. */
  #isAllDue = true;
  #wake = new AbortController();
  #beating: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(deps: ClientDeps, options: MemberOptions) {
    this.#deps = deps;
    this.#options = options;
    // From version 1 of the heartbeat on members make their ids themselves, so that a repeated join is the same member.
    this.memberId = randomKafkaUuid(deps.dice);
  }

  /** 0: not in the group. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Joins at once, and is heard of from then on. Never throws: `onOut` tells. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Tells the group what the member owns now, at once. */
  own(owned: readonly OwnedTopic[]): void {
    this.#owned = owned;
    this.#isOwnedDue = true;
    this.#wake.abort();
  }

  /** One heartbeat now, after the one that is under way. Never throws. */
  async beatNow(): Promise<void> {
    await this.#beating;
    if (!this.#stopping.signal.aborted) await this.#beatOnce();
  }

  /**
   * Says goodbye; a static member says that it will be back. Throws storage errors: the group then waits for the session
   * timeout. A member that is not known any more has left.
   */
  async leave(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#beating;
    await this.#running;
    if (!this.#isKnown) return;
    this.#epoch = 0;
    await this.#sayGoodbye();
  }

  async #sayGoodbye(): Promise<void> {
    this.#isKnown = false;
    const memberEpoch = this.#options.settings.groupInstanceId === undefined ? LEAVE : LEAVE_FOR_A_WHILE;
    try {
      await this.#deps.broker.groups.consumerGroupHeartbeat({ ...this.#identity(), memberEpoch });
    } catch (error) {
      if (!FENCING_CODES.includes(toBrokerError(error).code)) throw error;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#beatOnce();
      if (this.#isDueNow()) continue;
      this.#wake = new AbortController();
      await this.#deps.clock.sleep(this.#pauseMs(), AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  #isDueNow(): boolean {
    return this.#failures === 0 && (this.#isOwnedDue || this.#isAllDue);
  }

  #pauseMs(): number {
    const { backoff } = this.#options.settings;
    if (this.#failures === 0) return this.#intervalMs;
    return Math.min(this.#intervalMs, backoffMs(backoff, this.#failures - 1, this.#deps.dice));
  }

  /** One at a time: an answer that is overtaken by another would take the epoch back. */
  async #beatOnce(): Promise<void> {
    while (this.#beating !== undefined) await this.#beating;
    this.#beating = this.#beat().finally(() => {
      this.#beating = undefined;
    });
    await this.#beating;
  }

  async #beat(): Promise<void> {
    const { events } = this.#options;
    const reason = events.reasonToLeave();
    if (reason !== undefined) {
      this.#quit(reason);
      await this.#sayGoodbye().catch((error: unknown) => {
        this.#options.settings.onError(toBrokerError(error));
      });
      return;
    }
    const { request, sent } = this.#nextRequest();
    this.#isKnown = true;
    try {
      const answer = await this.#deps.broker.groups.consumerGroupHeartbeat(request);
      if (sent === this.#owned) this.#isOwnedDue = false;
      this.#failures = 0;
      this.#epoch = answer.memberEpoch;
      this.#intervalMs = answer.heartbeatIntervalMs || HEARTBEAT_MS_DEFAULT;
      if (answer.assignment !== undefined) events.onAssignment(answer.assignment);
    } catch (error) {
      this.#fail(toBrokerError(error));
    }
  }

  #nextRequest(): {
    readonly request: ConsumerGroupHeartbeatRequest;
    readonly sent: readonly OwnedTopic[] | undefined;
  } {
    const isAll = this.#isAllDue || this.#epoch === 0;
    const sent = isAll || this.#isOwnedDue ? this.#owned : undefined;
    this.#isAllDue = false;
    return {
      sent,
      request: {
        ...this.#identity(),
        memberEpoch: this.#epoch,
        ...(isAll && this.#description()),
        ...(sent !== undefined && { ownedPartitions: sent }),
      },
    };
  }

  #identity() {
    const { groupId, settings } = this.#options;
    const { groupInstanceId } = settings;
    return {
      ...{ groupId, memberId: this.memberId, clientId: this.#deps.clientId, clientHost: '' },
      ...(groupInstanceId !== undefined && { groupInstanceId }),
    };
  }

  #description() {
    const { rackId, rebalanceTimeoutMs, assignor, sessionTimeoutMs } = this.#options.settings;
    const { topics, pattern } = this.#options.subscription;
    return {
      rebalanceTimeoutMs,
      subscribedTopicNames: topics,
      ...(rackId !== undefined && { rackId }),
      ...(pattern !== undefined && { subscribedTopicRegex: pattern }),
      ...(assignor !== undefined && { serverAssignor: assignor }),
      ...(sessionTimeoutMs !== undefined && { sessionTimeoutMs }),
    };
  }

  #fail(error: BrokerError): void {
    const { events, settings } = this.#options;
    this.#failures++;
    this.#isAllDue = true;
    if (FENCING_CODES.includes(error.code) && this.#epoch > 0) {
      this.#epoch = 0;
      // One that is fenced is in the group still, until it joins again or is not heard of.
      this.#isKnown = error.code === 'FENCED_MEMBER_EPOCH';
      this.#failures = 0;
      this.#owned = [];
      this.#isOwnedDue = false;
      events.onFenced();
    } else if (isPassing(error)) settings.onError(error);
    else {
      this.#isKnown = false;
      this.#quit(error);
    }
  }

  #quit(error: BrokerError): void {
    this.#stopping.abort();
    this.#epoch = 0;
    this.#options.events.onOut(error);
  }
}

/** Worth another try; so is what nobody foresaw. */
const isPassing = ({ retriable, outcome, code }: BrokerError): boolean =>
  retriable || outcome === 'unknown' || code === 'UNKNOWN_SERVER_ERROR';
