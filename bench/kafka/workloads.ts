// What both servers are asked to do: each workload names its options once, so that nothing differs but the server.
import { runClient, type Figures } from './client.ts';
import { runNodeClient } from './node-client.ts';
import type { Server } from './server.ts';

/** One thing that is measured, and how its figures are called in the table. */
export interface Workload {
  readonly name: string;
  /** Name in Figures, and what the table calls it. */
  readonly figures: readonly (readonly [name: string, label: string])[];
  /** `run`: a number for the topics' names. A workload may read the topic that an earlier one of the same run wrote. */
  run(classPath: string, server: Server, run: number): Promise<Figures>;
}

const WINDOW = { warmUpMs: 3_000, measureMs: 6_000 };
const KIB = 1024;
/** The server's processor time tells of its work on a busy machine too. */
const THROUGHPUT = [
  ['mbPerSecond', 'MB/s'],
  ['processorMsPerMb', 'server ms of processor per MB'],
] as const;

const topicOf = (producers: number, batchBytes: number, run: number): string =>
  `produced-by-${producers}-of-${batchBytes}-run-${run}`;

/** Records of 1 KB, as fast as they are taken. Each producer's share of the machine is the same, as is each partition's. */
function produce(producers: number, batchBytes: number): Workload {
  return {
    name: `produce, ${producers} x ${batchBytes / KIB} KB batches`,
    figures: THROUGHPUT,
    run: (classPath, { bootstrap }, run) =>
      runClient(classPath, 'produce', {
        ...{ bootstrap, topic: topicOf(producers, batchBytes, run), partitions: producers, producers },
        ...{ recordBytes: KIB, batchBytes, lingerMs: 5, ...WINDOW },
      }),
  };
}

/** What the workload above wrote, from the beginning, with the consumer's default sizes. */
function fetch(partitions: number, batchBytes: number): Workload {
  return {
    name: `fetch, ${partitions} x ${batchBytes / KIB} KB batches`,
    figures: THROUGHPUT,
    run: (classPath, { bootstrap }, run) =>
      runClient(classPath, 'fetch', {
        ...{ bootstrap, topic: topicOf(partitions, batchBytes, run), partitions, ...WINDOW },
      }),
  };
}

const latency: Workload = {
  name: 'latency at 1,000 records/s',
  figures: [
    ['produceP50Ms', 'produce p50 ms'],
    ['produceP99Ms', 'produce p99 ms'],
    ['endToEndP50Ms', 'end to end p50 ms'],
    ['endToEndP99Ms', 'end to end p99 ms'],
  ],
  run: (classPath, { bootstrap }, run) =>
    runClient(classPath, 'latency', {
      ...{ bootstrap, topic: `latency-run-${run}`, partitions: 1, recordsPerSecond: 1_000 },
      ...{ recordBytes: KIB, batchBytes: 16 * KIB, lingerMs: 0, warmUpMs: 4_000, measureMs: 8_000 },
    }),
};

const nodeClient: Workload = {
  name: 'produce, @platformatic/kafka',
  figures: THROUGHPUT,
  run: (_, { bootstrap }, run) => runNodeClient(bootstrap, `node-run-${run}`),
};

/** In the order in which they run. */
export const WORKLOADS: readonly Workload[] = [
  latency,
  produce(1, 16 * KIB),
  produce(1, 1024 * KIB),
  fetch(1, 16 * KIB),
  fetch(1, 1024 * KIB),
  produce(10, 16 * KIB),
  produce(10, 1024 * KIB),
  fetch(10, 1024 * KIB),
  nodeClient,
];
