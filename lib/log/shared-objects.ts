// Objects that entries of several partitions share: a put costs the same whatever it holds, so what one process writes at the
// same time goes into one. Nobody counts who refers to such an object: it is never deleted, and goes by its expiry alone.
import { hotObjectKey } from '../storage/schema/object-key.ts';
import { DAY_MS, ENTRY_ID_BYTES } from '../storage/schema/tail-entry.ts';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { ObjectStore } from '../storage/ports/object-store.ts';
import type { LogLimits } from './limits.ts';

/** Where the bytes of an entry are. */
export interface ObjectPlace {
  /** Names the object, and its entry: no two entries of one partition are in one object. */
  readonly objectId: Uint8Array;
  /** The object is filed under this day, and expires from then on. */
  readonly createdAtMs: number;
  /** Absent: nothing else is in the object. */
  readonly sharedPosition?: number;
}

export interface SharedObjectsDeps {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly limits: Pick<LogLimits, 'sharedObjectBytesMax' | 'sharedObjectWaitMs'>;
}

interface Waiting {
  readonly partitionId: string;
  readonly bytes: Uint8Array;
  readonly resolve: (place: ObjectPlace) => void;
  readonly reject: (error: unknown) => void;
}

/** Beyond these, what comes next waits for one of them to end, and has company then. Full objects do not wait. */
const PUTS_AT_ONCE = 2;

/** Nobody waits longer for puts of others: they may hang. */
const PUT_WAIT_MS_MAX = 100;

/** Owned by one log. */
export class SharedObjects {
  readonly #deps: SharedObjectsDeps;
  readonly #mayBeJoined: () => boolean;
  #waiting: Waiting[] = [];
  #puts = 0;
  #isGathering = false;

  /** `mayBeJoined`: whether other partitions are being appended to, which may have large entries too. */
  constructor(deps: SharedObjectsDeps, { mayBeJoined }: { readonly mayBeJoined: () => boolean }) {
    this.#deps = deps;
    this.#mayBeJoined = mayBeJoined;
  }

  /**
   * Puts the bytes of an entry, with those of other partitions where there are some; resolves when they are durable. The
   * caller leaves them alone until then. A failed put fails for all whose bytes were in it, and nothing is applied.
   */
  put(partitionId: string, bytes: Uint8Array): Promise<ObjectPlace> {
    return new Promise((resolve, reject) => {
      const one = { partitionId, bytes, resolve, reject };
      if (bytes.length > this.#deps.limits.sharedObjectBytesMax / 2) {
        void this.#putGroup([one]);
        return;
      }
      this.#waiting.push(one);
      void this.#gather();
    });
  }

  async #gather(): Promise<void> {
    this.#putFull();
    if (this.#isGathering || this.#waiting.length === 0) return;
    this.#isGathering = true;
    const { clock, limits } = this.#deps;
    if (this.#puts >= PUTS_AT_ONCE) await clock.sleep(PUT_WAIT_MS_MAX);
    else if (this.#mayBeJoined()) await clock.sleep(limits.sharedObjectWaitMs);
    this.#isGathering = false;
    while (this.#waiting.length > 0) void this.#putGroup(this.#takeGroup());
  }

  /** A put has ended: what came meanwhile has waited long enough. */
  #putNext(): void {
    while (this.#waiting.length > 0 && this.#puts < PUTS_AT_ONCE) void this.#putGroup(this.#takeGroup());
    void this.#gather();
  }

  #putFull(): void {
    const bytesOf = () => this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
    while (bytesOf() > this.#deps.limits.sharedObjectBytesMax) void this.#putGroup(this.#takeGroup());
  }

  /** The first of those waiting, and as many more as have room: one of each partition, as the object's id is theirs (rule oneOfEach). */
  #takeGroup(): readonly Waiting[] {
    const group: Waiting[] = [];
    const partitionIds = new Set<string>();
    let leftBytes = this.#deps.limits.sharedObjectBytesMax;
    this.#waiting = this.#waiting.filter((one) => {
      if (partitionIds.has(one.partitionId) || one.bytes.length > leftBytes) return true;
      group.push(one);
      partitionIds.add(one.partitionId);
      leftBytes -= one.bytes.length;
      return false;
    });
    return group;
  }

  async #putGroup(group: readonly Waiting[]): Promise<void> {
    const { objects, clock, dice } = this.#deps;
    const [objectId, createdAtMs] = [dice.bytes(ENTRY_ID_BYTES), clock.now()];
    const key = hotObjectKey(Math.floor(createdAtMs / DAY_MS), objectId, false);
    const [only] = group;
    const contents = group.length === 1 && only ? only.bytes : Buffer.concat(group.map(({ bytes }) => bytes));
    this.#puts++;
    try {
      await objects.put(key, contents);
      let position = 0;
      for (const { bytes, resolve } of group) {
        resolve({ objectId, createdAtMs, ...(group.length > 1 && { sharedPosition: position }) });
        position += bytes.length;
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#puts--;
      this.#putNext();
    }
  }
}
