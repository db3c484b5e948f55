// All features of a simulation. A new one brings its actors and checks, and joins this list.
import { consumer, drain, GROUPS } from './actors/consume.ts';
import { classicConsumer } from './actors/consume-classic.ts';
import { chaos } from './actors/chaos.ts';
import { expirer, sealer, sweeper } from './actors/maintain.ts';
import { bulkProducer, idempotentProducer, plainProducer } from './actors/produce.ts';
import { newerVersion } from './actors/newer-version.ts';
import { lookout, reader } from './actors/read.ts';
import { createTopics, MAIN_TOPIC, PARTITIONS, sharer, topicChanger } from './actors/topics.ts';
import * as groups from './checks/groups.ts';
import * as records from './checks/records.ts';
import type { Actor, Feature } from './actors/actor.ts';

const PASSING_TOPICS = ['passing-1', 'passing-2'];

const times = (count: number, actor: Actor): readonly Actor[] => Array.from({ length: count }, () => actor);

const log: Feature = {
  name: 'log',
  prepare: async (_world, { broker }) => {
    await broker.createTopic({ name: MAIN_TOPIC, partitions: PARTITIONS });
  },
  actors: (dice, { isQuiet }) => {
    if (isQuiet) return [plainProducer(createTopics([])), reader(createTopics([]))];
    const passing = PASSING_TOPICS.slice(0, dice.between(0, 2));
    const topics = createTopics(passing);
    return [
      ...times(dice.between(1, 4), plainProducer(topics)),
      ...times(dice.between(0, 6), idempotentProducer),
      ...times(dice.between(0, 2), bulkProducer(createTopics(passing, { passingShare: 0.6 }))),
      ...times(dice.between(1, 3), reader(topics)),
      ...times(dice.between(0, 2), lookout(topics)),
      ...times(dice.between(0, 2), sealer),
      ...passing.map(topicChanger),
    ];
  },
  checks: [
    records.checkStored,
    records.checkReads,
    records.checkOrder,
    records.checkSequences,
    records.checkOutOfOrder,
    records.checkTimestamps,
    records.checkRecreated,
    records.checkDeleted,
    records.checkErrors,
  ],
};

/** In two runs of three, so that the others have more of everything else. */
const consumerGroups: Feature = {
  name: 'groups',
  actors: (dice, { isQuiet }) => {
    if (isQuiet || dice.chance(0.3)) return [];
    return Object.keys(GROUPS).flatMap((group) => {
      const create = group === 'classic' ? classicConsumer : consumer;
      return times(dice.between(0, 3), create(group));
    });
  },
  finish: async (world, member) => {
    const active = new Set(world.events.flatMap((event) => (event.kind === 'beat' ? [event.group] : [])));
    for (const group of active) await drain(world, member, group);
  },
  checks: [
    groups.checkStaleCommits,
    groups.checkCommitted,
    groups.checkAtLeastOnce,
    groups.checkAtMostOnce,
    groups.checkDelivered,
    groups.checkGenerations,
    groups.checkOffsetWrites,
    groups.checkTold,
  ],
};

/** Partitions that share objects, some of which are deleted. */
const sharing: Feature = {
  name: 'sharing',
  actors: (dice, { isQuiet, limits }) =>
    !isQuiet && limits.sharedObjectBytesMax > 0 && dice.chance(0.6) ? [sharer] : [],
  checks: [],
};

/** What every run has: time passes for stored things, and processes are mortal. */
const surroundings: Feature = {
  name: 'surroundings',
  actors: (dice, { isQuiet }) => [
    sweeper,
    expirer,
    newerVersion,
    ...times(isQuiet ? 0 : dice.between(0, 2), chaos),
  ],
  checks: [],
};

export const FEATURES: readonly Feature[] = [log, consumerGroups, surroundings, sharing];
