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
  /**
   * How long a writer waits for those who have just been answered, or have just arrived, before it composes its next entry.
   * Default: not at all, which is right where a commit takes far longer than a caller takes to come back.
   */
  readonly gather?: () => Promise<void>;
}
