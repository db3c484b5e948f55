// Topics: one that stays, and some that are made, deleted and made again while others use them.
import { drawPauseMs, type Actor } from './actor.ts';
import type { SimDice } from '../dice.ts';

export const MAIN_TOPIC = 'main';

/** The names that a run uses. */
export interface Topics {
  readonly partitionsOf: (topic: string) => number;
  draw(dice: SimDice): string;
}

export const PARTITIONS = 3;

/** Mostly the one that stays. */
export const createTopics = (passing: readonly string[], { passingShare = 0.2 } = {}): Topics => ({
  partitionsOf: () => PARTITIONS,
  draw: (dice) => (passing.length > 0 && dice.chance(passingShare) ? dice.pick(passing) : MAIN_TOPIC),
});

/** Makes and deletes one topic, again and again. */
export const topicChanger =
  (topic: string): Actor =>
  async ({ world, dice, name }) => {
    for (let changes = 0; changes < 8 && !world.isEnding; changes++) {
      const kind = changes % 2 === 0 ? 'create' : 'delete';
      for (let tries = 0; tries < 10; tries++) {
        const { outcome } = await world.changeTopic(world.anyMember(dice), {
          ...{ actor: name, topic, kind, partitions: PARTITIONS },
        });
        if (outcome === 'ok') break;
        await world.pause(dice.spread(100, 10_000));
      }
      await world.pause(drawPauseMs({ dice, world }) * 20);
    }
  };
