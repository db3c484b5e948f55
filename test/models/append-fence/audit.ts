// Knows each append as it is applied, and compares with that all that others see and say.
import { placeBatches, rowAt, tailOf, type Batch, type Entry, type Head, type Row } from './log.ts';
import type { Table } from './table.ts';

/**
 * What a writer says of a batch: stored by its own entry, stored by an earlier submission (at `offset`, or too long ago to
 * tell), refused for ever, not applied as no attempt was sent, or nobody knows.
 */
export interface Answer {
  readonly kind: 'acked' | 'duplicate' | 'fenced' | 'outOfOrder' | 'notApplied' | 'unknown';
  readonly offset?: number | undefined;
}

const MARKS = ['next', 'tailStart', 'sealedEnd', 'spills'] as const;

const nameOf = ({ producer }: Batch): string | undefined =>
  producer && `${producer.pid}/${producer.epoch}/${producer.index}`;

/** A value as text, with entries as their names. */
function brief(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => (isEntry(each) ? textOf(each) : each)) as
    string | undefined;
  return (text ?? '').replaceAll('"', '');
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && 'batches' in value;

const textOf = ({ id, batches }: Entry): string => {
  const names = batches.map((batch) => `${batch.id} ${nameOf(batch) ?? 'plain'} ${batch.records}`);
  return `${id}[${names.join('; ')}]`;
};

export class Audit {
  readonly violations: string[] = [];
  readonly counts: Record<string, number> = {};
  /** Lines of what was applied and answered, where they are wanted. */
  readonly trace: string[] | undefined;
  #isRetired = false;
  readonly #entries = new Set<string>();
  readonly #refused = new Set<string>();
  /** Offset -> its batch. */
  readonly #records: Batch[] = [];
  /** Submission and producer batch -> offset. */
  readonly #offsets = new Map<string, number>();
  readonly #latest = new Map<string, { readonly epoch: number; readonly index: number }>();
  /** Producer and epoch -> the first place that was stored. */
  readonly #firsts = new Map<string, number>();

  constructor({ isTraced = false } = {}) {
    this.trace = isTraced ? [] : undefined;
  }

  fail(text: string): void {
    this.violations.push(text);
    this.trace?.push(`VIOLATION ${text}`);
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }

  /** A request was applied. */
  note(name: string, isLate: boolean, detail: unknown, answer: unknown): void {
    this.trace?.push(`${name}${isLate ? ' (late)' : ''} ${brief(detail)} -> ${brief(answer)}`);
  }

  // ---- Writes --------------------------------------------------------------------------------------------------------

  changed({ head, state, pages }: Table, before: Head): void {
    if (head.status !== 'open') {
      this.#isRetired = true;
      return;
    }
    for (const mark of MARKS) {
      if (head[mark] < before[mark]) this.fail(`${mark} went back from ${before[mark]} to ${head[mark]}`);
    }
    const isOrdered = head.sealedEnd <= head.tailStart && head.tailStart <= head.next;
    if (!isOrdered) this.fail(`the marks are out of order: ${JSON.stringify(head)}`);
    if (head.sealedEnd > state.sealedEnd)
      this.fail(`the head says sealed to ${head.sealedEnd}, which is not so`);
    if (tailOf(head).end !== head.next)
      this.fail(`the tail ends at ${tailOf(head).end}, next is ${head.next}`);
    this.#checkPages(head, pages);
  }

