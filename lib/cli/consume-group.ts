// `wadi consume --group`: prints records as a member of a consumer group, and commits what was printed.
import type { Client } from '../client/client.ts';
import type { ConsumedRecord } from '../client/consumer/message.ts';
import { endOf, isBrokenPipe, note, type Terminal, write } from './terminal.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { formatRecords, type OutputFormat } from './output-format.ts';

export interface ConsumeGroupOptions extends OutputFormat {
  readonly group: string;
  /** Where a partition begins that nothing is committed of. Default: earliest. */
  readonly offset?: 'earliest' | 'latest';
  /** Stop after so many records. */
  readonly max?: number;
  /** Milliseconds. Default: the cluster's. */
  readonly sessionTimeout?: number;
  /** Commit before printing: after a failure no record is printed twice, and some may never be. */
  readonly atMostOnce?: boolean;
}

/** Goes on until the maximum, a signal, or until nobody reads stdout any more; then it leaves the group. */
export async function consumeGroup(
  terminal: Terminal,
  client: Client,
  topic: string,
  options: ConsumeGroupOptions,
): Promise<ExitCode> {
  const consumer = client.consumer({
    groupId: options.group,
    autoOffsetReset: options.offset ?? 'earliest',
    delivery: options.atMostOnce ? 'at-most-once' : 'at-least-once',
    autoCommitInterval: COMMIT_EVERY_MS,
    maxWaitTimeInMs: WAIT_MS,
    ...(options.sessionTimeout !== undefined && { sessionTimeout: options.sessionTimeout }),
    onError: ({ message }) => {
      note(terminal, `wadi: ${message}; trying again`);
    },
  });
  await consumer.subscribe({ topic });
  const leave = () => {
    consumer.disconnect().catch(() => undefined);
  };
  terminal.signal.addEventListener('abort', leave, { once: true });
  try {
    if (!terminal.signal.aborted) await printAll(terminal, consumer, options);
  } catch (error) {
    if (!isBrokenPipe(error)) throw error;
  } finally {
    terminal.signal.removeEventListener('abort', leave);
    await consumer.disconnect();
  }
  return terminal.signal.aborted ? endOf(terminal.signal) : EXIT.ok;
}

const COMMIT_EVERY_MS = 1_000;
const WAIT_MS = 5_000;

async function printAll(
  terminal: Terminal,
  records: AsyncIterable<ConsumedRecord<Buffer, Buffer>>,
  { max = Infinity, ...format }: ConsumeGroupOptions,
): Promise<void> {
  let left = max;
  if (left <= 0) return;
  for await (const record of records) {
    // The last one is asked for once more, which says that the one before it was printed.
    if (left <= 0) return;
    await write(terminal.stdout, formatRecords([toPrinted(record)], format));
    left--;
  }
}

const toPrinted = ({
  partition,
  offset,
  timestamp,
  key,
  value,
  headers,
}: ConsumedRecord<Buffer, Buffer>) => ({
  ...{ partition, offset, timestamp },
  ...{ key: key?.toString('base64') ?? null, value: value?.toString('base64') ?? null },
  headers: Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((one) => ({
      key: name,
      value: one?.toString('base64') ?? null,
    })),
  ),
});
