// Changes of groups: read, decide, one conditional write; from the top where somebody else was first. What waits for the
// same group in one process is decided together, in its order, and stored by one write.
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { KeyWatch } from '../base/key-watch.ts';
import { Leases } from './leases.ts';
import { givenUp, pauseAfter } from './conflicts.ts';
import { randomMark, readStoredGroup, writeGroup } from './group-store.ts';
import type { Group, Moment, Step } from './group.ts';
import type { GroupDeps } from './group-deps.ts';
import type { StoredGroup } from '../storage/schema/group.ts';

/** Pure: what a group becomes by a command. `group` is undefined where there is none. Throws BrokerError to refuse. */
export type Decide<Answer> = (group: Group | undefined, moment: Moment) => Step<Group | undefined, Answer>;

interface Command {
  readonly decide: Decide<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The outcome of one command of an attempt. */
type Outcome = { readonly answer: unknown } | { readonly error: unknown };

/** Owned by one process; keeps nothing that the store does not know, but when leases end at the earliest. */
export class Coordinator {
  readonly deps: GroupDeps;
  readonly leases: Leases;
  /** Told of this process's own changes, by group id. */
  readonly watch: KeyWatch;
  readonly #waiting = new Map<string, Command[]>();

  constructor(deps: GroupDeps) {
    this.deps = deps;
    this.leases = new Leases(deps);
    this.watch = new KeyWatch(deps.clock);
  }

  /** The group as it is stored, or undefined. `consistent`, the default: as it is, not as it was a moment ago. */
  async read(groupId: string, { consistent = true } = {}): Promise<StoredGroup | undefined> {
    return readStoredGroup(this.deps.items, groupId, { consistent });
  }

  /**
   * Decides on the group as it is, and answers once what it becomes is stored. `decide` is called again where the group has
   * changed meanwhile, also by an attempt of this very call that got no answer: deciding twice must come to the same.
   * Throws what `decide` throws, COORDINATOR_LOAD_IN_PROGRESS where too many others write the group, and storage errors.
   */
  decide<Answer>(groupId: string, decide: Decide<Answer>): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const command: Command = { decide, resolve: resolve as (answer: unknown) => void, reject };
      const waiting = this.#waiting.get(groupId);
      if (waiting) {
        waiting.push(command);
        return;
      }
      const begun = [command];
      this.#waiting.set(groupId, begun);
      void this.#serve(groupId, begun);
    });
  }

  /**
   * As `decide`, for what mostly changes nothing: decides on an eventually consistent read first, which costs half, and
   * only where that changes the group or throws, on the group as it is. `seen`: what such a read gave just now.
   */
  async decideCheaply<Answer>(groupId: string, decide: Decide<Answer>, seen?: StoredGroup): Promise<Answer> {
    const stored = seen ?? (await this.read(groupId, { consistent: false }));
    if (stored) {
      try {
        const { group, answer } = decide(stored.group, await this.#momentOf(groupId, stored.group));
        if (group === stored.group) return answer;
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
      }
    }
    return this.decide(groupId, decide);
  }

  /** What a decision about the group may know now; leases are read where one may have ended. */
  async #momentOf(groupId: string, group: Group | undefined): Promise<Moment> {
    const memberIds = Object.keys(group?.members ?? {});
    const leases = memberIds.length === 0 ? undefined : await this.leases.readIfDue(groupId, memberIds);
    return { nowMs: this.deps.clock.now(), leases };
  }

  /** Serves what waits for a group until nothing does. */
  async #serve(groupId: string, first: Command[]): Promise<void> {
    let batch = first.splice(0);
    while (batch.length > 0) {
      await this.#decideTogether(groupId, batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
      batch = first.splice(0);
    }
    this.#waiting.delete(groupId);
  }

  async #decideTogether(groupId: string, batch: readonly Command[]): Promise<void> {
    const { clock, dice, limits } = this.deps;
    const deadlineMs = clock.now() + limits.decideTimeoutMs;
    /** By the marks of the writes that may be applied. */
    const attempts = new Map<string, readonly Outcome[]>();
    let lastError: BrokerError | undefined;
    for (let failures = 0; ; failures++) {
      const stored = await this.read(groupId);
      const applied = stored && attempts.get(stored.write);
      if (applied) {
        this.#settle(groupId, batch, applied);
        return;
      }
      const { group, outcomes } = decideAll(
        batch,
        stored?.group,
        await this.#momentOf(groupId, stored?.group),
      );
      if (group === stored?.group || group === undefined) {
        this.#settle(undefined, batch, outcomes);
        return;
      }
      if (clock.now() >= deadlineMs)
        throw givenUp(groupId, attempts.size > 0 ? 'unknown' : 'not-applied', lastError);
      const write = randomMark(dice.bytes(9));
      attempts.set(write, outcomes);
      const written = await writeGroup(this.deps, groupId, group, stored, write).catch(retriable);
      if (written === 'stored') {
        this.#settle(groupId, batch, outcomes);
        return;
      }
      if (written === 'refused') attempts.delete(write);
      if (written instanceof BrokerError) lastError = written;
      await pauseAfter(failures, this.deps);
    }
  }

  #settle(changed: string | undefined, batch: readonly Command[], outcomes: readonly Outcome[]): void {
    batch.forEach(({ resolve, reject }, at) => {
      const outcome = outcomes[at];
      if (outcome && 'answer' in outcome) resolve(outcome.answer);
      else reject(outcome?.error);
    });
    if (changed !== undefined) this.watch.notify(changed);
  }
}

/** Each on what the one before it made of the group; one that is refused changes nothing. */
function decideAll(
  batch: readonly Command[],
  before: Group | undefined,
  moment: Moment,
): { readonly group: Group | undefined; readonly outcomes: readonly Outcome[] } {
  let group = before;
  const outcomes = batch.map(({ decide }): Outcome => {
    try {
      const step = decide(group, moment);
      group = step.group;
      return { answer: step.answer };
    } catch (error) {
      return { error };
    }
  });
  return { group, outcomes };
}

/** The error of a write that may be tried again; throws every other. */
function retriable(thrown: unknown): BrokerError {
  const error = toBrokerError(thrown);
  if (!error.retriable) throw error;
  return error;
}
