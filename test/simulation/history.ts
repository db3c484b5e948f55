// What the clients of a simulation did and heard: the input of the checks. Times are steps, which order all events.
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

export type HistoryEvent = Produced | Fetched | Looked | TopicCreated | TopicDeleted;

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

export interface History {
  readonly events: readonly HistoryEvent[];
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
