// Where a consumer begins, goes on and is sent: by the group's offsets, its assignment, the reset and commits by hand.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
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

  it('goes back by a seek though a commit of what was before is under way', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c', 'd']);
    const consumer = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
    await consumer.subscribe({ topics: ['orders'] });
    let goOn: () => void = () => undefined;
    let calls = 0;
    await consumer.run({
      autoCommitInterval: 60_000,
      eachMessage: () => {
        calls++;
        return calls === 7 ? new Promise<void>((resolve) => (goOn = resolve)) : Promise.resolve();
      },
    });
    await until(() => calls === 4, 'all records');
    await until(() => consumer.position({ topic: 'orders', partition: 0 }) === 4, 'the last one');
    let answer: () => void = () => undefined;
    subject.groups.onCommit = () => new Promise<void>((resolve) => (answer = resolve));
    const commits = [
      consumer.commitOffsets(),
      consumer.commitOffsets([{ topic: 'orders', partition: 0, offset: 4 }]),
    ];
    await until(() => subject.groups.commits.length === 1, 'the commit');
    consumer.seek({ topic: 'orders', partition: 0, offset: 0 });
    subject.groups.onCommit = undefined;
    answer();
    await Promise.all(commits);
    await until(() => calls === 7, 'the third record again');
    const disconnected = consumer.disconnect();
    goOn();
    await disconnected;
    // The third is processed, the fourth is not.
    expect(await committedIn(subject, 0)).toBe(3);
    await subject.client.close();
  });

  it('asks for many partitions together while the group cannot answer', async () => {
    let questions = 0;
    const partitions = Array.from({ length: 40 }, (_, partition) => ({ topic: 'many', partition }));
    const subject = await createSubject(connection);
    await subject.broker.createTopic({ name: 'many', partitions: 40 });
    const fetchOffsets = subject.groups.fetchOffsets.bind(subject.groups);
    subject.groups.fetchOffsets = (request) => {
      questions++;
      if (questions < 4) return Promise.reject(new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'too many'));
      return fetchOffsets(request);
    };
    const consumer = subject.client.consumer(GROUP);
    await consumer.assign(partitions);
    await until(() => partitions.every((one) => consumer.position(one) === 0), 'the starts');
    // Four at the least; of partitions that were just too late for the others there may be a few more.
    expect(questions).toBeLessThan(20);
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
    const commitBeyondTheEnd = () =>
      subject.client.admin().setOffsets({
        groupId: 'billing',
        topic: 'orders',
        partitions: [{ partition: 0, offset: 99 }],
      });
    await commitBeyondTheEnd();
    const strict = subject.client.consumer({ ...GROUP, autoOffsetReset: 'none' });
    await strict.assign([{ topic: 'orders', partition: 0 }]);
    await expect(first(1, strict)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    // It fails again and again by now; that is over with `seek`.
    await new Promise((resolve) => setTimeout(resolve, 30));
    strict.seek({ topic: 'orders', partition: 0, offset: 1 });
    expect((await first(1, strict))[0]?.offset).toBe(1);
    const latest = subject.client.consumer({ ...GROUP, autoOffsetReset: 'latest' });
    await commitBeyondTheEnd();
    await latest.assign([{ topic: 'orders', partition: 0 }]);
    const running = first(1, latest);
    await until(() => latest.position({ topic: 'orders', partition: 0 }) === 2, 'the reset');
    await latest.disconnect();
    await running;
    // Else the next one would be sent behind what has come by then.
    expect(await committedIn(subject, 0)).toBe(2);
    await commitBeyondTheEnd();
    const lenient = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
    await lenient.assign([{ topic: 'orders', partition: 0 }]);
    expect((await first(1, lenient))[0]?.offset).toBe(0);
    await strict.assign([{ topic: 'orders', partition: 3 }]);
    await expect(first(1, strict)).rejects.toThrow(
      'nothing is committed of orders-3 by group billing, and autoOffsetReset is none',
    );
    await subject.client.close();
  });

  it('is reset though a commit by hand of what was before is under way', async () => {
    let isGone = false;
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      fetch: (request) => {
        if (!isGone || request.offset !== 2) return broker.fetch(request);
        isGone = false;
        return Promise.reject(new BrokerError('OFFSET_OUT_OF_RANGE', 'it is gone'));
      },
    }));
    await produce(subject, ['a', 'b']);
    const options = { ...GROUP, maxWaitTimeInMs: 10, autoOffsetReset: 'earliest' } as const;
    const consumer = subject.client.consumer(options);
    const place = { topic: 'orders', partition: 0 };
    await consumer.assign([{ ...place, offset: 0 }]);
    let calls = 0;
    let goOn: () => void = () => undefined;
    const eachMessage = () =>
      ++calls < 3 ? Promise.resolve() : new Promise<void>((resolve) => (goOn = resolve));
    await consumer.run({ autoCommit: false, eachMessage });
    await until(() => consumer.position(place) === 2, 'both records');
    let answer: (() => void) | undefined;
    subject.groups.onCommit = () => new Promise<void>((resolve) => (answer = resolve));
    const committed = consumer.commitOffsets([{ ...place, offset: 2 }]);
    await until(() => answer !== undefined, 'the commit');
    isGone = true;
    await until(() => calls === 3, 'the first record again');
    subject.groups.onCommit = undefined;
    answer?.();
    await committed;
    await consumer.commitOffsets();
    expect(await committedIn(subject, 0)).toBe(0);
    goOn();
    await subject.client.close();
  });

  it.each([1, 2])(
    'goes where a seek says at once, though attempt %i still seeks its start',
    async (attempt) => {
      let questions = 0;
      let isHanging = true;
      const subject = await createSubject(connection, (broker) => ({
        ...broker,
        listOffset: (topic, partition, at) => {
          if (!isHanging) return broker.listOffset(topic, partition, at);
          if (at === 'earliest') questions++;
          if (questions >= attempt) return new Promise(() => undefined);
          return Promise.reject(new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', 'not yet'));
        },
      }));
      await produce(subject, ['a', 'b']);
      const consumer = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
      const assigned = consumer.assign([{ topic: 'orders', partition: 0 }]);
      await until(() => questions === attempt, 'the question');
      isHanging = false;
      consumer.seek({ topic: 'orders', partition: 0, offset: 1 });
      await assigned;
      expect((await first(1, consumer))[0]?.offset).toBe(1);
      await subject.client.close();
    },
  );

  it('is assigned others while its start is sought', async () => {
    let isAsked = false;
    let isHanging = true;
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      listOffset: (...args) => {
        isAsked = true;
        return isHanging ? new Promise(() => undefined) : broker.listOffset(...args);
      },
    }));
    await produce(subject, ['a'], 1);
    const consumer = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
    const assigned = consumer.assign([{ topic: 'orders', partition: 0 }]);
    await until(() => isAsked, 'the question');
    isHanging = false;
    await Promise.all([assigned, consumer.assign([{ topic: 'orders', partition: 1 }])]);
    expect((await first(1, consumer))[0]).toMatchObject({ partition: 1, offset: 0 });
    await subject.client.close();
  });

  it('can be disconnected while its start is sought', async () => {
    let isAsked = false;
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      listOffset: () => {
        isAsked = true;
        return new Promise(() => undefined);
      },
    }));
    const diary: string[] = [];
    const listener = {
      onAssigned: () => void diary.push('assigned'),
      onRevoked: () => void diary.push('revoked'),
    };
    const consumer = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest', listener });
    await consumer.subscribe({ topics: ['orders'] });
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await until(() => isAsked, 'the question');
    await consumer.disconnect();
    expect(diary).toEqual([]);
    await subject.client.close();
  });

  it('goes where a seek says at once, though a reset is still sought', async () => {
    let isAsked = false;
    let isHanging = true;
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      listOffset: (topic, partition, at) => {
        if (!isHanging) return broker.listOffset(topic, partition, at);
        isAsked = true;
        return new Promise(() => undefined);
      },
    }));
    await produce(subject, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
    await consumer.assign([{ topic: 'orders', partition: 0, offset: 99 }]);
    const record = first(1, consumer);
    await until(() => isAsked, 'the question');
    isHanging = false;
    consumer.seek({ topic: 'orders', partition: 0, offset: 1 });
    expect((await record)[0]?.offset).toBe(1);
    await subject.client.close();
  });

  it('leaves nothing out of where a reset sends it while records of before are in hand', async () => {
    let begin = 0;
    let isReset = false;
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      fetch: (request) => {
        if (request.offset < begin)
          return Promise.reject(new BrokerError('OFFSET_OUT_OF_RANGE', 'it is gone'));
        // Nothing comes until what comes is gone.
        if (request.offset === 2) return broker.fetch({ ...request, partition: 3, offset: 0 });
        return broker.fetch(request);
      },
      listOffset: (...args) => {
        if (begin > 0) isReset = true;
        return broker.listOffset(...args);
      },
    }));
    await produce(subject, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, maxWaitTimeInMs: 10, autoCommitInterval: 5 });
    const place = { topic: 'orders', partition: 0 };
    await consumer.assign([{ ...place, offset: 0 }]);
    const seen: string[] = [];
    let goOn: (() => void) | undefined;
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen.push(textOf(message.value));
        if (seen.length === 1) await new Promise<void>((resolve) => (goOn = resolve));
        if (seen.at(-1) === 'd' && !seen.slice(0, -1).includes('d')) throw new Error('once');
      },
    });
    await until(() => goOn !== undefined, 'the first record');
    await produce(subject, ['c']);
    begin = 3;
    await until(() => isReset && consumer.position(place) === 3, 'the reset');
    await produce(subject, ['d']);
    goOn?.();
    await until(() => consumer.position(place) === 4, 'the last record');
    await consumer.disconnect();
    expect(seen).toEqual(['a', 'b', 'd', 'd']);
    expect(await committedIn(subject, 0)).toBe(4);
    await subject.client.close();
  });

  it('reads what it was assigned last, at once, though the start before is not found', async () => {
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      listOffset: () => new Promise(() => undefined),
    }));
    const consumer = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
    await Promise.all([
      consumer.assign([{ topic: 'orders', partition: 0 }]),
      consumer.assign([{ topic: 'orders', partition: 1, offset: 0 }]),
    ]);
    expect(consumer.assignment()).toEqual([{ topic: 'orders', partition: 1 }]);
    await subject.client.close();
  });
});