  #checkPages({ sealedEnd, tailStart }: Head, pages: ReadonlyMap<number, Row>): void {
    let at = sealedEnd;
    while (at < tailStart) {
      const page = rowAt(pages, at);
      if (!page) {
        this.fail(`no page has offset ${at} of [${sealedEnd}, ${tailStart})`);
        return;
      }
      at = page.end;
    }
    if (at > Math.max(sealedEnd, tailStart)) this.fail(`a page ends at ${at} past tailStart ${tailStart}`);
  }

  appended(entry: Entry, start: number): void {
    if (this.#isRetired) this.fail(`${entry.id} stored after its topic was deleted`);
    if (this.#entries.has(entry.id)) this.fail(`${entry.id} stored twice`);
    this.#entries.add(entry.id);
    let offset = start;
    for (const batch of entry.batches) {
      if (this.#refused.has(batch.id)) this.fail(`${batch.id} stored after it was refused`);
      if (this.#offsets.has(batch.id)) this.fail(`${batch.id} stored twice`);
      this.#offsets.set(batch.id, offset);
      this.#storedOfProducer(batch, offset);
      for (let i = 0; i < batch.records; i++) this.#records.push(batch);
      offset += batch.records;
    }
  }

  #storedOfProducer(batch: Batch, offset: number): void {
    const { producer } = batch;
    const name = nameOf(batch);
    if (!producer || name === undefined) return;
    const { pid, epoch, index } = producer;
    const last = this.#latest.get(pid);
    const isNext =
      !last || (epoch > last.epoch ? index === 0 : epoch === last.epoch && index === last.index + 1);
    if (!isNext) this.fail(`${name} stored after ${pid}/${last.epoch}/${last.index}`);
    this.#latest.set(pid, producer);
    if (last?.epoch !== epoch) this.#firsts.set(`${pid}/${epoch}`, index);
    this.#offsets.set(name, offset);
  }

  // ---- Answers -------------------------------------------------------------------------------------------------------

  answered(batch: Batch, answer: Answer): void {
    const { kind, offset } = answer;
    const stored = this.#offsets.get(batch.id);
    this.count(kind);
    this.trace?.push(`    ${batch.id} (${nameOf(batch) ?? 'plain'}) answered ${kind} ${offset ?? ''}`);
    if (kind === 'unknown') return;
    if (kind === 'acked') {
      if (stored !== offset) this.fail(`${batch.id} acked at ${offset}, stored at ${stored}`);
    } else if (kind === 'duplicate') {
      this.#checkDuplicate(batch, offset);
    } else {
      this.#refused.add(batch.id);
      if (stored !== undefined) this.fail(`${batch.id} answered ${kind} though it is stored at ${stored}`);
      if (kind === 'outOfOrder') this.#checkOutOfOrder(batch);
    }
  }

  #checkDuplicate(batch: Batch, offset: number | undefined): void {
    const name = nameOf(batch) ?? '';
    const stored = this.#offsets.get(name);
    if (stored === undefined) this.fail(`${name} answered duplicate, it is not stored`);
    else if (offset !== undefined && stored !== offset) {
      this.fail(`${name} answered duplicate at ${offset}, stored at ${stored}`);
    }
    if (offset === undefined) this.count('duplicateOfOld');
  }

  /** Right for a batch that was sent early, or that others of its epoch had overtaken when no state was there. */
  #checkOutOfOrder(batch: Batch): void {
    const { producer } = batch;
    if (!producer || producer.isEarly) return;
    const first = this.#firsts.get(`${producer.pid}/${producer.epoch}`) ?? 0;
    if (first > 0) this.count('overtaken');
    else this.fail(`${nameOf(batch) ?? ''} answered outOfOrder, the state was lost`);
  }

  // ---- Reads ---------------------------------------------------------------------------------------------------------

  /** A reader wanted at most `limit` records from `offset` on and was given this row; returns what it wants next. */
  read(row: Row, offset: number, limit: number): number {
    let wanted = offset;
    let rest = limit;
    for (const placed of placeBatches(row)) {
      const { batch } = placed;
      for (let at = placed.offset; at < placed.offset + batch.records; at++) {
        if (at < wanted || rest-- <= 0) continue;
        if (at > wanted) this.fail(`offset ${at} read where ${wanted} comes next`);
        const stored = this.#records[at];
        if (stored !== batch) this.fail(`${batch.id} read at ${at}, stored there: ${stored?.id}`);
        wanted = at + 1;
        this.count('recordsRead');
      }
    }
    return wanted;
  }

  /** Once all is quiet: segments, pages and tail are the whole log. */
  finished({ head, state, segments, pages }: Table): void {
    if (head.status !== 'open') return;
    let at = 0;
    while (at < head.next) {
      const row =
        at >= head.tailStart ? tailOf(head) : at < head.sealedEnd ? segments.get(at) : rowAt(pages, at);
      if (!row) {
        this.fail(`nothing holds offset ${at} of ${head.next}`);
        return;
      }
      this.read(row, at, Infinity);
      at = row.end;
    }
    if (head.next !== this.#records.length)
      this.fail(`${this.#records.length} records stored, ${head.next} left`);
    const unsealed = [...segments.values()].find(({ end }) => end > state.sealedEnd);
    if (unsealed) this.fail(`a segment ends at ${unsealed.end}, past sealedEnd ${state.sealedEnd}`);
  }
}
