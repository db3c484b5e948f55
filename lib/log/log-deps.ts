// What the operations of a partition's log work on.
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ItemStore } from '../storage/ports/item-store.ts';
import type { ObjectStore } from '../storage/ports/object-store.ts';
import type { LogLimits } from './limits.ts';
import type { BatchPlaces } from './batch-places.ts';
import type { SharedObjects } from './shared-objects.ts';

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
  /** Where the large entries of a process's writers go; without it each has an object of its own. */
  readonly shared?: SharedObjects;
  /**
   * With it, reads take just the parts of objects that they answer; without, whole entries, which is right over a cache of
   * objects.
   */
  readonly places?: BatchPlaces;
  /** Takes back the bytes of objects that were read and are used no more. Default: they are left to the garbage collector. */
  readonly giveBack?: (bytes: Uint8Array) => void;
}
