// The consumer over each connection: iteration and handlers, commits, seeks and resets, and what is delivered how often.
import { describe, expect, it } from 'vitest';
import type { BrokerError } from '../../lib/base/errors.ts';
import { jsonSerde, stringSerde } from '../../lib/client/serializers.ts';
import { FAST, GROUP, committedIn, produce, textOf } from './support/orders.ts';
import { CONNECTIONS, createSubject, first, until } from './support/subjects.ts';

describe.each(CONNECTIONS)('a consumer %s', (connection) => {
  it('iterates over the records of a group, and commits those it has gone past', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    const records = await first(3, consumer);
    expect(
      records.map(({ topic, partition, offset, value }) => [topic, partition, offset, textOf(value)]),
    ).toEqual([
      ['orders', 0, 0, 'a'],
      ['orders', 0, 1, 'b'],
      ['orders', 0, 2, 'c'],
    ]);
    expect(consumer.assignment()).toHaveLength(4);
    expect(consumer.position({ topic: 'orders', partition: 0 })).toBe(2);
    await consumer.disconnect();
    // The last one was in hand when the loop ended: nobody said that it is processed.
    expect(await committedIn(subject, 0)).toBe(2);
    const next = subject.client.consumer(GROUP);
    await next.subscribe({ topics: ['orders'] });
    const [again] = await first(1, next);
    expect(textOf(again?.value ?? null)).toBe('c');
    await subject.client.close();
    expect(subject.groups.members('billing')).toEqual([]);
  });

  it('gives batches, and waits for records that come later', async () => {
    const subject = await createSubject(connection);
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topic: 'orders' });
    const batches = first(1, consumer.batches());
    await until(() => consumer.assignment().length === 4, 'the assignment');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await produce(subject, ['a', 'b'], 3);
    const [batch] = await batches;
    expect(batch).toMatchObject({ topic: 'orders', partition: 3, highWatermark: 2 });
    expect(batch?.messages.map(({ value }) => textOf(value))).toEqual(['a', 'b']);
    await subject.client.close();
  });

  it('runs a handler for each message, in order, and commits by count', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c', 'd']);
    const seen: string[] = [];
    const consumer = subject.client.consumer({ ...GROUP, ...{ valueDeserializer: stringSerde.deserialize } });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({
      autoCommitThreshold: 2,
      eachMessage: ({ message }) => {
        seen.push(message.value ?? '');
        return Promise.resolve();
      },
    });
    await until(async () => (await committedIn(subject, 0)) === 4, 'the commit');
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    await consumer.stop();
    await expect(consumer.finished).resolves.toBeUndefined();
    await subject.client.close();
  });

  it('calls a handler that throws again from that message on, and no record is left out', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const seen: string[] = [];
    const errors: string[] = [];
    const consumer = subject.client.consumer({ ...GROUP, onError: ({ message }) => errors.push(message) });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        seen.push(textOf(message.value));
        return seen.length === 2 ? Promise.reject(new Error('the database is away')) : Promise.resolve();
      },
    });
    await until(() => seen.length === 4, 'all messages');
    expect(seen).toEqual(['a', 'b', 'b', 'c']);
    expect(errors).toEqual(['the database is away']);
    await subject.client.close();
    expect(await committedIn(subject, 0)).toBe(3);
  });

  it.each(['stop', 'disconnect'] as const)('lets a handler await %s', async (end) => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const seen: string[] = [];
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(textOf(message.value));
        if (seen.length === 2) await consumer[end]();
      },
    });
    await consumer.finished;
    // From outside it waits for all of it: the handler returned, its message committed, the group left.
    await consumer.disconnect();
    expect(seen).toEqual(['a', 'b']);
    expect(await committedIn(subject, 0)).toBe(2);
    expect(subject.groups.members('billing')).toEqual([]);
    await subject.client.close();
  });

  it('is waited for by what a handler has left behind', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    let later: Promise<void> | undefined;
    await consumer.run({
      eachMessage: () => {
        later = new Promise((resolve) => setTimeout(resolve, 20)).then(() => consumer.disconnect());
        return Promise.resolve();
      },
    });
    await until(() => later !== undefined, 'the handler');
    await later;
    expect(subject.groups.members('billing')).toEqual([]);
    await subject.client.close();
  });

  it('counts of a batch only what was resolved, where that is asked for', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const batches: string[][] = [];
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary, uncommittedOffsets, isStale }) => {
        batches.push(batch.messages.map(({ value }) => textOf(value)));
        expect(isStale()).toBe(false);
        resolveOffset(batch.firstOffset() ?? -1);
        expect(uncommittedOffsets()).toEqual([
          { topic: 'orders', partition: 0, offset: (batch.firstOffset() ?? -1) + 1 },
        ]);
        await commitOffsetsIfNecessary();
      },
    });
    await until(() => batches.length === 3, 'three batches');
    expect(batches).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']]);
    await subject.client.close();
    expect(await committedIn(subject, 0)).toBe(3);
  });

  it('works on several partitions at once, and on one message of each', async () => {
    const subject = await createSubject(connection);
    for (const partition of [0, 1, 2, 3]) await produce(subject, ['a', 'b'], partition);
    const running = new Map<number, number>();
    let most = 0;
    let calls = 0;
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({
      partitionsConsumedConcurrently: 3,
      eachMessage: async ({ partition }) => {
        running.set(partition, (running.get(partition) ?? 0) + 1);
        expect(running.get(partition)).toBe(1);
        most = Math.max(
          most,
          [...running.values()].reduce((sum, count) => sum + count, 0),
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
        running.set(partition, 0);
        calls++;
      },
    });
    await until(() => calls === 8, 'all messages');
    expect(most).toBe(3);
    await subject.client.close();
  });

  it('commits ahead where records must come at most once', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await first(1, consumer);
    expect(await committedIn(subject, 0)).toBe(2);
    await produce(subject, ['c']);
    // What the first loop was not given comes to the second.
    const next = await first(2, consumer);
    expect(next.map(({ value }) => textOf(value))).toEqual(['b', 'c']);
    expect(await committedIn(subject, 0)).toBe(3);
    await subject.client.close();
  });

  it('loses at most once the message that a handler fails at, and none by stop and pause', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c', 'd']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    const seen: string[] = [];
    await consumer.run({
      eachMessage: ({ message }) => {
        seen.push(textOf(message.value));
        if (seen.length === 1) return Promise.resolve();
        void consumer.stop();
        return Promise.reject(new Error('the database is away'));
      },
    });
    await until(() => seen.length === 2, 'the failure');
    await consumer.finished;
    await consumer.run({
      eachMessage: ({ message, pause }) => {
        seen.push(textOf(message.value));
        setTimeout(pause(), 20);
        return Promise.resolve();
      },
    });
    await until(() => seen.length === 4, 'the rest');
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    await consumer.stop();
    await produce(subject, ['e', 'f', 'g']);
    const [next] = await first(1, consumer);
    expect(textOf(next?.value ?? null)).toBe('e');
    await consumer.disconnect();
    // What was never handed out is for the next consumer.
    expect(await committedIn(subject, 0)).toBe(5);
    await subject.client.close();
  });

  it('goes on where a handler commits by itself what is due by count', async () => {
    const subject = await createSubject(connection);
    const seen: string[] = [];
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({
      autoCommitThreshold: 1,
      eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
        for (const { offset, value } of batch.messages) {
          resolveOffset(offset);
          seen.push(textOf(value));
        }
        await commitOffsetsIfNecessary();
      },
    });
    for (const value of ['a', 'b', 'c']) {
      await produce(subject, [value]);
      await until(() => seen.at(-1) === value, value);
    }
    await subject.client.close();
    expect(await committedIn(subject, 0)).toBe(3);
  });

  it('seeks, pauses, resumes, and commits what it is told', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    await produce(subject, ['x'], 1);
    const consumer = subject.client.consumer({ ...GROUP, autoCommit: false });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await first(1, consumer);
    consumer.seek({ topic: 'orders', partition: 0, offset: '2' });
    consumer.pause([{ topic: 'orders', partitions: [1] }]);
    expect(consumer.paused()).toEqual([{ topic: 'orders', partition: 1 }]);
    const [sought] = await first(1, consumer);
    expect(textOf(sought?.value ?? null)).toBe('c');
    consumer.pause([{ topic: 'orders' }]);
    consumer.resume([{ topic: 'orders', partitions: [1] }]);
    const [other] = await first(1, consumer);
    expect(other).toMatchObject({ partition: 1, offset: 0 });
    await consumer.commitOffsets([{ topic: 'orders', partition: 0, offset: '1', metadata: 'by hand' }]);
    expect(
      await consumer.committed([
        { topic: 'orders', partition: 0 },
        { topic: 'orders', partition: 2 },
      ]),
    ).toEqual([1, undefined]);
    expect(() => {
      consumer.seek({ topic: 'orders', partition: 9, offset: 0 });
    }).toThrow('orders-9 is not assigned');
    await subject.client.close();
    expect(await committedIn(subject, 0)).toBe(1);
  });

  it('names the record that a deserializer cannot read, and goes on behind it', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['{"n":1}', 'nonsense', '{"n":2}']);
    const consumer = subject.client.consumer({
      ...FAST,
      valueDeserializer: jsonSerde<{ n: number }>().deserialize,
    });
    await consumer.assign([{ topic: 'orders', partition: 0, offset: 0 }]);
    const seen: (number | undefined)[] = [];
    const error = await (async () => {
      for await (const { value } of consumer) seen.push(value?.n);
    })().catch((thrown: unknown) => thrown as BrokerError);
    expect(error?.message).toContain('the value at offset 1 of orders-0 cannot be read');
    expect(error?.message).toContain('the next record is at 2');
    consumer.seek({ topic: 'orders', partition: 0, offset: 2 });
    for (const { value } of await first(1, consumer)) seen.push(value?.n);
    expect(seen).toEqual([1, 2]);
    await subject.client.close();
  });
});
