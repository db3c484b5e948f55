// The values of the model: batches, entries, rows of entries, heads, producers. They are replaced, never changed.

/** A batch of an idempotent producer: its place among the batches of an epoch, and the first of its sequences. */
export interface ProducerBatch {
  readonly pid: string;
  readonly epoch: number;
  readonly index: number;
  readonly baseSequence: number;
  /** Sent though the batch before it was not known to be stored. */
  readonly isEarly: boolean;
}

/** One submission of a batch; a batch that its producer sends again is another one with the same producer batch. */
export interface Batch {
  readonly id: string;
  readonly records: number;
  readonly producer: ProducerBatch | undefined;
}

export interface Entry {
  readonly id: string;
  readonly batches: readonly Batch[];
  readonly records: number;
}

/** A page, a segment or a tail: consecutive entries with the offsets [start, end). */
export interface Row {
  readonly start: number;
  readonly end: number;
  readonly entries: readonly Entry[];
}

/** What is recorded of a producer. */
export interface ProducerState {
  readonly epoch: number;
  readonly lastSequence: number;
  /** nextSeen of the append that recorded it. */
  readonly fence: number;
  /** All its sequences of the epoch, from 0 on, were stored. */
  readonly isWhole: boolean;
}

export interface Head {
  readonly status: 'open' | 'retired' | 'removed';
  readonly next: number;
  readonly tailStart: number;
  readonly sealedEnd: number;
  readonly spills: number;
  readonly tail: readonly Entry[];
  readonly producers: Readonly<Record<string, ProducerState>>;
}

/** The row that serialises maintenance. */
export interface LogState {
  readonly sealedEnd: number;
  readonly version: number;
}

export const EMPTY_HEAD: Head = {
  ...{ status: 'open', next: 0, tailStart: 0, sealedEnd: 0, spills: 0, tail: [], producers: {} },
};

const recordsOf = (list: readonly { readonly records: number }[]): number =>
  list.reduce((sum, { records }) => sum + records, 0);

export const entryOf = (id: string, batches: readonly Batch[]): Entry => ({
  ...{ id, batches, records: recordsOf(batches) },
});

export const rowOf = (start: number, entries: readonly Entry[]): Row => ({
  ...{ start, entries, end: start + recordsOf(entries) },
});

export const tailOf = ({ tailStart, tail }: Head): Row => rowOf(tailStart, tail);

/** The entries of a row with their offsets. */
export function placeEntries({ start, entries }: Row): readonly { readonly offset: number; entry: Entry }[] {
  let next = start;
  return entries.map((entry) => {
    const offset = next;
    next += entry.records;
    return { offset, entry };
  });
}

/** The batches of a row with their offsets. */
export function placeBatches(row: Row): readonly { readonly offset: number; batch: Batch }[] {
  return placeEntries(row).flatMap(({ offset, entry }) => {
    let next = offset;
    return entry.batches.map((batch) => {
      const placed = { offset: next, batch };
      next += batch.records;
      return placed;
    });
  });
}

/** The offset of an entry in a row, or undefined. */
export const offsetIn = (row: Row, id: string): number | undefined =>
  placeEntries(row).find(({ entry }) => entry.id === id)?.offset;

/** The row with an offset, or undefined where the row that starts last before it ends too early. */
export function rowAt(rows: ReadonlyMap<number, Row>, offset: number): Row | undefined {
  let last: Row | undefined;
  for (const row of rows.values()) {
    if (row.start <= offset && (!last || row.start > last.start)) last = row;
  }
  return last && last.end > offset ? last : undefined;
}
