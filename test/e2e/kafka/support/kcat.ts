// kcat, a command line over librdkafka.
import { start, type Ended } from '../../support/processes.ts';
import type { ClientKind } from './client-kind.ts';
import { isOnPath } from './programs.ts';
import type { ReadRecord, SentRecord, Text } from './records.ts';

/** Runs kcat to its end with this input. */
export async function kcat(kafka: string, args: readonly string[], stdin = ''): Promise<Ended> {
  const running = start('kcat', ['-b', kafka, ...args]);
  running.process.stdin?.end(stdin);
  return running.ended;
}

/** As `kcat`. Rejects where it fails. */
export async function kcatOutput(kafka: string, args: readonly string[], stdin = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await kcat(kafka, args, stdin);
  if (exitCode !== 0) throw new Error(`kcat ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  return stdout;
}

interface Envelope {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Text;
  readonly payload: Text;
  /** Names and values in turn. */
  readonly headers?: readonly Text[];
}

function readOf({ topic, partition, offset, key, payload, headers = [] }: Envelope): ReadRecord {
  const names = headers.filter((_, at) => at % 2 === 0);
  return {
    ...{ topic, partition, offset, key, value: payload },
    headers: names.map((name, at) => [name ?? '', headers[2 * at + 1] ?? null] as const),
  };
}

/** Headers are for a whole run, and so is whether empty means null. */
async function produceOne(kafka: string, record: SentRecord, more: readonly string[]): Promise<void> {
  const { topic, key, value, headers } = record;
  const flags = headers.flatMap(([name, text]) => ['-H', text === null ? name : `${name}=${text}`]);
  const line = `${key === null ? '' : `${key}:`}${value ?? ''}`;
  const args = ['-P', '-t', topic, '-K:', ...(value === null ? ['-Z'] : []), ...flags, ...more];
  await kcatOutput(kafka, args, line);
}

/** kcat. One record is one run. */
export const KCAT: ClientKind = {
  name: 'kcat',
  missing: isOnPath('kcat') ? undefined : 'it is not on PATH; Debian has it as the package kcat',
  produce: async (kafka, records, { compression = 'none', acks } = {}) => {
    const more = ['-z', compression, ...(acks === undefined ? [] : ['-X', `acks=${acks}`])];
    for (const record of records) await produceOne(kafka, record, more);
  },
  read: async (kafka, topics) => {
    const outputs = await Promise.all(
      topics.map((topic) => kcatOutput(kafka, ['-C', '-t', topic, '-e', '-q', '-J', '-o', 'beginning'])),
    );
    return outputs.flatMap((output) =>
      output
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => readOf(JSON.parse(line) as Envelope)),
    );
  },
};
