// What the operations of a partition's log work on.
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { ObjectStore } from '../storage/ports/object-store.ts';
import type { LogLimits } from './limits.ts';

export interface LogDeps {
  readonly items: ItemStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly limits: LogLimits;
}
