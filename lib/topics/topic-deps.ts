// What the operations on topics work on.
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { TopicLimits } from './limits.ts';

export interface TopicDeps {
  readonly items: ItemStore;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly limits: TopicLimits;
}
