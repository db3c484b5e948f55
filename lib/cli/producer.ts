// Sends records in batches, one request in flight for each partition, each batch stored once however often it is sent.
import { present } from '../base/assert.ts';
import type { Dice } from '../base/dice.ts';
import { partitionForKey } from '../record/partitioner.ts';
import { ProduceAnswer, type ProducerIdentity } from './api-answers.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import type { InputRecord } from './input-records.ts';

const BINARY_TYPE = 'application/vnd.kafka.binary.v2+json';

/** A batch with its headers stays below max.message.bytes, 1,048,588 by default. */
export const BATCH_BYTES_MAX = 900_000;

/** What a record takes in a batch and a request beside its bytes. */
const RECORD_OVERHEAD_BYTES = 64;

/** Records without a key stay with one partition for so many bytes: the Java client's batch.size. */
const STICKY_BYTES = 16_384;

/** Read and not yet acknowledged; beyond it, reading waits. */
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;

const SEQUENCES = 2 ** 31;

export interface ProducerOptions {
  readonly topic: string;
  readonly partitions: number;
  /** All records go here, whatever their key. */
  readonly partition?: number;
  readonly identity: ProducerIdentity;
  /** Called after each acknowledged batch with the count of all acknowledged records. */
  readonly onProgress?: (records: number) => void;
}

interface Queued {
  readonly record: InputRecord;
  readonly bytes: number;
}

/** What one partition has to send. */
interface Lane {
  readonly partition: number;
  queue: Queued[];
  nextSequence: number;
  sending: Promise<void> | undefined;
}

/** Sends records of one topic. Records of one partition are stored in the order they were given in. */
export class Producer {
  readonly #api: ApiClient;
  readonly #dice: Dice;
  readonly #options: ProducerOptions;
  readonly #lanes: readonly Lane[];
  #batchBytesMax = BATCH_BYTES_MAX;
  #acknowledged = 0;
  #bufferedBytes = 0;
  #sticky = { partition: 0, bytesLeft: 0 };
  #failure: { readonly error: unknown } | undefined;
  /** Told whenever there may be room again. */
  #wake: () => void = () => undefined;

  constructor(deps: { readonly api: ApiClient; readonly dice: Dice }, options: ProducerOptions) {
    this.#api = deps.api;
    this.#dice = deps.dice;
    this.#options = options;
    this.#lanes = Array.from({ length: options.partitions }, (_, partition) => ({
      partition,
      queue: [],
      nextSequence: 0,
      sending: undefined,
    }));
  }

  /** Records that the server has acknowledged as durable. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Takes records over, whose partitions exist, and sends them; resolves when there is room for more. Throws the first failure of a batch. */
  async add(records: readonly InputRecord[]): Promise<void> {
    for (const record of records) this.#enqueue(record);
    for (const lane of this.#lanes) this.#start(lane);
    while (this.#failure === undefined && this.#bufferedBytes > BUFFERED_BYTES_MAX) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#throwFailure();
  }

  /** Resolves when all is acknowledged. After a failure it waits for what is in flight, and throws it. */
  async flush(): Promise<void> {
    for (const lane of this.#lanes) await lane.sending;
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #enqueue(record: InputRecord): void {
    const bytes = bytesOf(record);
    this.#bufferedBytes += bytes;
    this.#laneOf(record, bytes).queue.push({ record, bytes });
  }

  #laneOf(record: InputRecord, bytes: number): Lane {
    const { topic, partitions } = this.#options;
    const partition = record.partition ?? this.#options.partition ?? this.#partitionByKey(record.key, bytes);
    return present(this.#lanes[partition], `partition ${partition} of ${partitions} in ${topic}`);
  }

  #partitionByKey(key: Buffer | null, bytes: number): number {
    const { partitions } = this.#options;
    if (key !== null) return partitionForKey(key, partitions);
    if (this.#sticky.bytesLeft <= 0) {
      this.#sticky = { partition: Math.floor(this.#dice.random() * partitions), bytesLeft: STICKY_BYTES };
    }
    this.#sticky.bytesLeft -= bytes;
    return this.#sticky.partition;
  }

  #start(lane: Lane): void {
    if (lane.sending !== undefined || lane.queue.length === 0 || this.#failure !== undefined) return;
    lane.sending = this.#drain(lane);
  }

  /** Sends until the lane is empty. Never rejects: a failure is kept, and stops all lanes. */
  async #drain(lane: Lane): Promise<void> {
    try {
      while (lane.queue.length > 0 && this.#failure === undefined) await this.#sendNext(lane);
    } catch (error) {
      this.#failure ??= { error };
      this.#wake();
    } finally {
      // In the same turn as the last look at the queue, or a record that comes between would wait for ever.
      lane.sending = undefined;
    }
  }

  async #sendNext(lane: Lane): Promise<void> {
    const batch = this.#nextBatch(lane);
    try {
      await this.#send(lane, batch);
    } catch (error) {
      if (!isTooLarge(error) || batch.length === 1) throw error;
      this.#batchBytesMax = Math.floor(Math.min(this.#batchBytesMax, sumBytes(batch)) / 2);
      return;
    }
    lane.queue.splice(0, batch.length);
    lane.nextSequence = (lane.nextSequence + batch.length) % SEQUENCES;
    this.#bufferedBytes -= sumBytes(batch);
    this.#acknowledged += batch.length;
    this.#options.onProgress?.(this.#acknowledged);
    this.#wake();
  }

  #nextBatch(lane: Lane): readonly Queued[] {
    let bytes = 0;
    const end = lane.queue.findIndex((queued, index) => {
      bytes += queued.bytes;
      return index > 0 && bytes > this.#batchBytesMax;
    });
    return end === -1 ? lane.queue.slice() : lane.queue.slice(0, end);
  }

  async #send(lane: Lane, batch: readonly Queued[]): Promise<void> {
    const { topic, identity } = this.#options;
    const answer = await this.#api.call({
      method: 'POST',
      path: ['topics', topic, 'partitions', String(lane.partition)],
      contentType: BINARY_TYPE,
      body: {
        ...identity,
        sequences: { [lane.partition]: lane.nextSequence },
        records: batch.map(({ record }) => encodeRecord(record)),
      },
      answer: ProduceAnswer,
      isRepeatable: true,
    });
    checkOffsets(answer.offsets, batch.length);
  }
}

