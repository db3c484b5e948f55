// `npm run bench:kafka [-- --rounds N --only TEXT --sync-kafka --profile FOLDER --no-kafka]`: Apache Kafka and Wadi side by
// side on this machine, driven by the same client programs, in turns. Only ratios mean anything: both share the machine.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median, print } from '../report.ts';
import { withFolder } from '../workspace.ts';
import { fetchJars, KAFKA_VERSION, missingPrograms } from './jars.ts';
import { startKafkaServer } from './kafka-server.ts';
import { Samples } from './samples.ts';
import { startWadiServer } from './wadi-server.ts';
import { WORKLOADS, type Workload } from './workloads.ts';
import type { Figures } from './client.ts';
import type { Server } from './server.ts';

const { values: options } = parseArgs({
  options: {
    /** How often each server does everything. */
    rounds: { type: 'string', default: '3' },
    /** Only workloads whose name contains it; may be repeated. */
    only: { type: 'string', multiple: true },
    /** Kafka syncs to disk before each acknowledgement, as Wadi does: what is left is not the disk's. */
    'sync-kafka': { type: 'boolean', default: false },
    /** Leaves a CPU profile of Wadi for each round there. */
    profile: { type: 'string' },
    /** Leaves Kafka out, where only a profile is wanted. */
    'no-kafka': { type: 'boolean', default: false },
  },
});

const NOTE =
  'Both run on this machine beside the client, in turns; figures are medians, a ratio is of figures of the same round.\n' +
  (options['sync-kafka']
    ? 'Both sync to disk before each acknowledgement.'
    : 'Wadi syncs to disk before each acknowledgement; Kafka, by default, does not (--sync-kafka: it does).');

const START_UPS_MEASURED = 3;

async function main(): Promise<void> {
  const missing = missingPrograms();
  if (missing.length > 0) {
    console.warn(`bench:kafka: skipped: it needs ${missing.join(' and ')}`);
    return;
  }
  const classPath = fetchJars();
  const samples = new Samples();
  for (let round = 0; round < Number(options.rounds); round++) {
    await withFolder((folder) => runRound(classPath, folder, round, samples));
    console.log(
      print({
        title: `Wadi beside Apache Kafka ${KAFKA_VERSION}, after round ${round + 1}`,
        note: NOTE,
        columns: ['', 'kafka', 'wadi', 'wadi / kafka'],
        rows: samples.rows(),
        bounds: boundsOf(samples),
      }),
    );
  }
}

async function runRound(classPath: string, folder: string, round: number, samples: Samples): Promise<void> {
  const starters = {
    kafka: (at: string) => startKafkaServer(classPath, at, { isSynced: options['sync-kafka'] }),
    wadi: (at: string) => startWadiServer(at, options.profile && resolve(options.profile)),
  };
  const names = options['no-kafka'] ? (['wadi'] as const) : (['kafka', 'wadi'] as const);
  const servers: Server[] = [];
  try {
    for (const name of names) {
      // Each start alone on the machine; only the last server stays.
      for (let start = 1; start <= START_UPS_MEASURED; start++) {
        const dataFolder = join(folder, `${name}-${start}`);
        mkdirSync(dataFolder);
        const server = await starters[name](dataFolder);
        samples.add('start-up ms', name, round * START_UPS_MEASURED + start, server.startUpMs);
        if (start < START_UPS_MEASURED) await server.stop();
        else servers.push(server);
      }
    }
    await new Promise((done) => setTimeout(done, 5_000));
    for (const server of servers)
      samples.add('idle memory MB', server.name, round, server.memoryBytes() / 1e6);
    for (const workload of WORKLOADS.filter(isWanted))
      await runWorkload(classPath, workload, servers, round, samples);
    for (const server of servers)
      samples.add('memory after it all MB', server.name, round, server.memoryBytes() / 1e6);
  } finally {
    for (const server of servers) await server.stop();
  }
}

async function runWorkload(
  classPath: string,
  workload: Workload,
  servers: readonly Server[],
  round: number,
  samples: Samples,
): Promise<void> {
  for (const server of servers) {
    const beforeMs = server.processorMs();
    const found = await workload.run(classPath, server, round);
    const figures: Figures = {
      ...found,
      processorMsPerMb: (server.processorMs() - beforeMs) / (found['allMb'] ?? NaN),
    };
    console.log(`round ${round + 1}, ${server.name}, ${workload.name}: ${JSON.stringify(figures)}`);
    for (const [name, label] of workload.figures)
      samples.add(`${workload.name}, ${label}`, server.name, round, figures[name] ?? NaN);
  }
}

const isWanted = ({ name }: Workload): boolean =>
  options.only === undefined || options.only.some((part) => name.includes(part));

/** What is promised. Times depend on the machine, ratios hardly. */
function boundsOf(samples: Samples): Parameters<typeof print>[0]['bounds'] {
  const ratios = samples.names
    .filter((name) => name.includes('1024 KB') && name.endsWith('MB/s'))
    .map((name) => ({
      ...{ what: `${name}, wadi / kafka`, figure: samples.ratio(name) },
      ...{ atLeast: 0.5, kind: 'time' as const },
    }));
  const times = (
    [
      ['end to end p50 ms', 5],
      ['start-up ms', 1_000],
    ] as const
  ).flatMap(([part, atMost]) =>
    samples.names
      .filter((name) => name.includes(part))
      .map((name) => ({
        what: name,
        figure: median(samples.of(name, 'wadi')),
        atMost,
        kind: 'time' as const,
      })),
  );
  return [...ratios, ...times];
}

await main();
