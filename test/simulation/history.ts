// What the clients of a simulation did and heard: the input of the checks. Times are steps, which order all events.
import type { ClassicGroup } from '../../lib/storage/schema/classic-group.ts';
import type { ConsumerGroup } from '../../lib/storage/schema/consumer-group.ts';
import type { BrokerError } from '../../lib/base/errors.ts';

/** Pending: nobody heard of it again; its process died, or the run ended. */
export type CallOutcome = 'ok' | 'failed' | 'unknown' | 'pending';

interface Call {
  readonly actor: string;
  readonly startStep: number;
  endStep: number;
  outcome: CallOutcome;
  error?: BrokerError;
}

export interface Produced extends Call {
  readonly kind: 'produce';
  readonly topic: string;
  readonly partition: number;
  /** Unique in the run; for an idempotent producer the same each time the batch is sent. */
  readonly values: readonly string[];
  readonly timestampMs: number;
  /** Of an idempotent producer. */
  readonly producerId?: bigint;
  baseOffset?: number;
}

export interface Fetched extends Call {
  readonly kind: 'fetch';
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  values: readonly string[];
  /** Of the first of `values`, which may stand before `offset` in the same batch. */
  firstOffset: number;
  highWatermark: number;
  logStartOffset: number;
}

export interface Looked extends Call {
  readonly kind: 'listOffset';
  readonly topic: string;
  readonly partition: number;
  readonly at: 'earliest' | 'latest' | number;
  offset: number;
}

export interface TopicCreated extends Call {
  readonly kind: 'create';
  readonly topic: string;
}

export interface TopicDeleted extends Call {
  readonly kind: 'delete';
  readonly topic: string;
}

interface OfGroup extends Call {
  readonly group: string;
  readonly memberId: string;
}

/** A heartbeat of the consumer protocol; or, of the classic one, a join with its sync. */
export interface Beaten extends OfGroup {
  readonly kind: 'beat';
  /** What the member says that it is. */
  readonly sentEpoch: number;
  /** What it is told. */
  epoch?: number;
  /** In a classic group: as whom it was served, and the partitions that it was assigned. */
  servedId?: string;
  assigned?: readonly number[];
  /** Of the leader of a classic generation: what it gave to each member. */
  gave?: Readonly<Record<string, readonly number[]>>;
}

/** From here on a member takes a partition for its own. An instant. */
export interface Owned extends OfGroup {
  readonly kind: 'own';
  readonly partition: number;
}

/** From here on it no longer does. An instant. */
export interface Disowned extends OfGroup {
  readonly kind: 'disown';
  readonly partition: number;
}

export interface Committed extends OfGroup {
  readonly kind: 'commit';
  readonly epoch: number;
  readonly partition: number;
  readonly offset: number;
}

export interface OffsetRead extends OfGroup {
  readonly kind: 'readOffset';
  readonly partition: number;
  /** -1: none is committed. */
  offset: number;
}

/** Handed to whoever uses the records. An instant. */
export interface Delivered extends OfGroup {
  readonly kind: 'deliver';
  readonly partition: number;
  readonly firstOffset: number;
  readonly values: readonly string[];
}

export type HistoryEvent =
  | Produced
  | Fetched
  | Looked
  | TopicCreated
  | TopicDeleted
  | Beaten
  | Owned
  | Disowned
  | Committed
  | OffsetRead
  | Delivered;

/** What a clean process reads of one partition after everything has come to rest. */
export interface FinalPartition {
  readonly topic: string;
  readonly partition: number;
  /** By offset, from 0. */
  readonly values: readonly string[];
  readonly timestampsMs: readonly number[];
  /** Of each record its producer id and sequence, or undefined. */
  readonly sequences: readonly ({ readonly producerId: bigint; readonly sequence: number } | undefined)[];
}

/** What a group's row was from a step on, until its next version; undefined: there was none. */
export interface GroupVersion {
  readonly group: string;
  readonly fromStep: number;
  readonly value: ClassicGroup | ConsumerGroup | undefined;
}

/** What the row of a committed offset became at a step; without a value: it was removed. */
export interface OffsetVersion {
  readonly group: string;
  readonly partition: number;
  readonly atStep: number;
  readonly value: { readonly offset: number } | undefined;
}

export interface History {
  readonly events: readonly HistoryEvent[];
  /** In the order of their steps. */
  readonly groupVersions: readonly GroupVersion[];
  /** In the order of their steps. */
  readonly offsetVersions: readonly OffsetVersion[];
  readonly final: readonly FinalPartition[];
}

/** Those of one kind. */
export const ofKind = <Kind extends HistoryEvent['kind']>(
  { events }: History,
  kind: Kind,
): readonly Extract<HistoryEvent, { kind: Kind }>[] =>
  events.filter((event) => event.kind === kind) as Extract<HistoryEvent, { kind: Kind }>[];

/** Whether one call was over before the other began. */
export const isBefore = (first: Call, second: Call): boolean =>
  first.outcome !== 'pending' && first.endStep < second.startStep;
