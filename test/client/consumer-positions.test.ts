// Where a consumer begins, goes on and is sent: by the group's offsets, its assignment, the reset and commits by hand.
import { describe, expect, it } from 'vitest';
import { FAST, GROUP, committedIn, produce, textOf } from './support/orders.ts';
import { CONNECTIONS, createSubject, first, until } from './support/subjects.ts';

describe.each(CONNECTIONS)('a consumer %s', (connection) => {
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
});
