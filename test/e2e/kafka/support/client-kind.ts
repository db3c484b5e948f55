// What the tests that are the same for every client need of one.
import type { Compression, ReadRecord, SentRecord } from './records.ts';

export interface ProduceOptions {
  readonly compression?: Compression;
  /** Default: all. */
  readonly acks?: 0 | 1;
}

export interface ClientKind {
  readonly name: string;
  /** What is missing here, and how to get it; undefined: it is here. */
  readonly missing?: string | undefined;
  /** Whether its interface can say this record at all. Default: each. */
  readonly canWrite?: (record: SentRecord) => boolean;
  /** Resolves when all are acknowledged, or sent with acks=0; rejects where one is refused. */
  readonly produce: (
    kafka: string,
    records: readonly SentRecord[],
    options?: ProduceOptions,
  ) => Promise<void>;
  /** All records of some topics, each partition in its order. */
  readonly read: (kafka: string, topics: readonly string[]) => Promise<readonly ReadRecord[]>;
}

/** Whether a client is here; says on the console what is missing where it is not. */
export function isHere({ name, missing }: Pick<ClientKind, 'name' | 'missing'>): boolean {
  if (missing !== undefined) console.warn(`skipped: ${name}: ${missing}`);
  return missing === undefined;
}
