// Fetching with a long poll: answer at once where there are records, else wait for the first one.
import type { KeyWatch } from '../base/key-watch.ts';
import type { FetchedBatches, FetchRequest } from './broker.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../log/log.ts';
import type { ReadResult } from '../log/read.ts';

export interface FetchDeps {
  readonly log: Log;
  readonly clock: Clock;
  readonly watch: KeyWatch;
  /** How long to wait before looking for the appends of other processes; Infinity where there are none. */
  readonly pollMsMin: number;
  readonly pollMsMax: number;
}

/** Throws as Broker.fetch does. */
export async function fetchFrom(
  deps: FetchDeps,
  partitionId: string,
  request: FetchRequest,
): Promise<FetchedBatches> {
  const { log, clock, watch } = deps;
  const { offset, maxBytes, maxWaitMs, signal } = request;
  const deadlineMs = clock.now() + maxWaitMs;
  for (let pollMs = deps.pollMsMin; ; pollMs = Math.min(pollMs * 2, deps.pollMsMax)) {
    const watcher = watch.watch(partitionId);
    try {
      const result = await log.read(partitionId, { offset, maxBytes });
      const leftMs = deadlineMs - clock.now();
      if (result.batches.length > 0 || leftMs <= 0 || signal?.aborted) return joinBatches(result);
      await watcher.wait({ durationMs: Math.min(leftMs, pollMs), ...(signal ? { signal } : {}) });
    } finally {
      watcher.stop();
    }
  }
}

function joinBatches({ batches, highWatermark, logStartOffset }: ReadResult): FetchedBatches {
  const [first] = batches;
  const bytes =
    batches.length === 1 && first ? first.bytes : Buffer.concat(batches.map((batch) => batch.bytes));
  return { batches: bytes, highWatermark, logStartOffset };
}
