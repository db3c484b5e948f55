// Handlers of a consumer that fail, or do nothing: how often they are called again, and what comes after.
import { describe, expect, it } from 'vitest';
import type { Consumer } from '../../lib/client/consumer/consumer.ts';
import { FAST, GROUP, committedIn, joinsOf, produce, textOf } from './support/orders.ts';
import { CONNECTIONS, createSubject, until } from './support/subjects.ts';

describe.each(CONNECTIONS)('a consumer %s', (connection) => {
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
    const retry = { initialRetryTimeMs: 60, maxRetryTimeMs: 60 };
    const consumer = subject.client.consumer({ ...GROUP, retry });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    const callsMs: number[] = [];
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: ({ resolveOffset }) => {
        if (callsMs.push(Date.now()) > 3) resolveOffset(0);
        return Promise.resolve();
      },
    });
    await until(() => callsMs.length > 3, 'more calls');
    await consumer.disconnect();
    // Each pause is at least half of what is said.
    const pausesMs = callsMs.slice(1).map((atMs, at) => atMs - (callsMs[at] ?? 0));
    expect(Math.min(...pausesMs)).toBeGreaterThan(25);
    expect([callsMs.length, await committedIn(subject, 0)]).toEqual([4, 1]);
    await subject.client.close();
  });

  it('can be stopped by its listener while it gives up', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const listener = { onRevoked: () => consumer.stop() };
    const retry = { initialRetryTimeMs: 1, retries: 0 };
    const consumer: Consumer = subject.client.consumer({ ...GROUP, retry, listener });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({ eachMessage: () => Promise.reject(new Error('no')) });
    await expect(consumer.finished).rejects.toThrow('no');
    expect(subject.groups.members('billing')).toEqual([]);
    await subject.client.close();
  });

  it('runs again while the run before still leaves the group', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const leaves: (() => void)[] = [];
    const listener = { onRevoked: () => new Promise<void>((resolve) => leaves.push(resolve)) };
    const retry = { initialRetryTimeMs: 1, retries: 0 };
    const consumer = subject.client.consumer({ ...GROUP, retry, listener });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({ eachMessage: () => Promise.reject(new Error('no')) });
    const failed = expect(consumer.finished).rejects.toThrow('no');
    await until(() => leaves.length === 1, 'the end of the first run');
    await consumer.stop();
    const seen: string[] = [];
    const eachMessage = ({ message }: { message: { value: Buffer | null } }) => {
      seen.push(textOf(message.value));
      return Promise.resolve();
    };
    await consumer.run({ eachMessage });
    expect(subject.groups.members('billing')).toHaveLength(1);
    leaves[0]?.();
    await failed;
    await until(() => seen.length === 1, 'the message');
    await expect(consumer.run({ eachMessage })).rejects.toThrow('runs already');
    const disconnected = consumer.disconnect();
    await until(() => leaves.length === 2, 'the end of the second run');
    leaves[1]?.();
    await disconnected;
    expect(await committedIn(subject, 0)).toBe(1);
    expect(subject.groups.members('billing')).toEqual([]);
    await subject.client.close();
  });

  it.each(['stop', 'disconnect'] as const)('harms nobody by a handler that fails during %s', async (end) => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const consumer = subject.client.consumer({ ...GROUP, retry: { initialRetryTimeMs: 1, retries: 0 } });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    let fail: ((error: Error) => void) | undefined;
    await consumer.run({ eachMessage: () => new Promise((_resolve, reject) => (fail = reject)) });
    await until(() => fail !== undefined, 'the handler');
    const ended = consumer[end]();
    fail?.(new Error('interrupted'));
    await ended;
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
    await subject.client.close();
  });

  it('lets its listener commit what an ending run gives up, though the next has begun and waits', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    const leaves: (() => void)[] = [];
    const errors: string[] = [];
    const listener = {
      onRevoked: async () => {
        await new Promise<void>((resolve) => leaves.push(resolve));
        expect(consumer.assignment()).toHaveLength(4);
        await consumer.commitOffsets([{ topic: 'orders', partition: 0, offset: leaves.length }]);
        throw new Error('said by the listener');
      },
    };
    const consumer: Consumer = subject.client.consumer({
      ...{ ...GROUP, listener, autoCommit: false },
      retry: { initialRetryTimeMs: 1, retries: 0 },
      onError: ({ message }) => errors.push(message),
    });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({ eachMessage: () => Promise.reject(new Error('no')) });
    const failed = expect(consumer.finished).rejects.toThrow('no');
    await until(() => leaves.length === 1, 'the end of the first run');
    await consumer.stop();
    const seen: string[] = [];
    await consumer.run({
      eachMessage: ({ message }) => {
        seen.push(textOf(message.value));
        return Promise.resolve();
      },
    });
    leaves[0]?.();
    await failed;
    expect(errors).toEqual(['said by the listener']);
    await until(() => seen.length === 1, 'the message');
    expect(seen).toEqual(['b']);
    const disconnected = consumer.disconnect();
    await until(() => leaves.length === 2, 'the end of the second run');
    leaves[1]?.();
    await disconnected;
    expect(await committedIn(subject, 0)).toBe(2);
    await subject.client.close();
  });

  it('is not idle while it waits for the run before to leave', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    let isLeaving = false;
    const onRevoked = async () => {
      isLeaving = true;
      await new Promise((resolve) => setTimeout(resolve, 150));
    };
    const retry = { initialRetryTimeMs: 1, retries: 0 };
    const consumer = subject.client.consumer({
      ...{ ...GROUP, retry, maxPollIntervalMs: 100, listener: { onRevoked } },
    });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({ eachMessage: () => Promise.reject(new Error('no')) });
    const failed = expect(consumer.finished).rejects.toThrow('no');
    await until(() => isLeaving, 'the end of the first run');
    await consumer.stop();
    const seen: string[] = [];
    await consumer.run({
      eachMessage: ({ message }) => {
        seen.push(textOf(message.value));
        return Promise.resolve();
      },
    });
    await failed;
    await until(() => seen.length === 1, 'the message');
    await subject.client.close();
    await expect(consumer.finished).resolves.toBeUndefined();
  });

  it('does not join again where it is disconnected while it waits for the run before to leave', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    let leave: (() => void) | undefined;
    const listener = { onRevoked: () => new Promise<void>((resolve) => (leave = resolve)) };
    const retry = { initialRetryTimeMs: 1, retries: 0 };
    const consumer = subject.client.consumer({ ...GROUP, retry, listener });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({ eachMessage: () => Promise.reject(new Error('no')) });
    const failed = expect(consumer.finished).rejects.toThrow('no');
    await until(() => leave !== undefined, 'the end of the first run');
    await consumer.stop();
    await consumer.run({ eachMessage: () => Promise.resolve() });
    const before = joinsOf(subject);
    let isDone = false;
    const disconnected = consumer.disconnect().then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isDone).toBe(false);
    leave?.();
    await disconnected;
    await failed;
    expect(joinsOf(subject)).toBe(before);
    expect(subject.groups.members('billing')).toEqual([]);
    await subject.client.close();
  });
});
