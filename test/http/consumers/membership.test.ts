// Subscribed consumers as members of their group: two processes over one store serve them, members come and go.
import { beforeEach, describe, expect, it } from 'vitest';
import { BrokerError } from '../../../lib/base/errors.ts';
import { createProcesses, JSON_V2, type Process, type Processes } from '../support/consumer-processes.ts';

let world: Processes;
let first: Process;
let second: Process;

beforeEach(async () => {
  world = await createProcesses();
  [first, second] = world.processes;
});

async function subscribed(process: Process, name: string, fields: object = {}): Promise<string> {
  const base = await process.createConsumer('g', name, fields);
  await process.post(`${base}/subscription`, { topics: ['orders'] });
  return base;
}

const partitionsOf = async (process: Process, base: string): Promise<number[]> => {
  const { json } = await process.get(`${base}/assignments`);
  return (json as { partitions: { partition: number }[] }).partitions.map(({ partition }) => partition);
};

const committed = async (): Promise<Record<number, number>> => {
  const offsets = await first.broker.groups.fetchOffsets({ groupId: 'g' });
  return Object.fromEntries(offsets.map(({ partition, offset }) => [partition, offset]));
};

/** Reads with all in turn until `isDone`, and answers what each was given. */
async function readAll(
  readers: readonly { readonly process: Process; readonly base: string }[],
  isDone: () => Promise<boolean>,
): Promise<unknown[][]> {
  const given: unknown[][] = readers.map(() => []);
  for (let round = 0; round < 60; round++) {
    for (const [at, { process, base }] of readers.entries())
      given[at]?.push(...(await process.read(base, 'timeout=60')));
    if (await isDone()) return given;
  }
  throw new Error('the readers never came together');
}

describe('one consumer', () => {
  it('owns all partitions with its first read, and is shown as a member', async () => {
    const base = await subscribed(first, 'c');
    expect(await partitionsOf(first, base)).toEqual([]);
    await first.produce('orders', 2, ['a']);
    expect(await first.read(base)).toEqual(['a']);
    expect(await partitionsOf(second, base)).toEqual([0, 1, 2, 3]);
    const group = await first.broker.groups.describeGroup('g');
    expect(group).toMatchObject({
      type: 'consumer',
      state: 'Stable',
      members: [{ clientId: 'c', clientHost: '/' }],
    });
  });

  it('is served by any process: what one delivers the other does not deliver again', async () => {
    const base = await subscribed(first, 'c');
    const given: unknown[] = [];
    for (let round = 0; round < 6; round++) {
      const [producer, reader] = round % 2 === 0 ? [first, second] : [second, first];
      await producer.produce('orders', round % 4, [round]);
      given.push(...(await reader.read(base)));
    }
    expect(given).toEqual([0, 1, 2, 3, 4, 5]);
    expect((await first.broker.groups.describeGroup('g')).members).toHaveLength(1);
  });

  it('gives each record to one of many calls at once', async () => {
    const base = await subscribed(first, 'c');
    const values = Array.from({ length: 60 }, (_, at) => at);
    for (const partition of [0, 1, 2, 3])
      await first.produce(
        'orders',
        partition,
        values.filter((value) => value % 4 === partition),
      );
    const calls = Array.from({ length: 6 }, (_, at) => (at % 2 === 0 ? first : second));
    const given = (
      await Promise.all(calls.map((process) => process.read(base, 'timeout=300&max_bytes=20')))
    ).flat();
    given.push(...(await first.read(base)));
    expect(new Set(given).size).toBe(given.length);
    expect(given.toSorted((a, b) => Number(a) - Number(b))).toEqual(values);
  });

  it('waits for records, of its own process and of another one', async () => {
    const base = await subscribed(first, 'c');
    for (const producer of [first, second]) {
      const reading = first.read(base, 'timeout=10000');
      await new Promise((resolve) => setTimeout(resolve, 150));
      await producer.produce('orders', 3, ['late']);
      expect(await reading).toEqual(['late']);
    }
  });

  it('waits for fetch.min.bytes, or for its time', async () => {
    const base = await subscribed(first, 'c', { 'fetch.min.bytes': 4, 'consumer.request.timeout.ms': 400 });
    await first.produce('orders', 0, [1]);
    const reading = first.read(base, 'timeout=10000');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await first.produce('orders', 1, [222]);
    expect((await reading).toSorted()).toEqual([1, 222]);
    await first.produce('orders', 0, [3]);
    const beganMs = performance.now();
    expect(await first.read(base, '')).toEqual([3]);
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(390);
  });

  it('is out of the group when it unsubscribes or is deleted', async () => {
    const base = await subscribed(first, 'c');
    await first.read(base);
    expect((await second.remove(`${base}/subscription`)).status).toBe(204);
    expect((await first.broker.groups.describeGroup('g')).members).toEqual([]);
    expect(await partitionsOf(first, base)).toEqual([]);
    await first.post(`${base}/subscription`, { topics: ['orders'] });
    await first.read(base);
    expect((await first.broker.groups.describeGroup('g')).members).toHaveLength(1);
    expect((await second.remove(base)).status).toBe(204);
    expect((await first.broker.groups.describeGroup('g')).members).toEqual([]);
    expect((await first.remove(base)).status).toBe(404);
  });

  it('follows a change of its subscription with the next read', async () => {
    const base = await subscribed(first, 'c');
    await first.produce('jsontest', 0, ['other']);
    await first.read(base);
    await first.post(`${base}/subscription`, { topics: ['jsontest'] });
    expect(await first.read(base)).toEqual(['other']);
    expect((await first.get(`${base}/assignments`)).json).toEqual({
      partitions: [{ topic: 'jsontest', partition: 0 }],
    });
    await first.post(`${base}/subscription`, { topics: [] });
    expect((await first.get(`${base}/subscription`)).json).toEqual({ topics: [] });
  });

  it('subscribes by a pattern, and is shown the topics that match', async () => {
    const base = await first.createConsumer('g', 'c');
    await first.post(`${base}/subscription`, { topic_pattern: '(json|ord).*' });
    expect((await second.get(`${base}/subscription`)).json).toEqual({ topics: ['jsontest', 'orders'] });
    await first.produce('jsontest', 0, ['j']);
    await first.produce('orders', 1, ['o']);
    expect((await first.read(base)).toSorted()).toEqual(['j', 'o']);
  });

  it('is told where the group is one of the classic protocol', async () => {
    await first.broker.groups.joinGroup({
      ...{ groupId: 'g', memberId: '', clientId: 'k', clientHost: '/', protocolType: 'consumer' },
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, requiresKnownMemberId: false },
      ...{ supportsSkippingAssignment: false, protocols: [{ name: 'range', metadata: new Uint8Array() }] },
    });
    const base = await subscribed(first, 'c');
    const refused = await first.get(`${base}/records`, JSON_V2);
    expect(refused).toMatchObject({ status: 409, json: { error_code: 40903 } });
    expect(refused.text).toContain('classic group');
  });
});

