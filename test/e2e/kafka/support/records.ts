// Records as the tests hand them to clients and get them back, and what every client must carry unharmed.

export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/** Text of UTF-8; null and empty are different things. */
export type Text = string | null;

export interface SentRecord {
  readonly topic: string;
  readonly key: Text;
  readonly value: Text;
  /** In their order; a name may occur more than once. */
  readonly headers: readonly (readonly [string, Text])[];
}

export interface ReadRecord extends SentRecord {
  readonly partition: number;
  readonly offset: number;
}

/** What has been lost by others: null, empty, repeated and foreign. */
const HARD: readonly Omit<SentRecord, 'topic'>[] = [
  { key: 'key', value: 'value', headers: [] },
  { key: null, value: 'no key', headers: [] },
  { key: '', value: 'empty key', headers: [] },
  { key: 'tombstone', value: null, headers: [] },
  { key: 'empty value', value: '', headers: [] },
  { key: 'Ключ 鍵', value: 'Grüße 😀', headers: [['Kopf', 'größer']] },
  {
    ...{ key: 'headers', value: 'v' },
    headers: [
      ['first', '1'],
      ['empty', ''],
      ['last', '2'],
    ],
  },
  {
    ...{ key: 'repeated header', value: 'v' },
    headers: [
      ['again', '1'],
      ['again', '2'],
    ],
  },
  { key: 'null header', value: 'v', headers: [['null', null]] },
  // Longer than a block of snappy's framing, and of what compresses well.
  { key: 'long', value: 'the same again and again, '.repeat(4_000), headers: [] },
];

/** The records that are hard to carry, for one topic. */
export const hardRecords = (topic: string): readonly SentRecord[] =>
  HARD.map((record) => ({ topic, ...record }));

/** A record without its place. */
export const sentOf = ({ topic, key, value, headers }: ReadRecord): SentRecord => ({
  ...{ topic, key, value, headers },
});

/** Bytes as text. */
export const textOf = (bytes: Uint8Array | null | undefined): Text =>
  bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString();

/** Text as bytes. */
export const bytesOf = (text: Text): Buffer | null => (text === null ? null : Buffer.from(text));
