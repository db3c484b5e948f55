// Maintenance: the sweep by its schedule, sealers at any time, collectors, and expiry as the stores please.
import { sweep } from '../../../lib/broker/sweep.ts';
import { resumeDeletions } from '../../../lib/topics/delete-topic.ts';
import { HOUR_MS } from '../world.ts';
import { partitionIdsOf } from '../partitions.ts';
import type { Actor } from './actor.ts';

/** A sweep that takes longer is ended by Lambda. */
const SWEEP_MS_MAX = 15 * 60_000;

/**
 * Every hour or two, and soon again where it failed: what hot data relies on for not to expire unsealed. A process of its
 * own each time, as on AWS a role and a reserved place of its own; it may die in the middle, but is not away for days.
 */
export const sweeper: Actor = async ({ world, dice }) => {
  while (!world.isEnding) {
    const { process, log, deps } = world.start({ isOfAll: false });
    const step = async () => {
      const swept = await sweep(log, { onError: () => undefined });
      await resumeDeletions(deps);
      return swept.failures === 0;
    };
    world.scheduler.after(dice.chance(0.2) ? dice.spread(10, 60_000) : SWEEP_MS_MAX, () => {
      process.kill();
    });
    const isDone = await process.orDeath(step().catch(() => false));
    if (isDone === true) world.count('sweep');
    process.kill();
    await world.pause(isDone === true ? HOUR_MS * dice.spread(0.5, 2) : dice.spread(1_000, 300_000));
  }
};

/** Seals partitions whether that is due or not, so that sealers race. */
export const sealer: Actor = async ({ world, dice }) => {
  for (let seals = 0; seals < 15 && !world.isEnding; seals++) {
    const member = world.anyMember(dice);
    const [partitionId] = await partitionIdsOf(world, dice);
    if (partitionId !== undefined) {
      const all = dice.chance(0.3);
      const sealed = await member.process.orDeath(
        member.log.seal(partitionId, { all }).catch(() => undefined),
      );
      if (typeof sealed === 'object' && sealed.segments > 0) world.count('sealed');
    }
    await world.pause(dice.spread(10, HOUR_MS));
  }
};

const CLOCK_SKEW_MS_MAX = 2 * 60_000;

/** TTL and lifecycle rules: a little early by other clocks than their own, or hours late. */
export const expirer: Actor = async ({ world, dice }) => {
  while (!world.isEnding) {
    await world.pause(HOUR_MS * dice.spread(0.1, 4));
    const nowMs = world.scheduler.nowMs + dice.between(0, CLOCK_SKEW_MS_MAX);
    const removed = await world.stores.expire(nowMs, world.limits.hotExpiryMs);
    if (removed > 0) world.count('expired');
  }
};