type ProducedOffsets = readonly {
  readonly error_code: number | null;
  readonly error: string | null;
  readonly outcome?: 'not-applied' | 'applied' | 'unknown';
}[];

/** Throws unless every record of a request got its offset. */
function checkOffsets(offsets: ProducedOffsets, expected: number): void {
  const refused = offsets.find((offset) => offset.error_code !== null);
  if (refused) {
    throw new ApiError(refused.error ?? `error ${refused.error_code ?? 0}`, {
      outcome: refused.outcome ?? 'unknown',
      retriable: false,
      isWrite: true,
    });
  }
  if (offsets.length !== expected) {
    throw new ApiError(`sent ${expected} records, but got ${offsets.length} offsets`, {
      outcome: 'unknown',
      retriable: false,
      isWrite: true,
    });
  }
}

const isTooLarge = (error: unknown): boolean => error instanceof ApiError && error.status === 413;

const sumBytes = (batch: readonly Queued[]): number => batch.reduce((sum, { bytes }) => sum + bytes, 0);

function bytesOf({ key, value, headers }: InputRecord): number {
  const ofHeaders = headers.reduce(
    (sum, header) => sum + header.key.length * 3 + (header.value?.length ?? 0) + 16,
    0,
  );
  return RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0) + ofHeaders;
}

const toBase64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;

function encodeRecord({ key, value, headers, timestampMs }: InputRecord): object {
  return {
    key: toBase64(key),
    value: toBase64(value),
    ...(timestampMs === undefined ? {} : { timestamp: timestampMs }),
    ...(headers.length === 0
      ? {}
      : { headers: headers.map((header) => ({ key: header.key, value: toBase64(header.value) })) }),
  };
}

/**
 * Sends one record without naming a partition, so that a server that makes topics on their first record makes this one.
 * It carries no sequence, and is therefore never repeated when nobody knows what became of it. Throws the server's refusal.
 */
export async function produceFirst(api: ApiClient, topic: string, record: InputRecord): Promise<void> {
  const { offsets } = await api.call({
    method: 'POST',
    path: ['topics', topic],
    contentType: BINARY_TYPE,
    body: { records: [{ ...encodeRecord(record), ...partitionOf(record) }] },
    answer: ProduceAnswer,
    isRepeatable: false,
  });
  checkOffsets(offsets, 1);
  present(offsets[0]?.offset, 'the offset of the first record');
}

const partitionOf = ({ partition }: InputRecord): object => (partition === undefined ? {} : { partition });
