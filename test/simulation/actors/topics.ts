// Topics: one that stays, and some that are made, deleted and made again while others use them.
import { drawPauseMs, type Actor, type ActorContext } from './actor.ts';
import type { SimDice } from '../dice.ts';

export const MAIN_TOPIC = 'main';
const SHARING_TOPIC = 'sharing';

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
  async (context) => {
    const { world } = context;
    for (let changes = 0; changes < 8 && !world.isEnding; changes++) {
      await changeTopic(context, topic, changes % 2 === 0 ? 'create' : 'delete');
      await world.pause(drawPauseMs(context) * 20);
    }
  };

const TRIES = 10;

/** Makes or deletes a topic, tried again while that fails. */
async function changeTopic(
  { world, dice, name }: ActorContext,
  topic: string,
  kind: 'create' | 'delete',
): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { outcome } = await world.changeTopic(world.anyMember(dice), {
      ...{ actor: name, topic, kind, partitions: PARTITIONS },
    });
    if (outcome === 'ok') return;
    await world.pause(dice.spread(100, 10_000));
  }
}

/** Makes a topic, fills it, and deletes it soon after, while the topic that stays needs the objects that they share. */
export const sharer: Actor = async (context) => {
  const { world } = context;
  for (let rounds = 0; rounds < 3 && !world.isEnding; rounds++) {
    await changeTopic(context, SHARING_TOPIC, 'create');
    await fillTogether(context, rounds);
    await changeTopic(context, SHARING_TOPIC, 'delete');
    await world.pause(drawPauseMs(context) * 20);
  }
};

/** Appends to the partitions of a topic and to one of the topic that stays at the same time, so that they share objects. */
async function fillTogether({ world, dice, name }: ActorContext, round: number): Promise<void> {
  const own = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: SHARING_TOPIC, partition }));
  for (let sent = 0; sent < 12 && !world.isEnding; sent++) {
    const member = world.anyMember(dice);
    const places = [...own, { topic: MAIN_TOPIC, partition: dice.between(0, PARTITIONS - 1) }];
    const calls = places.map((place, at) => {
      const values = [`${name}.${round}.${sent}.${at}`];
      return world.produce(member, { ...place, actor: name, values, bytes: 450 });
    });
    await Promise.all(calls);
    await world.pause(dice.spread(1, 1_000));
  }
}
