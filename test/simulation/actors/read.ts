// Readers: at the tail, from the start again and again, and by timestamp.
import { PARTITIONS, type Topics } from './topics.ts';
import { drawPauseMs, type Actor } from './actor.ts';

/** Follows a partition from somewhere on, and begins at its start again now and then. */
export const reader =
  (topics: Topics): Actor =>
  async ({ world, dice, name }) => {
    const topic = topics.draw(dice);
    const partition = dice.between(0, PARTITIONS - 1);
    let offset = 0;
    for (let reads = 0; reads < 60 && !world.isEnding; reads++) {
      const fetched = await world.fetch(world.anyMember(dice), {
        ...{ actor: name, topic, partition, offset },
        maxBytes: dice.pick([1, 300, 2_000, 100_000]),
        maxWaitMs: dice.pick([0, 0, 500, 20_000]),
      });
      if (fetched.outcome === 'ok') offset = fetched.firstOffset + fetched.values.length;
      // The topic was made anew, or it is a reader who wants all of it once more.
      if (fetched.error?.code === 'OFFSET_OUT_OF_RANGE' || dice.chance(0.05)) offset = 0;
      if (fetched.values.length === 0) await world.pause(drawPauseMs({ dice, world }));
    }
  };

/** Asks for the ends, and for times. */
export const lookout =
  (topics: Topics): Actor =>
  async ({ world, dice, name }) => {
    for (let looks = 0; looks < 30 && !world.isEnding; looks++) {
      const topic = topics.draw(dice);
      const partition = dice.between(0, PARTITIONS - 1);
      const hoursAgo = dice.spread(0.01, 30);
      const at = dice.pick([
        'earliest',
        'latest',
        Math.floor(world.scheduler.nowMs - hoursAgo * 3_600_000),
      ] as const);
      await world.listOffset(world.anyMember(dice), { actor: name, topic, partition, at });
      await world.pause(drawPauseMs({ dice, world }));
    }
  };
