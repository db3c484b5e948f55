// The consumer over each connection: iteration and handlers, commits, seeks and resets, and what is delivered how often.
import { describe, expect, it } from 'vitest';
import type { BrokerError } from '../../lib/base/errors.ts';
import type { ConsumerOptions } from '../../lib/client/consumer/consumer-options.ts';
import { jsonSerde, stringSerde } from '../../lib/client/serializers.ts';
import { CONNECTIONS, createSubject, first, type Subject, until } from './support/subjects.ts';

const FAST: ConsumerOptions = { retry: { initialRetryTimeMs: 1, maxRetryTimeMs: 5 }, maxWaitTimeInMs: 200 };
const GROUP = { groupId: 'billing', ...FAST };

async function produce({ client }: Subject, values: readonly string[], partition = 0): Promise<void> {
  await client.producer().send({
    topic: 'orders',
    messages: values.map((value) => ({ value, partition })),
  });
}

async function committedIn({ groups }: Subject, partition: number): Promise<number | undefined> {
  const offsets = await groups.fetchOffsets({ groupId: 'billing' });
  return offsets.find((one) => one.partition === partition)?.offset;
}

const textOf = (value: Buffer | null): string => value?.toString() ?? '';

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

  it('gives up on a handler that throws too often, leaves the group, and says why', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    let calls = 0;
    const consumer = subject.client.consumer({ ...GROUP, retry: { initialRetryTimeMs: 1, retries: 2 } });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({
      eachMessage: () => {
        calls++;
        return Promise.reject(new Error('no'));
      },
    });
    await expect(consumer.finished).rejects.toThrow('no');
    expect(calls).toBe(3);
    expect(subject.groups.members('billing')).toEqual([]);
    // Where it began, and not behind the message.
    expect(await committedIn(subject, 0)).toBe(0);
    await subject.client.close();
  });

  it('runs again after it gave up, and gives up only on failures with nothing processed between', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c', 'd', 'e', 'f']);
    const seen: string[] = [];
    const options = {
      ...GROUP,
      retry: { initialRetryTimeMs: 1, retries: 1 },
      autoOffsetReset: 'earliest',
    } as const;
    const consumer = subject.client.consumer(options);
    await consumer.subscribe({ topics: ['orders'] });
    let refused = 'f';
    const run = () =>
      consumer.run({
        eachMessage: ({ message }) => {
          const value = textOf(message.value);
          seen.push(value);
          // Each one fails the first time, one always.
          const isFirst = seen.filter((one) => one === value).length === 1;
          return isFirst || value === refused ? Promise.reject(new Error('no')) : Promise.resolve();
        },
      });
    await run();
    await expect(consumer.finished).rejects.toThrow('no');
    expect(seen.join('')).toBe('aabbccddeeff');
    refused = '';
    await run();
    await until(async () => {
      await consumer.commitOffsets();
      return (await committedIn(subject, 0)) === 6;
    }, 'the last message');
    expect(seen.join('')).toBe('aabbccddeefff');
    await subject.client.close();
  });

  it('commits where it began in partitions without records, so that none is left out later', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    const before = subject.client.consumer(GROUP);
    await before.subscribe({ topics: ['orders'] });
    await before.run({ eachMessage: () => Promise.resolve() });
    await until(() => before.assignment().length === 4, 'the assignment');
    await before.disconnect();
    expect(await committedIn(subject, 0)).toBe(2);
    expect(await committedIn(subject, 3)).toBe(0);
    await produce(subject, ['c']);
    const after = subject.client.consumer(GROUP);
    await after.subscribe({ topics: ['orders'] });
    expect(textOf((await first(1, after))[0]?.value ?? null)).toBe('c');
    await subject.client.close();
  });

  it('runs again with what it was assigned, from where it gave up', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    const consumer = subject.client.consumer({ ...FAST, retry: { initialRetryTimeMs: 1, retries: 0 } });
    await consumer.assign([{ topic: 'orders', partition: 0, offset: 0 }]);
    const seen: string[] = [];
    const run = () =>
      consumer.run({
        eachMessage: ({ message }) => {
          seen.push(textOf(message.value));
          return seen.length === 2 ? Promise.reject(new Error('no')) : Promise.resolve();
        },
      });
    await run();
    await expect(consumer.finished).rejects.toThrow('no');
    await run();
    await until(() => seen.length === 3, 'the rest');
    expect(seen).toEqual(['a', 'b', 'b']);
    await subject.client.close();
  });

  it('leaves time for others while a handler resolves nothing', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    let calls = 0;
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: ({ resolveOffset }) => {
        if (calls++ > 2) resolveOffset(0);
        return Promise.resolve();
      },
    });
    await until(() => calls > 3, 'more calls');
    await consumer.disconnect();
    expect([calls, await committedIn(subject, 0)]).toEqual([4, 1]);
    await subject.client.close();
  });

  it('does not take back by itself what was committed by hand', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const consumer = subject.client.consumer({
      ...GROUP,
      autoOffsetReset: 'earliest',
      autoCommitInterval: 5,
    });
    await consumer.subscribe({ topics: ['orders'] });
    const commits: (number | undefined)[] = [];
    await consumer.run({
      autoCommitInterval: 5,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        if (commits.length === 0)
          await consumer.commitOffsets([{ topic: 'orders', partition: 0, offset: '3' }]);
        resolveOffset(batch.messages[0]?.offset ?? 0);
        await new Promise((resolve) => setTimeout(resolve, 30));
        commits.push(await committedIn(subject, 0));
      },
    });
    await until(() => commits.length > 0, 'the batch');
    await consumer.disconnect();
    commits.push(await committedIn(subject, 0));
    expect(new Set(commits)).toEqual(new Set([3]));
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

  it('reads assigned partitions without a group, from where it is told', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c'], 2);
    const consumer = subject.client.consumer(FAST);
    await consumer.assign([{ topic: 'orders', partition: 2, offset: 1 }]);
    expect((await first(2, consumer)).map(({ offset }) => offset)).toEqual([1, 2]);
    await expect(consumer.subscribe({ topics: ['orders'] })).rejects.toThrow('needs a groupId');
    await expect(consumer.commitOffsets([{ topic: 'orders', partition: 2, offset: 1 }])).rejects.toThrow(
      'groupId',
    );
    await subject.client.close();
    expect(subject.groups.heartbeats).toEqual([]);
  });

  it('is assigned other partitions in the middle of a loop, but not by a handler', async () => {
    const subject = await createSubject(connection);
    for (const partition of [0, 1]) await produce(subject, ['a', 'b'], partition);
    const consumer = subject.client.consumer(FAST);
    await consumer.assign([{ topic: 'orders', partition: 0, offset: 0 }]);
    const seen: [number, number][] = [];
    for await (const { partition, offset } of consumer) {
      seen.push([partition, offset]);
      if (seen.length === 1) await consumer.assign([{ topic: 'orders', partition: 1, offset: 0 }]);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
    let refusal: unknown;
    await consumer.run({
      eachMessage: async () => {
        refusal ??= await consumer.assign([]).catch((error: unknown) => error);
      },
    });
    await until(() => refusal !== undefined, 'the handler');
    expect(refusal).toMatchObject({ code: 'INVALID_REQUEST', message: /a handler/ });
    await subject.client.close();
  });

  it('goes on where the reset says when its offset is gone, or throws where it must not', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    await subject.client.admin().setOffsets({
      groupId: 'billing',
      topic: 'orders',
      partitions: [{ partition: 0, offset: 99 }],
    });
    const strict = subject.client.consumer({ ...GROUP, autoOffsetReset: 'none' });
    await strict.assign([{ topic: 'orders', partition: 0 }]);
    await expect(first(1, strict)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    // It fails again and again by now; that is over with `seek`.
    await new Promise((resolve) => setTimeout(resolve, 30));
    strict.seek({ topic: 'orders', partition: 0, offset: 1 });
    expect((await first(1, strict))[0]?.offset).toBe(1);
    const latest = subject.client.consumer({ ...GROUP, autoOffsetReset: 'latest' });
    await subject.client.admin().setOffsets({
      groupId: 'billing',
      topic: 'orders',
      partitions: [{ partition: 0, offset: 99 }],
    });
    await latest.assign([{ topic: 'orders', partition: 0 }]);
    const running = first(1, latest);
    await until(() => latest.position({ topic: 'orders', partition: 0 }) === 2, 'the reset');
    await latest.disconnect();
    await running;
    // Else the next one would be sent behind what has come by then.
    expect(await committedIn(subject, 0)).toBe(2);
    await subject.client.admin().setOffsets({
      groupId: 'billing',
      topic: 'orders',
      partitions: [{ partition: 0, offset: 99 }],
    });
    const lenient = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
    await lenient.assign([{ topic: 'orders', partition: 0 }]);
    expect((await first(1, lenient))[0]?.offset).toBe(0);
    await strict.assign([{ topic: 'orders', partition: 3 }]);
    await expect(first(1, strict)).rejects.toThrow(
      'nothing is committed of orders-3 by group billing, and autoOffsetReset is none',
    );
    await subject.client.close();
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
