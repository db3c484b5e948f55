// Producers: plain ones that send each batch once, and idempotent ones that send it until they know that it is stored.
import { MAIN_TOPIC, type Topics } from './topics.ts';
import { drawPauseMs, type Actor, type ActorContext } from './actor.ts';
import type { Produced } from '../history.ts';

const batchSize = ({ dice }: ActorContext) => ({
  records: dice.chance(0.8) ? 1 : dice.between(2, 5),
  bytes: dice.pick([10, 10, 60, 200, 450, 900]),
});

/** Sends some batches, from one process each, and forgets those that it does not hear of. */
export const plainProducer =
  (topics: Topics): Actor =>
  async (context) => {
    const { world, dice, name } = context;
    const topic = topics.draw(dice);
    let member = world.anyMember(dice);
    for (let sent = 0; sent < 60 && !world.isEnding; sent++) {
      if (member.process.isDead || dice.chance(0.2)) member = world.anyMember(dice);
      const { records, bytes } = batchSize(context);
      const values = Array.from({ length: records }, (_, at) => `${name}.${sent}.${at}`);
      const partition = dice.between(0, topics.partitionsOf(topic) - 1);
      const call = world.produce(member, { actor: name, topic, partition, values, bytes });
      // Some wait for the answer, others send on: those are batches that a process commits together.
      if (dice.chance(0.8)) await call;
      await world.pause(drawPauseMs({ dice, world }));
    }
  };

/** Sends large batches to many partitions at the same time by one process, as one request of a Kafka client does. */
export const bulkProducer =
  (topics: Topics): Actor =>
  async ({ world, dice, name }) => {
    for (let sent = 0; sent < 25 && !world.isEnding; sent++) {
      const member = world.anyMember(dice);
      const places = Array.from({ length: dice.between(2, 8) }, () => {
        const topic = topics.draw(dice);
        return { topic, partition: dice.between(0, topics.partitionsOf(topic) - 1) };
      });
      const calls = places.map(({ topic, partition }, at) => {
        const values = [`${name}.${sent}.${at}`];
        return world.produce(member, {
          ...{ actor: name, topic, partition, values, bytes: dice.pick([450, 900]) },
        });
      });
      if (dice.chance(0.8)) await Promise.all(calls);
      await world.pause(drawPauseMs({ dice, world }));
    }
  };

/** How long a batch is sent again before its producer gives up, well before its state may be forgotten. */
const DELIVERY_TIMEOUT_MS = 4 * 3_600_000;

/** Sends batch after batch to one partition, each until it is known to be stored, by whichever process there is. */
export const idempotentProducer: Actor = async (context) => {
  const { world, dice, name } = context;
  const producerId = await takeProducerId(context);
  const partition = dice.between(0, 1);
  let baseSequence = 0;
  for (let sent = 0; sent < 25 && !world.isEnding; sent++) {
    const { records, bytes } = batchSize(context);
    const values = Array.from({ length: records }, (_, at) => `${name}.${sent}.${at}`);
    const startMs = world.scheduler.nowMs;
    for (;;) {
      const call = { actor: name, topic: MAIN_TOPIC, partition, values, bytes };
      const producing = world.produce(world.anyMember(dice), {
        ...call,
        producer: { producerId, baseSequence },
      });
      const produced = await withPatience(context, producing);
      if (produced?.outcome === 'ok') break;
      // What comes after a batch that is not stored would be out of order: its producer ends here.
      if (produced && !mayRetry(produced)) return;
      if (world.scheduler.nowMs - startMs > DELIVERY_TIMEOUT_MS) return;
      world.count('idempotent retry');
      await world.pause(dice.spread(10, 10_000));
    }
    baseSequence += records;
    await world.pause(drawPauseMs({ dice, world }));
  }
};

/** What was answered, or undefined where the producer does not wait for it: it sends again while the first is under way. */
async function withPatience(
  { world, dice }: ActorContext,
  producing: Promise<Produced>,
): Promise<Produced | undefined> {
  if (dice.chance(0.5)) return producing;
  const givenUp = world.pause(dice.spread(20, 30_000)).then(() => undefined);
  const produced = await Promise.race([producing, givenUp]);
  if (!produced) world.count('sent again while under way');
  return produced;
}

function mayRetry({ outcome, error }: Produced): boolean {
  return outcome !== 'failed' || error?.retriable === true;
}

async function takeProducerId({ world, dice }: ActorContext): Promise<bigint> {
  for (;;) {
    const { process, broker } = world.anyMember(dice);
    const taken = await process.orDeath(broker.initProducerId().catch(() => 'failed' as const));
    if (typeof taken === 'object') return taken.producerId;
    await world.pause(1_000);
  }
}