describe('two consumers', () => {
  it('share the partitions, each record goes to one of them, and one takes over when the other leaves', async () => {
    const a = { process: first, base: await subscribed(first, 'a') };
    const b = { process: second, base: await subscribed(second, 'b') };
    await a.process.read(a.base);
    expect(await partitionsOf(first, a.base)).toHaveLength(4);
    const isShared = async () =>
      (await partitionsOf(first, a.base)).length === 2 && (await partitionsOf(first, b.base)).length === 2;
    await readAll([a, b], isShared);
    const owned = [...(await partitionsOf(first, a.base)), ...(await partitionsOf(first, b.base))];
    expect(owned.toSorted()).toEqual([0, 1, 2, 3]);

    for (const partition of [0, 1, 2, 3]) await first.produce('orders', partition, [partition]);
    const given = await readAll([a, b], () => Promise.resolve(true));
    expect(given.flat().toSorted()).toEqual([0, 1, 2, 3]);
    expect(given[0]).toHaveLength(2);

    await second.remove(b.base);
    await readAll([a], async () => (await partitionsOf(first, a.base)).length === 4);
    for (const partition of [0, 1, 2, 3]) await first.produce('orders', partition, [10 + partition]);
    expect((await first.read(a.base)).toSorted()).toEqual([10, 11, 12, 13]);
  }, 20_000);

  it('come together while one waits in a long poll', async () => {
    const a = await subscribed(first, 'a');
    await first.read(a);
    const polling = first.read(a, 'timeout=3000');
    const b = { process: second, base: await subscribed(second, 'b') };
    await readAll([b], async () => (await partitionsOf(second, b.base)).length === 2);
    const own = await partitionsOf(second, b.base);
    const other = [0, 1, 2, 3].find((partition) => !own.includes(partition)) ?? 0;
    await second.produce('orders', own[0] ?? 0, ['of b']);
    expect(await second.read(b.base)).toEqual(['of b']);
    await second.produce('orders', other, ['of a']);
    expect(await polling).toEqual(['of a']);
  }, 20_000);

  it('commit what is revoked before they give it up, where they commit by themselves', async () => {
    const a = { process: first, base: await subscribed(first, 'a') };
    for (const partition of [0, 1, 2, 3]) await first.produce('orders', partition, [partition]);
    expect(await first.read(a.base)).toHaveLength(4);
    expect(await committed()).toEqual({});
    const b = { process: second, base: await subscribed(second, 'b') };
    const given = await readAll([b, a], async () => (await partitionsOf(second, b.base)).length === 2);
    expect(given.flat()).toEqual([]);
    expect(await committed()).toEqual({ 0: 1, 1: 1, 2: 1, 3: 1 });
  }, 20_000);

  it('are stored without a partition before the group hears that it was given up', async () => {
    const a = { process: first, base: await subscribed(first, 'a') };
    await first.read(a.base);
    const told: string[] = [];
    first.interfere.heartbeat = async ({ ownedPartitions = [] }) => {
      const stored = await second.broker.instances.get({ groupId: 'g', name: 'a' });
      const kept = stored?.instance.partitions.map(({ partition }) => partition).toSorted() ?? [];
      told.push(`${ownedPartitions.flatMap(({ partitions }) => partitions).join()} ${kept.join()}`);
    };
    const b = { process: second, base: await subscribed(second, 'b') };
    await readAll([b, a], async () => (await partitionsOf(second, b.base)).length === 2);
    const owned = await partitionsOf(first, a.base);
    expect(told).toContain(`${owned.join()} ${owned.join()}`);
    expect(told.every((line) => line.split(' ')[0] === line.split(' ')[1])).toBe(true);
  }, 20_000);

  it('deliver again what was revoked uncommitted, where they do not', async () => {
    const manual = { 'auto.commit.enable': 'false' };
    const a = { process: first, base: await subscribed(first, 'a', manual) };
    for (const partition of [0, 1, 2, 3]) await first.produce('orders', partition, [partition]);
    expect(await first.read(a.base)).toHaveLength(4);
    const b = { process: second, base: await subscribed(second, 'b', manual) };
    const given = await readAll([a, b], async () => (await partitionsOf(second, b.base)).length === 2);
    given[1]?.push(...(await second.read(b.base)));
    expect(given[1]?.toSorted()).toEqual(await partitionsOf(second, b.base));
    expect(await committed()).toEqual({});
  }, 20_000);
});

