// What a record is, before it is packed into a batch and after it is taken out of one.

/** Headers keep their order, and may repeat a key. A null value is not an empty one. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** One key-value item. Null and empty keys and values are different things. `timestampMs` is since the Unix epoch. */
export interface LogRecord {
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/** A record with its place in its partition. */
export interface PlacedRecord extends LogRecord {
  readonly offset: number;
}
