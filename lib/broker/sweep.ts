// The safety net under sealing: one look at all partitions, which seals what no append has woken a sealer for.
import { toBrokerError } from '../base/errors.ts';
import { rotate } from '../base/rotate.ts';
import { HEADS_READ_AT_ONCE } from '../log/partitions.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { listTopics } from '../topics/find-topics.ts';
import type { Log } from '../log/log.ts';
import type { SealResult } from '../log/seal.ts';

export interface SweepOptions {
  /** Ends the sweep early, between two steps. */
  readonly isStopping?: () => boolean;
  /** Called after each pass over a partition that had something to seal; the sweep waits for it. */
  readonly onSealed?: (partitionId: string, result: SealResult) => void | Promise<void>;
  /** A failure is nobody's loss: the next sweep does the work. `what`: a partition id, or how many heads could not be read. */
  readonly onError: (what: string, error: unknown) => void;
}

export interface SweepResult {
  readonly partitions: number;
  readonly segments: number;
  readonly bytes: number;
  /** Of all partitions, how long ago the oldest record that is in no segment was appended; 0: all are. */
  readonly oldestUnsealedAgeMs: number;
  /** Partitions that could not be sealed. Their records are not in `oldestUnsealedAgeMs`. */
  readonly failures: number;
  /** False: the sweep ended early. */
  readonly isComplete: boolean;
}

/** Each builds a segment in memory. */
const SEALS_AT_ONCE = 4;

/**
 * Seals all partitions as far as their limits say. Where nothing was appended since the last time, a partition costs half
 * a read unit. It begins anywhere, so that sweeps that end early come round to every partition.
 */
export async function sweep(log: Log, options: SweepOptions): Promise<SweepResult> {
  const { isStopping = () => false } = options;
  const ids = rotate(await allPartitions(log), log.deps.dice.random());
  const total = { partitions: 0, segments: 0, bytes: 0, oldestUnsealedAgeMs: 0, failures: 0 };
  for (let at = 0; at < ids.length && !isStopping(); at += HEADS_READ_AT_ONCE) {
    const some = ids.slice(at, at + HEADS_READ_AT_ONCE);
    const due = await unsealed(log, some).catch((error: unknown) => {
      // Each is then looked at by itself, and fails by itself.
      options.onError(`${some.length} heads`, error);
      return [...some];
    });
    const workers = Array.from({ length: SEALS_AT_ONCE }, async () => {
      for (let id = due.pop(); id !== undefined && !isStopping(); id = due.pop()) {
        const sealed = await sealFully(log, id, options);
        total.segments += sealed.segments;
        total.bytes += sealed.bytes;
        total.failures += sealed.failures;
        total.oldestUnsealedAgeMs = Math.max(total.oldestUnsealedAgeMs, sealed.oldestUnsealedAgeMs);
      }
    });
    await Promise.all(workers);
    total.partitions += some.length;
  }
  return { ...total, isComplete: !isStopping() };
}

async function allPartitions({ deps }: Log): Promise<readonly string[]> {
  const topics = await listTopics(deps.items);
  return topics.flatMap(({ topicId, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => partitionIdOf(topicId, partition)),
  );
}

/** Those that may have something to seal. An old view of a head that has nothing misses what is younger than a second. */
async function unsealed(log: Log, partitionIds: readonly string[]): Promise<string[]> {
  const heads = await log.heads(partitionIds, { consistent: false });
  return heads.flatMap((head) => (head && head.next > head.sealedEnd ? [head.partitionId] : []));
}

async function sealFully(
  log: Log,
  partitionId: string,
  { isStopping = () => false, onSealed, onError }: SweepOptions,
): Promise<Omit<SweepResult, 'partitions' | 'isComplete'>> {
  const total = { segments: 0, bytes: 0, oldestUnsealedAgeMs: 0, failures: 0 };
  try {
    let result: SealResult;
    do {
      result = await log.seal(partitionId);
      total.segments += result.segments;
      total.bytes += result.bytes;
      total.oldestUnsealedAgeMs = result.oldestUnsealedAgeMs;
      await onSealed?.(partitionId, result);
    } while (result.segments > 0 && !isStopping());
  } catch (error) {
    // A topic that was deleted between the list and the look is no failure.
    if (toBrokerError(error).code !== 'UNKNOWN_TOPIC_ID') {
      total.failures++;
      onError(partitionId, error);
    }
  }
  return total;
}