describe('a consumer that the group has put out', () => {
  const fence = () =>
    new BrokerError('FENCED_MEMBER_EPOCH', 'the member is fenced', { field: 'memberEpoch' });

  it('drops its positions, joins again and goes on at the committed offsets', async () => {
    const base = await subscribed(first, 'c', { 'auto.commit.enable': 'false' });
    await first.produce('orders', 0, [1, 2]);
    expect(await first.read(base)).toEqual([1, 2]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    let fenced = 0;
    first.interfere.heartbeat = () => {
      if (fenced++ === 0) throw fence();
    };
    expect(await first.read(base)).toEqual([1, 2]);
    await first.post(`${base}/offsets`, {});
    expect(await first.read(base)).toEqual([]);
  });

  it('joins again where its lease has ended while its own life went on', async () => {
    const base = await subscribed(first, 'c', { 'session.timeout.ms': 6_000 });
    await first.produce('orders', 0, [1]);
    expect(await first.read(base)).toEqual([1]);
    // Calls that are no reads keep the consumer, but not its membership.
    for (let count = 0; count < 3; count++) {
      world.skip(5_000);
      expect((await first.get(`${base}/subscription`)).status).toBe(200);
    }
    const other = await subscribed(second, 'other');
    await second.produce('orders', 0, [2]);
    expect(await second.read(other)).toEqual([1, 2]);
    expect((await first.broker.groups.describeGroup('g')).members).toHaveLength(1);
    await readAll(
      [
        { process: first, base },
        { process: second, base: other },
      ],
      async () => (await partitionsOf(first, base)).length === 2,
    );
    expect((await first.broker.groups.describeGroup('g')).members).toHaveLength(2);
  }, 20_000);

  it('may not commit any more, and is told so', async () => {
    const base = await subscribed(first, 'c', { 'session.timeout.ms': 6_000, 'auto.commit.enable': false });
    await first.produce('orders', 0, [1]);
    await first.read(base);
    world.skip(5_000);
    await first.get(`${base}/subscription`);
    world.skip(5_000);
    const other = await subscribed(second, 'other');
    await second.read(other);
    const refused = await first.post(`${base}/offsets`, {});
    expect(refused).toMatchObject({ status: 409, json: { error_code: 40903 } });
    expect(refused.text).toContain('read again');
    expect(await committed()).toEqual({});
  });

  it('is told so where it may not even join', async () => {
    const base = await subscribed(first, 'c');
    first.interfere.heartbeat = () => {
      throw new BrokerError('GROUP_MAX_SIZE_REACHED', 'the group is full');
    };
    expect(await first.get(`${base}/records?timeout=0`, JSON_V2)).toMatchObject({
      status: 409,
      json: { kafka_error: 'GROUP_MAX_SIZE_REACHED' },
    });
  });
});
