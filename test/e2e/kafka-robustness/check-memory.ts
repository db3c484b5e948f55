// `npm run check:memory`: the memory of the server under a greedy crowd for a minute, once as the test has it and once with
// clients that begin frames of 100 MB besides. Fails at 512 MB.
import { existsSync } from 'node:fs';
import { stop, temporaryFolder } from '../support/processes.ts';
import { endLines, startKafkaServer } from './support/kafka-server.ts';
import { runCrowd, type Crowd } from './support/memory-load.ts';
import { quantile } from '../../../bench/report.ts';
import { startNeighbour } from './support/neighbour.ts';

const RESIDENT_MB_MAX = 512;

const GREEDY = { connections: 200, stoppedReaders: 50, producers: 30, halfFrames: 0, durationMs: 30_000 };
const CROWDS: Readonly<Record<string, Crowd>> = {
  'stopped readers and fast producers': GREEDY,
  'half frames of 100 MB besides': { ...GREEDY, halfFrames: 20 },
};

async function measure(name: string, crowd: Crowd): Promise<boolean> {
  using folder = temporaryFolder();
  const server = await startKafkaServer({ WADI_DATA_DIR: folder.path });
  const neighbour = await startNeighbour(server.address);
  const report = await runCrowd(server, crowd);
  const { acknowledged, produceMs } = await neighbour.finish();
  const isFine = report.mostMb < RESIDENT_MB_MAX;
  console.info(`${name}: at most ${report.mostMb} MB of ${RESIDENT_MB_MAX}${isFine ? '' : ': TOO MUCH'}`);
  console.info(`  every second: ${report.residentMb.join(' ')}`);
  console.info(`  ${report.producedMb} MB produced; ${endLines(server).length} connections ended`);
  const [half, most] = [quantile(produceMs, 0.5), quantile(produceMs, 0.99)];
  console.info(
    `  neighbour: ${acknowledged.length} records, p50 ${half.toFixed(0)} ms, p99 ${most.toFixed(0)} ms`,
  );
  await stop(server);
  return isFine;
}

if (!existsSync('/proc/self/status')) {
  console.warn('check:memory: skipped: it reads /proc/<pid>/status, which only Linux has');
} else {
  let areFine = true;
  for (const [name, crowd] of Object.entries(CROWDS)) areFine = (await measure(name, crowd)) && areFine;
  process.exitCode = areFine ? 0 : 1;
}
