// What an assignor is: it decides which member is to have which partitions. Pure, and the same wherever it is decided.
import { assignRange } from './range.ts';
import { assignUniform } from './uniform.ts';
import type { PartitionsById } from '../../storage/schema/consumer-group.ts';

export interface AssignableMember {
  readonly memberId: string;
  /** Of a static member: what orders it among the others, so that it has the same again under another id. */
  readonly groupInstanceId: string | undefined;
  readonly topicIds: ReadonlySet<string>;
  /** What it was to have so far. */
  readonly target: PartitionsById;
}

export interface AssignableTopic {
  readonly topicId: string;
  /** Numbered from 0. */
  readonly partitions: number;
}

/** Every partition that somebody subscribes to, to one who does. Members in the order of their ids. */
export type Assignor = (
  members: readonly AssignableMember[],
  topics: readonly AssignableTopic[],
) => ReadonlyMap<string, PartitionsById>;

/** By the names that Kafka knows them by. */
export const ASSIGNORS: Readonly<Record<string, Assignor>> = { uniform: assignUniform, range: assignRange };

/** Kafka's default: the first of group.consumer.assignors. */
export const DEFAULT_ASSIGNOR = 'uniform';
