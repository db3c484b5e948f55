// The network: takes the requests that actors yield, applies them in any order, and resumes the actors.
import type { Audit } from './audit.ts';
import type { Dice } from './dice.ts';
import type { Table } from './table.ts';
import type { Workload } from './workload.ts';

export interface Request {
  readonly name: string;
  readonly isWrite: boolean;
  /** For traces. */
  readonly detail?: unknown;
  apply(table: Table): unknown;
}

/** A process that yields requests and is resumed with their answers; undefined: there was none. */
export type Actor<T = void> = Generator<Request, T, unknown>;

/** Sends one write. Undefined: no answer came, and it may be applied now, later, twice or never. */
export function* ask<T>(name: string, apply: (table: Table) => T, detail?: unknown): Actor<T | undefined> {
  return (yield { name, isWrite: true, apply, detail }) as T | undefined;
}

/** Sends one read. Undefined: no answer came. */
export function* look<T>(name: string, apply: (table: Table) => T): Actor<T | undefined> {
  return (yield { name, isWrite: false, apply }) as T | undefined;
}

/** Repeats a read until it is answered. */
export function* read<T>(name: string, apply: (table: Table) => T): Actor<T> {
  for (;;) {
    const answer = yield* look(name, apply);
    if (answer !== undefined) return answer;
  }
}

interface Sent {
  readonly request: Request;
  readonly actor: Actor | undefined;
}

export class Network {
  readonly soon: Sent[] = [];
  /** Stalled: such a request may be applied when all else is long done. */
  readonly late: Sent[] = [];
  readonly #table: Table;
  readonly #workload: Workload;
  readonly #dice: Dice;
  readonly #audit: Audit;

  constructor(table: Table, workload: Workload, dice: Dice, audit: Audit) {
    this.#table = table;
    this.#workload = workload;
    this.#dice = dice;
    this.#audit = audit;
  }

  get isQuiet(): boolean {
    return this.soon.length + this.late.length === 0;
  }

  resume(actor: Actor, answer?: unknown): void {
    const { value: request, done } = actor.next(answer);
    if (done !== true) this.post(request, actor);
  }

  post(request: Request, actor?: Actor): void {
    const workload = this.#workload;
    const dice = this.#dice;
    const anyQueue = () => (dice.chance(workload.stalled) ? this.late : this.soon);
    const mayBeCopied = workload.areAllCopied ? request.isWrite : request.name === 'append';
    if (mayBeCopied && dice.chance(workload.copied)) anyQueue().push({ request, actor: undefined });
    const queue = anyQueue();
    const isAbandoned = actor !== undefined && queue === this.late && dice.chance(0.5);
    queue.push({ request, actor: isAbandoned ? undefined : actor });
    if (isAbandoned) this.resume(actor);
  }

  deliverOne(): void {
    const workload = this.#workload;
    const dice = this.#dice;
    const isLate = this.soon.length === 0 || dice.chance(workload.woken * this.late.length);
    const queue = isLate ? this.late : this.soon;
    const index = dice.pick(queue.length);
    const sent = queue[index];
    const last = queue.pop();
    if (!sent || !last) return;
    if (sent !== last) queue[index] = last;
    const { request, actor } = sent;
    if (actor && dice.chance(workload.impatient)) {
      if (dice.chance(0.7)) queue.push({ request, actor: undefined });
      this.resume(actor);
      return;
    }
    const answer = request.apply(this.#table);
    this.#audit.note(request.name, isLate, request.detail, answer);
    if (actor) this.resume(actor, dice.chance(workload.unanswered) ? undefined : answer);
  }
}
