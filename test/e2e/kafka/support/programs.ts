// Clients that are programs: they take records on standard input and print what happened, a line each.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start, type Ended, type Running } from '../../support/processes.ts';
import type { ClientKind } from './client-kind.ts';
import { textOf, type ReadRecord, type SentRecord, type Text } from './records.ts';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const JAVA = join(FOLDER, 'java/dist');
const GO = join(FOLDER, 'go/dist/compat');
const HOW = 'build it with `npm run compat:clients`';

/** Whether a program is found on PATH. */
export const isOnPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/** Starts a client's program with its own arguments. */
export type StartProgram = (args: readonly string[]) => Running;

/** Kafka's Java client. C1 only: the programs live for seconds. */
export const startJava: StartProgram = (args) =>
  start('java', [
    ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'],
    ...['-cp', `${JAVA}/classes${delimiter}${JAVA}/lib/*`, 'compat.Main', ...args],
  ]);

/** franz-go. */
export const startGo: StartProgram = (args) => start(GO, args);

const encode = (text: Text): string => (text === null ? '-' : Buffer.from(text).toString('base64'));
const decode = (text: string): Text => (text === '-' ? null : textOf(Buffer.from(text, 'base64')));

const lineOf = ({ topic, key, value, headers }: SentRecord, compression: string): string =>
  [
    ...[topic, compression, encode(key), encode(value)],
    headers.map(([name, text]) => `${name}=${encode(text)}`).join(),
  ].join('\t');

/** The lines that a program has printed, as fields. */
export const linesOf = (stdout: string): readonly (readonly string[])[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));

/** The records among the lines that a program has printed. */
export const recordsOf = (stdout: string): readonly ReadRecord[] =>
  linesOf(stdout).flatMap(([kind, topic = '', partition, offset, key = '', value = '', headers = '']) =>
    kind === 'record'
      ? [
          {
            ...{ topic, partition: Number(partition), offset: Number(offset) },
            ...{ key: decode(key), value: decode(value), headers: headersOf(headers) },
          },
        ]
      : [],
  );

const headersOf = (text: string): readonly (readonly [string, Text])[] =>
  text === ''
    ? []
    : text.split(',').map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), decode(pair.slice(at + 1))] as const;
      });

/** Runs a program to its end with this input. Rejects where it fails. */
export async function runProgram(
  startProgram: StartProgram,
  args: readonly string[],
  stdin = '',
): Promise<Ended> {
  const running = startProgram(args);
  running.process.stdin?.end(stdin);
  const ended = await running.ended;
  if (ended.exitCode !== 0)
    throw new Error(`${args.join(' ')} ended with ${ended.exitCode}: ${ended.stderr}`);
  return ended;
}

/** Runs its `produce`; the answer is what it printed of each record. */
export async function produceBy(
  startProgram: StartProgram,
  kafka: string,
  records: readonly SentRecord[],
  { compression = 'none', settings = [] }: { compression?: string; settings?: readonly string[] } = {},
): Promise<readonly (readonly string[])[]> {
  const stdin = records.map((record) => `${lineOf(record, compression)}\n`).join('');
  return linesOf((await runProgram(startProgram, ['produce', kafka, ...settings], stdin)).stdout);
}

type KindOptions = Pick<ClientKind, 'name' | 'missing'> & {
  readonly start: StartProgram;
  readonly readArguments: (topics: string) => readonly string[];
};

const kindOf = ({ name, missing, start: startProgram, readArguments }: KindOptions): ClientKind => ({
  ...{ name, missing },
  produce: async (kafka, records, { compression = 'none', acks } = {}) => {
    const settings =
      acks === undefined ? [] : [`acks=${acks}`, ...(name === 'java' ? ['enable.idempotence=false'] : [])];
    const lines = await produceBy(startProgram, kafka, records, { compression, settings });
    const failed = lines.find(([kind]) => kind !== 'produced');
    if (failed) throw new Error(failed.join(' '));
  },
  read: async (kafka, topics) =>
    recordsOf((await runProgram(startProgram, ['read', kafka, ...readArguments(topics.join())])).stdout),
});

/** Kafka's Java client. */
export const JAVA_CLIENT = kindOf({
  ...{ name: 'java', start: startJava, readArguments: (topics) => [topics] },
  missing: existsSync(`${JAVA}/lib`) && isOnPath('java') ? undefined : HOW,
});

/** franz-go. */
export const GO_CLIENT = kindOf({
  ...{ name: 'go', start: startGo, readArguments: (topics) => [`topics=${topics}`] },
  missing: existsSync(GO) ? undefined : HOW,
});
