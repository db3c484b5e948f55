// The table: each method is one request and is applied at once. Values are replaced, so a view is just a value.
import type { Audit } from './audit.ts';
import type { Dice } from './dice.ts';
import {
  EMPTY_HEAD,
  rowAt,
  rowOf,
  type Entry,
  type Head,
  type LogState,
  type ProducerState,
  type Row,
} from './log.ts';
import { isSameState } from './producer.ts';
import type { Rules } from './rules.ts';
import type { Workload } from './workload.ts';

/** A producer of an entry: the state its append relies on, and the one it records. */
export interface Expectation {
  readonly pid: string;
  /** undefined: the producer is not in the head, and was judged by its row or the absence of one. */
  readonly state: ProducerState | undefined;
  readonly after: ProducerState;
}

export interface AppendRequest {
  readonly entry: Entry;
  readonly nextSeen: number;
  readonly spillsSeen: number;
  readonly expectations: readonly Expectation[];
}

/** A condition that failed answers the head as it is. */
export type Written = { readonly isApplied: boolean; readonly head: Head };

const OLD_HEADS = 6;

export class Table {
  head: Head = EMPTY_HEAD;
  state: LogState = { sealedEnd: 0, version: 0 };
  readonly pages = new Map<number, Row>();
  readonly segments = new Map<number, Row>();
  readonly spilled = new Map<string, ProducerState>();
  #oldHeads: readonly Head[] = [];
  readonly #rules: Rules;
  readonly #workload: Workload;
  readonly #dice: Dice;
  readonly #audit: Audit;

  constructor(rules: Rules, workload: Workload, dice: Dice, audit: Audit) {
    this.#rules = rules;
    this.#workload = workload;
    this.#dice = dice;
    this.#audit = audit;
  }

  /** An eventually consistent read of the head. */
  someHead(): Head {
    return this.#dice.one([this.head, ...this.#oldHeads]);
  }

  #refuse(): Written {
    return { isApplied: false, head: this.head };
  }

  #update(changes: Partial<Head>): Written {
    const before = this.head;
    this.head = { ...before, ...changes };
    this.#oldHeads = [before, ...this.#oldHeads.slice(0, OLD_HEADS - 1)];
    this.#audit.changed(this, before);
    return { isApplied: true, head: this.head };
  }

  append(request: AppendRequest): Written {
    const { entry, nextSeen, expectations } = request;
    const rules = this.#rules;
    const { status, tail, tailStart, next, producers } = this.head;
    const isRefused =
      (status === 'retired' && rules.retired) ||
      status === 'removed' ||
      tail.length >= this.#workload.tailLimit ||
      (rules.contains && tail.some(({ id }) => id === entry.id)) ||
      (rules.fence && tailStart > nextSeen) ||
      !this.#areAsExpected(request);
    if (isRefused) return this.#refuse();
    this.#audit.appended(entry, next);
    const recorded = Object.fromEntries(expectations.map(({ pid, after }) => [pid, after]));
    return this.#update({
      next: next + entry.records,
      tail: [...tail, entry],
      producers: { ...producers, ...recorded },
    });
  }

  #areAsExpected({ expectations, spillsSeen }: AppendRequest): boolean {
    const { everyProducer, spillAbsent, spillFence, wholeState } = this.#rules;
    const { producers, spills } = this.head;
    return expectations.slice(0, everyProducer ? undefined : 1).every(({ pid, state }) => {
      const current = producers[pid];
      if (!state) return (!current || !spillAbsent) && (spills === spillsSeen || !spillFence);
      if (!current) return false;
      return wholeState ? isSameState(current, state) : current.lastSequence === state.lastSequence;
    });
  }

  /** Answers the page that is there. */
  putPage(page: Row): Row {
    const existing = this.pages.get(page.start);
    if (existing) return existing;
    if (page.start < this.head.sealedEnd) this.#audit.count('pagesRecreated');
    this.pages.set(page.start, page);
    return page;
  }

  cut(page: Row, moved: readonly { readonly pid: string; readonly state: ProducerState }[]): Written {
    const { head } = this;
    const isAsPut = moved.every(({ pid, state }) => {
      const current = head.producers[pid];
      return current && isSameState(current, state);
    });
    const isRefused =
      head.status !== 'open' || head.tailStart !== page.start || (this.#rules.spillGuard && !isAsPut);
    if (isRefused) return this.#refuse();
    const kept = Object.entries(head.producers).filter(([pid]) => !moved.some((each) => each.pid === pid));
    return this.#update({
      tailStart: page.end,
      tail: head.tail.slice(page.entries.length),
      producers: Object.fromEntries(kept),
      spills: head.spills + (moved.length > 0 ? 1 : 0),
    });
  }

  putSpilled(pid: string, state: ProducerState): true {
    const existing = this.spilled.get(pid);
    if (!existing || !this.#rules.spillForward || existing.fence <= state.fence) this.spilled.set(pid, state);
    return true;
  }

  pageAt(offset: number): { readonly row: Row | undefined } {
    return { row: rowAt(this.pages, offset) };
  }

  segmentAt(offset: number): { readonly row: Row | undefined } {
    return { row: rowAt(this.segments, offset) };
  }

  /** The row of `rows` that begins next after an offset. */
  rowAfter(kind: 'pages' | 'segments', offset: number): { readonly row: Row | undefined } {
    const later = [...this[kind].values()].filter(({ start }) => start > offset);
    return { row: later.sort((a, b) => a.start - b.start)[0] };
  }

  /** The transaction of a sealer. */
  seal(segment: Row, version: number): boolean {
    if (this.#rules.sealVersion && this.state.version !== version) return false;
    if (!this.putSegment(segment)) return false;
    return this.putState(segment.end, version);
  }

  putSegment(segment: Row): boolean {
    if (this.segments.has(segment.start)) return false;
    this.segments.set(segment.start, segment);
    return true;
  }

  putState(sealedEnd: number, version: number): boolean {
    if (this.#rules.sealVersion && this.state.version !== version) return false;
    this.state = { sealedEnd, version: this.state.version + 1 };
    return true;
  }

  /** The transaction that puts one segment in the place of two. */
  merge(first: Row, second: Row, version: number): boolean {
    if (this.state.version !== version) return false;
    const entries = [...first.entries, ...second.entries];
    this.segments.set(first.start, rowOf(first.start, entries));
    this.segments.delete(second.start);
    this.state = { ...this.state, version: version + 1 };
    return true;
  }

  raise(sealedEnd: number): Written {
    const { head } = this;
    if (head.status !== 'open' || (this.#rules.headRises && head.sealedEnd > sealedEnd))
      return this.#refuse();
    return this.#update({ sealedEnd });
  }

  deletePage(start: number): true {
    this.pages.delete(start);
    this.#audit.changed(this, this.head);
    return true;
  }

  retire(): Written {
    this.#audit.count('retired');
    return this.#update({ status: this.#rules.keepFence ? 'retired' : 'removed' });
  }

  /** Makes the head if there is none: a late repetition of what made the topic. */
  open(): true {
    if (this.head.status === 'removed') this.head = EMPTY_HEAD;
    return true;
  }
}
