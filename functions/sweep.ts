// Lambda: once an hour, seals what no append has woken a sealer for, and carries deletions of topics on.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { sweep } from '../lib/broker/sweep.ts';
import { createCoordinator } from '../lib/groups/create-coordinator.ts';
import { sweepGroups } from '../lib/groups/collect-groups.ts';
import { resumeDeletions } from '../lib/topics/delete-topic.ts';
import { OLDEST_UNSEALED_AGE } from './metric-names.ts';
import { wire } from './wiring.ts';
import type { Context } from 'aws-lambda';

const wired = wire();
const { log, logger, metrics } = wired;
const coordinator = createCoordinator(wired.core.topicDeps, wired.core.settings);

/** What is left of the function's time must hold the pass under way, and a step of deleting. */
const LAST_STEP_MS = 120_000;

/**
 * Sweeps. The age is reported only by a sweep that saw every partition: where none does for hours, the alarm fires for
 * want of it. Rejects where something failed, so that the function's errors count it.
 */
export async function handler(_event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const isStopping = () => context.getRemainingTimeInMillis() < LAST_STEP_MS;
  const swept = await sweep(log, {
    isStopping,
    onError: (partitionId, error) => {
      logger.error('sealing failed', { partitionId, error: error as Error });
    },
  });
  logger.info('swept', { ...swept });
  if (swept.isComplete && swept.failures === 0) {
    metrics.addMetric(OLDEST_UNSEALED_AGE, MetricUnit.Seconds, swept.oldestUnsealedAgeMs / 1_000);
    metrics.publishStoredMetrics();
  }
  await finishDeletions(isStopping);
  if (!isStopping()) await finishGroups(isStopping);
  await wired.settle();
  if (swept.failures > 0) throw new Error(`${swept.failures} partitions could not be sealed`);
}

/** A group that fails is swept the next time: nothing is lost by its staying. */
async function finishGroups(isStopping: () => boolean): Promise<void> {
  const swept = await sweepGroups(coordinator, {
    isStopping,
    onError: (groupId, error) => {
      logger.warn('a group was not swept', { groupId, error: error as Error });
    },
  });
  if (swept.groups > 0) logger.info('groups were swept', { ...swept });
}

async function finishDeletions(isStopping: () => boolean): Promise<void> {
  let step;
  do {
    step = await resumeDeletions(log.deps);
    if (step.finished + step.remaining > 0) logger.info('deleted topics were collected', { ...step });
  } while (step.remaining > 0 && !isStopping());
}
