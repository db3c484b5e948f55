// Handlers of a consumer that fail, or do nothing: how often they are called again, and what comes after.
import { describe, expect, it } from 'vitest';
import { FAST, GROUP, committedIn, produce, textOf } from './support/orders.ts';
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
});
