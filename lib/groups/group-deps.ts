// What the operations on groups work on.
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { Topic } from '../topics/topic.ts';
import type { GroupLimits } from './limits.ts';

/** Topics as groups see them. */
export interface TopicSource {
  /** As it was half a minute ago at most: for targets, which follow. undefined: there is none of that name. */
  find(name: string): Promise<Topic | undefined>;
  /** As it is: for offsets, which belong to a topic and not to its name. */
  findNow(name: string): Promise<Topic | undefined>;
  /** Of all topics, half a minute ago at most; in their order. */
  names(): Promise<readonly string[]>;
  /** As they were a second ago at most; remembered for `names`. */
  namesNow(): Promise<readonly string[]>;
}

/** Those of the names that the whole of a pattern in RE2's syntax matches. Throws INVALID_REGULAR_EXPRESSION. */
export type MatchTopics = (pattern: string, topicNames: readonly string[]) => readonly string[];

export interface GroupDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly limits: GroupLimits;
  readonly topics: TopicSource;
  /**
   * Looks subscriptions by a pattern up (subscription.ts). Absent: such subscriptions are refused. It is given in from
   * outside, because RE2's tables are a third of a function's bundle, and most functions have no use for them.
   */
  readonly matchTopics?: MatchTopics;
  /** How long one who waits for a group sleeps before it looks for what other processes did, at first and at most. */
  readonly pollMsMin: number;
  readonly pollMsMax: number;
}
