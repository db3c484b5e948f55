// What one read delivers: whole records of several partitions as JSON, within the bounds of an answer.
import { BrokerError } from '../../base/errors.ts';
import type { FetchedBatches } from '../../broker/broker.ts';
import type { InstanceConfig, InstancePartition } from '../../groups/instances.ts';
import { recordsOf } from '../../record/record-batch.ts';
import type { PlacedRecord } from '../../record/record.ts';
import { HttpError } from '../errors.ts';
import { ANSWER_BYTES_MAX, STREAM_FETCH_BYTES_MAX } from '../limits.ts';
import { offsetAfter } from '../offset-after.ts';
import { recordText } from '../payload.ts';
import { offsetOutOfRange } from '../records-v2.ts';
import { soundBatches } from '../sound-batches.ts';
import type { Move } from './instance-state.ts';
import type { ConsumerDeps } from './session.ts';
import { isTopicGone, resetPosition } from './start-positions.ts';

/** Partitions that are fetched at once; each may bring one batch of the largest size. */
const FETCHES_AT_ONCE = 8;

/** What is delivered, and where reading has got to by it. */
export interface Page {
  readonly texts: readonly string[];
  /** Bytes of keys and values. */
  readonly payloadBytes: number;
  /** Of the partitions whose position has changed. */
  readonly moves: readonly Move[];
  /** Nothing more fits, or the next record cannot be answered. */
  readonly isFull: boolean;
  /** Why a partition gives nothing; of the first one. */
  readonly failure?: HttpError | BrokerError;
}

export interface PageOptions {
  readonly config: InstanceConfig;
  /** Bytes of keys and values, one record excepted. */
  readonly maxBytes: number;
}

type Readable = InstancePartition & { readonly position: number };

/** Partitions whose position is known. */
export const readableOf = (partitions: readonly InstancePartition[]): readonly Readable[] =>
  partitions.filter((one): one is Readable => one.position !== undefined);

/**
 * Reads what there is now, the partitions in their order. A record that cannot be answered ends its partition's part; it is
 * the page's failure where it is the first. A partition whose offset is out of range goes on where auto.offset.reset says.
 */
export async function readPage(
  deps: Pick<ConsumerDeps, 'broker'>,
  partitions: readonly InstancePartition[],
  options: PageOptions,
): Promise<Page> {
  const readable = readableOf(partitions);
  const page = new PageBuilder(options);
  for (let from = 0; from < readable.length && !page.isFull; from += FETCHES_AT_ONCE) {
    const some = readable.slice(from, from + FETCHES_AT_ONCE);
    const bytes = Math.max(STREAM_FETCH_BYTES_MAX, Math.ceil(options.maxBytes / some.length));
    const maxBytes = Math.min(options.maxBytes, bytes);
    const fetched = await Promise.all(some.map((one) => fetchOne(deps, one, { ...options, maxBytes })));
    for (const part of fetched) page.add(part);
  }
  return page.finish();
}

type Part =
  | { readonly partition: Readable; readonly batches: Uint8Array }
  | { readonly partition: Readable; readonly resetTo: number }
  | { readonly failure: HttpError | BrokerError }
  | undefined;

async function fetchOne(
  deps: Pick<ConsumerDeps, 'broker'>,
  partition: Readable,
  { config, maxBytes }: PageOptions,
): Promise<Part> {
  const { topic, topicId, partition: number, position: offset } = partition;
  try {
    const fetched: FetchedBatches = await deps.broker.fetch({
      ...{ topic, topicId, partition: number, offset, maxBytes, maxWaitMs: 0 },
    });
    return { partition, batches: soundBatches(`${topic}-${number}`, fetched.batches) };
  } catch (error) {
    if (isTopicGone(error)) return undefined;
    if (!(error instanceof BrokerError)) throw error;
    if (error.code === 'CORRUPT_MESSAGE') return { failure: error };
    if (error.code !== 'OFFSET_OUT_OF_RANGE') throw error;
    if (config.autoOffsetReset === 'none')
      return { failure: await offsetOutOfRange(deps.broker, topic, number, offset, error) };
    const resetTo = await resetPosition(deps, partition, config);
    return resetTo === undefined ? undefined : { partition, resetTo };
  }
}

/** Owned by one read. */
class PageBuilder {
  readonly #options: PageOptions;
  readonly #texts: string[] = [];
  readonly #moves: Move[] = [];
  #payloadBytes = 0;
  #answerBytes = '[]'.length;
  #failure: HttpError | BrokerError | undefined;
  isFull = false;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  add(part: Part): void {
    if (part === undefined || this.isFull) return;
    if ('failure' in part) this.#failure ??= part.failure;
    else if ('resetTo' in part) this.#moves.push({ ...part.partition, position: part.resetTo });
    else this.#addRecords(part.partition, part.batches);
  }

  #addRecords(partition: Readable, batches: Uint8Array): void {
    const begin = partition.position;
    for (const record of recordsOf(batches, begin)) {
      const text = this.#textOf(partition, record);
      if (text !== undefined && this.#fits(record, text)) this.#push(record, text);
      else {
        this.#moveTo(partition, record.offset);
        return;
      }
    }
    this.#moveTo(partition, offsetAfter(batches, begin));
  }

  #moveTo(partition: Readable, position: number): void {
    if (position !== partition.position) this.#moves.push({ ...partition, position });
  }

  /** undefined: the record cannot be answered in the consumer's format. */
  #textOf({ topic, partition }: Readable, record: PlacedRecord): string | undefined {
    try {
      return recordText(topic, partition, record, this.#options.config.format);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#failure ??= unreadable(`${topic}-${partition}`, record, error);
      return undefined;
    }
  }

  #fits(record: PlacedRecord, text: string): boolean {
    const answerBytes = this.#answerBytes + Buffer.byteLength(text) + 1;
    const isFirst = this.#texts.length === 0;
    if (answerBytes > ANSWER_BYTES_MAX && isFirst) this.#failure ??= tooLarge(record, answerBytes);
    this.isFull =
      answerBytes > ANSWER_BYTES_MAX ||
      (!isFirst && this.#payloadBytes + payloadBytesOf(record) > this.#options.maxBytes);
    return !this.isFull;
  }

  #push(record: PlacedRecord, text: string): void {
    this.#texts.push(text);
    this.#payloadBytes += payloadBytesOf(record);
    this.#answerBytes += Buffer.byteLength(text) + 1;
  }

  finish(): Page {
    return {
      ...{ texts: this.#texts, payloadBytes: this.#payloadBytes, moves: this.#moves },
      isFull: this.isFull || this.#failure !== undefined,
      ...(this.#failure && { failure: this.#failure }),
    };
  }
}

const payloadBytesOf = ({ key, value }: PlacedRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

const HOW_TO_PASS = (offset: number): string =>
  `seek to offset ${offset + 1} to go on after it, or read it with a consumer of the binary format`;

function unreadable(place: string, { offset }: PlacedRecord, cause: HttpError): HttpError {
  return new HttpError({
    ...{ status: cause.status, errorCode: cause.errorCode, details: cause.details, cause },
    message: `The record at offset ${offset} of ${place} does not fit the consumer's format: ${HOW_TO_PASS(offset)}`,
  });
}

function tooLarge({ offset }: PlacedRecord, bytes: number): HttpError {
  return new HttpError({
    status: 413,
    errorCode: 413,
    message: `The record at offset ${offset} takes ${bytes} bytes, more than the ${ANSWER_BYTES_MAX} of an answer: seek past it`,
    details: { kafka_error: 'MESSAGE_TOO_LARGE', offset, next_offset: offset + 1 },
  });
}
