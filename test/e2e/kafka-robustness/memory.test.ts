// The memory of the server while a crowd of greedy clients is there, and a neighbour that goes on. `npm run check:memory` does
// it for longer, with clients that begin frames of 100 MB besides.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stop, temporaryFolder } from '../support/processes.ts';
import { startKafkaServer } from './support/kafka-server.ts';
import { runCrowd } from './support/memory-load.ts';
import { quantile } from '../../../bench/report.ts';
import { startNeighbour } from './support/neighbour.ts';

const RESIDENT_MB_MAX = 512;

const canMeasure = (): boolean => {
  try {
    return readFileSync('/proc/self/status', 'utf8').includes('VmHWM');
  } catch {
    return false;
  }
};
if (!canMeasure()) console.warn('memory: skipped: /proc/self/status tells no VmHWM here, as Linux does');

it.skipIf(!canMeasure())(
  '200 connections, 50 of them read nothing, 20 send as fast as they can: below 512 MB',
  { timeout: 90_000 },
  async () => {
    using folder = temporaryFolder();
    const server = await startKafkaServer({ WADI_DATA_DIR: folder.path });
    const neighbour = await startNeighbour(server.address);
    const crowd = { connections: 200, stoppedReaders: 50, producers: 20, halfFrames: 0, durationMs: 6_000 };
    const report = await runCrowd(server, crowd);
    const { acknowledged, consumed, produceMs, errors } = await neighbour.finish();
    console.info(
      `memory: at most ${report.mostMb} MB, ${report.producedMb} MB produced; neighbour p50 ${quantile(produceMs, 0.5).toFixed(0)} ms`,
    );
    expect(errors).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(20);
    expect([...consumed].sort()).toEqual([...acknowledged].sort());
    expect(report.producedMb).toBeGreaterThan(50);
    expect(report.mostMb).toBeLessThan(RESIDENT_MB_MAX);
    // An answer that was not read holds nobody up.
    expect(await stop(server)).toMatchObject({ exitCode: 0 });
  },
);
