// What a group is to those who decide about it: one value of either kind, and what is known of its members' leases.
import type { ClassicGroup } from '../storage/schema/classic-group.ts';
import type { ConsumerGroup } from '../storage/schema/consumer-group.ts';

export type Group = ClassicGroup | ConsumerGroup;

/** What a decision may know beside the group. It is the same wherever the decision is made again. */
export interface Moment {
  readonly nowMs: number;
  /**
   * Until when each member's lease lasts, as known at `nowMs`; absent: it has ended. undefined: leases were not looked at,
   * and no member may be judged by its lease.
   */
  readonly leases: ReadonlyMap<string, number> | undefined;
}

/** What a group becomes, and what is answered once that is stored. A group that is the same value is not written. */
export interface Step<G, Answer> {
  readonly group: G;
  readonly answer: Answer;
}
