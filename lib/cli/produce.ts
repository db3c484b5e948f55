// `wadi produce`: lines or JSON lines from stdin or a file into a topic.
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { clusterIdOf, findTopic, ProducerAnswer } from './api-answers.ts';
import type { ApiClient } from './api-client.ts';
import { CliError, EXIT, type ExitCode, usageError } from './exit.ts';
import { splitLines } from './input-lines.ts';
import { type InputFormat, type InputRecord, looksLikeJsonRecord, parseRecord } from './input-records.ts';
import { Producer, produceFirst } from './producer.ts';
import { createProgress } from './progress.ts';
import { endOf, note, type Terminal } from './terminal.ts';
import { countOf } from './format-text.ts';

export interface ProduceOptions {
  /** Default: stdin. */
  readonly file?: string;
  readonly partition?: number;
  /** Input is JSON lines (true), or is not (false). Default: what the first line looks like. */
  readonly json?: boolean;
  readonly keySeparator?: string;
}

/** Reads records as they come, sends them, and prints how many the server acknowledged, also when it fails. */
export async function produce(
  terminal: Terminal,
  api: ApiClient,
  topic: string,
  options: ProduceOptions,
): Promise<ExitCode> {
  if (options.json && options.keySeparator !== undefined) {
    throw usageError('--json and --key-separator exclude each other');
  }
  if (options.keySeparator === '') throw usageError('--key-separator must not be empty');
  const progress = createProgress(terminal);
  const session = new ProduceSession(terminal, api, topic, options, progress.show);
  try {
    const input = await openInput(terminal, options.file);
    await session.start();
    await session.readAll(input);
    return terminal.signal.aborted ? endOf(terminal.signal) : EXIT.ok;
  } finally {
    progress.clear();
    if (session.hasStarted) note(terminal, `${countOf(session.acknowledged, 'record')} produced to ${topic}`);
  }
}

/** The input, which ends when the user ends the command. */
async function openInput({ stdin, signal }: Terminal, file: string | undefined): Promise<Readable> {
  const input = file === undefined ? stdin : await openFile(file);
  signal.addEventListener('abort', () => input.destroy(), { once: true });
  return input;
}

async function openFile(file: string): Promise<Readable> {
  try {
    const handle = await open(file);
    return handle.createReadStream();
  } catch (error) {
    throw unreadable(file, error as Error);
  }
}

function unreadable(file: string, error: Error): CliError {
  const reason = 'code' in error && error.code === 'ENOENT' ? 'no such file' : error.message;
  return new CliError(`cannot read ${file}: ${reason}`, { cause: error });
}

/** One run of the command: where in the input it is, and what the server has. */
class ProduceSession {
  readonly #terminal: Terminal;
  readonly #api: ApiClient;
  readonly #topic: string;
  readonly #options: ProduceOptions;
  readonly #onProgress: (records: number) => void;
  #partitions: number | undefined;
  #producer: Producer | undefined;
  #sentFirst = 0;
  #lineNumber = 0;
  #format: InputFormat | undefined;
  hasStarted = false;

  constructor(
    terminal: Terminal,
    api: ApiClient,
    topic: string,
    options: ProduceOptions,
    onProgress: (records: number) => void,
  ) {
    this.#terminal = terminal;
    this.#api = api;
    this.#topic = topic;
    this.#options = options;
    this.#onProgress = onProgress;
  }

  get acknowledged(): number {
    return this.#sentFirst + (this.#producer?.acknowledged ?? 0);
  }

  /** Finds server and topic before anything is read, so that the user need not type for nothing. */
  async start(): Promise<void> {
    this.#partitions = (await findTopic(this.#api, this.#topic))?.partitions_count;
    this.hasStarted = true;
  }

  async readAll(input: Readable): Promise<void> {
    try {
      for await (const lines of splitLines(input)) await this.#take(lines);
    } catch (error) {
      await this.#producer?.flush();
      if (this.#terminal.signal.aborted) return;
      const isRead = error instanceof Error && 'syscall' in error;
      throw isRead ? unreadable(this.#options.file ?? 'stdin', error) : error;
    }
    await this.#producer?.flush();
  }

  /** What stands before a bad line is sent; the bad line then ends the command. */
  async #take(lines: readonly Buffer[]): Promise<void> {
    const records: InputRecord[] = [];
    try {
      for (const line of lines) {
        const record = this.#parse(line);
        if (record) records.push(record);
      }
    } catch (error) {
      await this.#send(records);
      throw error;
    }
    await this.#send(records);
  }

  #parse(line: Buffer): InputRecord | undefined {
    this.#lineNumber++;
    this.#format ??= formatOf(this.#options, line);
    const record = parseRecord(this.#format, line, this.#lineNumber);
    if (record && this.#partitions !== undefined) this.#checkPartition(record.partition, this.#partitions);
    return record;
  }

  #checkPartition(partition: number | undefined, partitions: number): void {
    if (partition === undefined || partition < partitions) return;
    throw new CliError(
      `line ${this.#lineNumber}: "partition" must be 0 to ${partitions - 1} in ${this.#topic}, got ${partition}`,
    );
  }

  async #send(records: readonly InputRecord[]): Promise<void> {
    const [first, ...others] = records;
    if (first === undefined) return;
    if (this.#producer) return this.#producer.add(records);
    if (this.#partitions === undefined) {
      await produceFirst(this.#api, this.#topic, { ...first, ...this.#fixedPartition() });
      this.#sentFirst = 1;
    }
    this.#producer = await this.#createProducer();
    return this.#producer.add(this.#sentFirst === 1 ? others : records);
  }

  #fixedPartition(): { partition?: number } {
    return this.#options.partition === undefined ? {} : { partition: this.#options.partition };
  }

  async #createProducer(): Promise<Producer> {
    this.#partitions ??= (await findTopic(this.#api, this.#topic))?.partitions_count;
    if (this.#partitions === undefined) throw new CliError(`${this.#topic} was deleted meanwhile`);
    const { partition = 0 } = this.#options;
    if (partition >= this.#partitions) {
      throw usageError(
        `--partition must be 0 to ${this.#partitions - 1} in ${this.#topic}, got ${partition}`,
      );
    }
    const path = ['v3', 'clusters', await clusterIdOf(this.#api), 'producers'];
    const { producer_id, producer_epoch } = await this.#api.call({
      method: 'POST',
      path,
      answer: ProducerAnswer,
      isRepeatable: true,
    });
    return new Producer(
      { api: this.#api, dice: this.#terminal.dice },
      {
        topic: this.#topic,
        partitions: this.#partitions,
        identity: { producer_id, producer_epoch },
        onProgress: this.#onProgress,
        ...this.#fixedPartition(),
      },
    );
  }
}

function formatOf(options: ProduceOptions, firstLine: Buffer): InputFormat {
  if (options.keySeparator !== undefined) return { kind: 'lines', keySeparator: options.keySeparator };
  return { kind: (options.json ?? looksLikeJsonRecord(firstLine)) ? 'json' : 'lines' };
}
