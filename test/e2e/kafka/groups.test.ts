// Groups of two, then three members, of which one leaves: every client, with each protocol that it speaks, all at once.
import { afterAll, beforeAll, describe, it, type ExpectStatic } from 'vitest';
import { isHere } from './support/client-kind.ts';
import { KAFKAJS, kafkaJs } from './support/kafkajs.ts';
import { MEMBER_KINDS, type Member, type MemberKind } from './support/members.ts';
import { startKafkaServer, type KafkaServer } from './support/server.ts';

const KINDS = MEMBER_KINDS.filter(isHere);
const PARTITIONS = 6;
const PER_ROUND = 60;
const REBALANCED = { timeout: 60_000, interval: 100 };
const TIMEOUT_MS = 150_000;

let server: KafkaServer;
beforeAll(async () => {
  server = await startKafkaServer();
});
afterAll(() => server.stop());

async function createTopic(topic: string): Promise<void> {
  const admin = kafkaJs(server.kafka).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] });
  await admin.disconnect();
}

/** Keys that spread over all partitions. */
const produce = (topic: string, round: number) =>
  KAFKAJS.produce(
    server.kafka,
    Array.from({ length: PER_ROUND }, (_, at) => ({
      ...{ topic, key: `key ${at}`, value: `${round}:${at}`, headers: [] },
    })),
  );

const sizesOf = (members: readonly Member[]) =>
  members.map((member) => member.assigned()?.length ?? 0).toSorted();

/** Waits until each has its share, and all partitions have one owner. Tests that run at once have an `expect` each. */
async function shared(expect: ExpectStatic, members: readonly Member[], topic: string): Promise<void> {
  const share = PARTITIONS / members.length;
  await expect.poll(() => sizesOf(members), REBALANCED).toEqual(members.map(() => share));
  const all = members.flatMap((member) => member.assigned() ?? []).toSorted();
  expect(all).toEqual(Array.from({ length: PARTITIONS }, (_, partition) => `${topic}-${partition}`));
}

async function startMembers(
  kind: MemberKind,
  groupId: string,
  topic: string,
  count: number,
): Promise<Member[]> {
  const { kafka } = server;
  return Promise.all(Array.from({ length: count }, () => kind.start({ kafka, groupId, topic })));
}

describe.concurrent('members of a group', () => {
  it.for(KINDS)(
    '$name: share the partitions, and together get every record',
    { timeout: TIMEOUT_MS },
    async (kind, { expect }) => {
      const topic = kind.name.replaceAll(/\W+/g, '-');
      await createTopic(topic);
      const members = await startMembers(kind, topic, topic, 2);
      await shared(expect, members, topic);
      await produce(topic, 0);
      members.push(...(await startMembers(kind, topic, topic, 1)));
      await shared(expect, members, topic);
      await produce(topic, 1);
      const [first, ...others] = members as [Member, ...Member[]];
      await first.stop();
      await shared(expect, others, topic);
      await produce(topic, 2);
      const expected = [0, 1, 2].flatMap((round) =>
        Array.from({ length: PER_ROUND }, (_, at) => `${round}:${at}`),
      );
      const got = () => new Set(members.flatMap((member) => member.records()).map(({ value }) => value));
      await expect.poll(() => got().size, REBALANCED).toBe(expected.length);
      expect(got()).toEqual(new Set(expected));
      for (const member of others) await member.stop();
    },
  );

  it.for(KINDS.filter((kind) => kind.keepsStaticMembers))(
    '$name: a static member that starts again has what it had, and nobody else notices',
    { timeout: TIMEOUT_MS },
    async (kind, { expect }) => {
      const topic = `static-${kind.name.replaceAll(/\W+/g, '-')}`;
      await createTopic(topic);
      const start = (instanceId: string) =>
        kind.start({ kafka: server.kafka, groupId: topic, topic, instanceId });
      const [one, other] = await Promise.all([start('one'), start('other')]);
      await shared(expect, [one, other], topic);
      const had = one.assigned();
      const changes = other.changes();
      await one.stop();
      const again = await start('one');
      await expect.poll(() => again.assigned(), REBALANCED).toEqual(had);
      await produce(topic, 0);
      const got = () =>
        new Set([again, other].flatMap((member) => member.records()).map(({ value }) => value)).size;
      await expect.poll(got, REBALANCED).toBe(PER_ROUND);
      expect(other.changes()).toBe(changes);
      await Promise.all([again.stop(), other.stop()]);
    },
  );
});
