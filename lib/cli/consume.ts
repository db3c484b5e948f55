// `wadi consume`: the records of a topic to stdout, each partition's in their order.
import { findTopic, get, OffsetsAnswer, RecordsAnswer, type ConsumedRecord } from './api-answers.ts';
import type { ApiClient } from './api-client.ts';
import { CliError, EXIT, type ExitCode, usageError } from './exit.ts';
import { formatRecords, type OutputFormat } from './output-format.ts';
import { endOf, isBrokenPipe, type Terminal, write } from './terminal.ts';

const BINARY_TYPE = 'application/vnd.kafka.binary.v2+json';

const FETCH_BYTES_MAX = 1024 * 1024;

/** The server's longest long poll. */
const WAIT_MS = 25_000;

/** Partitions read at the same time when the read has an end; each holds up to FETCH_BYTES_MAX. */
const CONCURRENT_READS = 8;

export interface ConsumeOptions extends OutputFormat {
  /** Default: all. */
  readonly partition?: number;
  /** An offset, which needs `partition`, or an end of the log. Default: earliest, and latest with `follow`. */
  readonly offset?: number | 'earliest' | 'latest';
  /** Stop after so many records of all partitions together. */
  readonly max?: number;
  /** Go on with what comes, until ended. Default: stop at the end that the topic has now. */
  readonly follow?: boolean;
}

/** A stretch of one partition; half-open, and endless with `end` Infinity. */
interface Stretch {
  /** The offsets are those of this topic, not of one that is made anew under its name. */
  readonly topicId: string;
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** Prints records until the end, the maximum, a signal, or until nobody reads stdout any more. */
export async function consume(
  terminal: Terminal,
  api: ApiClient,
  topic: string,
  options: ConsumeOptions,
): Promise<ExitCode> {
  if (typeof options.offset === 'number' && options.partition === undefined) {
    throw usageError('--offset with a number needs --partition: each partition counts its own offsets');
  }
  const stretches = await findStretches(api, topic, options);
  const output = new Output(terminal, options);
  await readAll(api, topic, stretches, output, options.follow ? stretches.length : CONCURRENT_READS);
  return terminal.signal.aborted && !output.isFull ? endOf(terminal.signal) : EXIT.ok;
}

async function findStretches(
  api: ApiClient,
  topic: string,
  options: ConsumeOptions,
): Promise<readonly Stretch[]> {
  const found = await findTopic(api, topic);
  if (found === undefined) throw new CliError(`there is no topic ${topic} on ${api.url.origin}`);
  const { partitions_count: count, topic_id: topicId } = found;
  if (options.partition !== undefined && options.partition >= count) {
    throw usageError(`--partition must be 0 to ${count - 1} in ${topic}, got ${options.partition}`);
  }
  const partitions =
    options.partition === undefined ? Array.from({ length: count }, (_, p) => p) : [options.partition];
  const stretches: Stretch[] = [];
  for (const partition of partitions)
    stretches.push({ ...(await findStretch(api, topic, partition, options)), topicId });
  return stretches;
}

async function findStretch(
  api: ApiClient,
  topic: string,
  partition: number,
  { offset, follow = false }: ConsumeOptions,
): Promise<Omit<Stretch, 'topicId'>> {
  const path = ['topics', topic, 'partitions', String(partition), 'offsets'];
  const { beginning_offset: beginning, end_offset: end } = await get(api, path, OffsetsAnswer);
  const from = offset ?? (follow ? 'latest' : 'earliest');
  const start = from === 'earliest' ? beginning : from === 'latest' ? end : from;
  if (start < beginning || start > end) {
    throw new CliError(`--offset must be ${beginning} to ${end} in ${topic}-${partition}, got ${start}`);
  }
  return { partition, start, end: follow ? Infinity : end };
}

/** Reads stretches side by side; the first error ends all. What breaks off because all was printed is none. */
async function readAll(
  api: ApiClient,
  topic: string,
  stretches: readonly Stretch[],
  output: Output,
  concurrency: number,
): Promise<void> {
  const waiting = stretches.values();
  const readSome = async (): Promise<void> => {
    for (const stretch of waiting) await readStretch(api, topic, stretch, output);
  };
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, stretches.length) }, readSome));
  } catch (error) {
    if (output.isEnded) return;
    output.stop();
    throw error;
  }
}

async function readStretch(api: ApiClient, topic: string, stretch: Stretch, output: Output): Promise<void> {
  const { partition, end, topicId } = stretch;
  for (let offset = stretch.start; offset < end && !output.isDone;) {
    const records = await api.call({
      method: 'GET',
      path: ['topics', topic, 'partitions', String(partition), 'records'],
      query: {
        ...{ offset, max_bytes: FETCH_BYTES_MAX, topic_id: topicId },
        timeout: end === Infinity ? WAIT_MS : 0,
      },
      accept: BINARY_TYPE,
      answer: RecordsAnswer,
      isRepeatable: true,
      signal: output.signal,
    });
    const last = records.at(-1);
    // The rest of the stretch holds no records: compaction may leave gaps, also at its end.
    if (last === undefined && end !== Infinity) return;
    await output.print(records.filter((record) => record.offset < end));
    if (last) offset = last.offset + 1;
  }
}

/** Stdout, with one writer at a time, an end, and a reader that may go. */
class Output {
  readonly #terminal: Terminal;
  readonly #format: OutputFormat;
  readonly #stopped = new AbortController();
  #left: number;
  #hasReaderGone = false;
  #writing: Promise<void> = Promise.resolve();
  readonly signal: AbortSignal;

  constructor(terminal: Terminal, options: ConsumeOptions) {
    this.#terminal = terminal;
    this.#format = options;
    this.#left = options.max ?? Infinity;
    this.signal = AbortSignal.any([this.#stopped.signal, terminal.signal]);
    if (this.#left === 0) this.stop();
  }

  /** Whether all was printed that was asked for. */
  get isFull(): boolean {
    return this.#left <= 0;
  }

  /** Whether nothing more is to be printed. */
  get isDone(): boolean {
    return this.signal.aborted;
  }

  /** Whether nothing more is wanted: all was printed that was asked for, the user has ended it, or nobody reads on. */
  get isEnded(): boolean {
    return this.isFull || this.#terminal.signal.aborted || this.#hasReaderGone;
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Prints after what was given before; resolves when stdout takes more. */
  async print(records: readonly ConsumedRecord[]): Promise<void> {
    this.#writing = this.#writing.then(() => this.#printNow(records));
    await this.#writing;
  }

  async #printNow(records: readonly ConsumedRecord[]): Promise<void> {
    if (this.isDone || records.length === 0) return;
    const wanted = records.slice(0, Math.min(records.length, this.#left));
    this.#left -= wanted.length;
    try {
      await write(this.#terminal.stdout, formatRecords(wanted, this.#format));
    } catch (error) {
      this.#hasReaderGone = isBrokenPipe(error);
      this.stop();
      if (!this.#hasReaderGone) throw error;
    }
    if (this.isFull) this.stop();
  }
}
