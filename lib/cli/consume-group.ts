// `wadi consume --group`: prints records as a member of a consumer group, and commits what was printed.
import type { Client } from '../client/client.ts';
import type { Consumer } from '../client/consumer/consumer.ts';
import type { Message } from '../client/consumer/message.ts';
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
  // A member would wait for a topic to be made, as Kafka's do; at a terminal it is a typing error.
  await client.broker.describeTopic(topic);
  const consumer = client.consumer({
    groupId: options.group,
    autoOffsetReset: options.offset ?? 'earliest',
    delivery: options.atMostOnce ? 'at-most-once' : 'at-least-once',
    autoCommitInterval: COMMIT_EVERY_MS,
    maxWaitTimeInMs: WAIT_MS,
    retry: { retries: 0 },
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

/** A record counts as processed once it is printed. Ends after the maximum, and when the consumer is disconnected. */
async function printAll(
  terminal: Terminal,
  consumer: Consumer,
  { max = Infinity, ...format }: ConsumeGroupOptions,
): Promise<void> {
  let left = max;
  if (left <= 0) return;
  await consumer.run({
    eachMessage: async ({ partition, message }) => {
      await write(terminal.stdout, formatRecords([toPrinted(partition, message)], format));
      if (--left <= 0) await consumer.stop();
    },
  });
  await consumer.finished;
}

const toPrinted = (
  partition: number,
  { offset, timestamp, key, value, headers }: Message<Buffer, Buffer>,
) => ({
  ...{ partition, offset, timestamp },
  ...{ key: key?.toString('base64') ?? null, value: value?.toString('base64') ?? null },
  headers: Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((one) => ({
      key: name,
      value: one?.toString('base64') ?? null,
    })),
  ),
});
