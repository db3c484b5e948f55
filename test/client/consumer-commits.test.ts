// What a consumer commits by itself, by hand and ahead, and that none of these undoes another.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import type { Consumer } from '../../lib/client/consumer/consumer.ts';
import { GROUP, committedIn, joinsOf, produce, textOf } from './support/orders.ts';
import { CONNECTIONS, createSubject, first, until } from './support/subjects.ts';

const ORDERS_0 = { topic: 'orders', partition: 0 };

/** Of the commits of partition 0, the offsets in order. */
const offsetsOf = (commits: readonly { readonly offsets: readonly { readonly offset: number }[] }[]) =>
  commits.flatMap(({ offsets }) => offsets.map(({ offset }) => offset));

describe.each(CONNECTIONS)('a consumer %s', (connection) => {
  it('ends where commits ahead are refused, and hands nothing out', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    subject.groups.onCommit = () => {
      throw new BrokerError('INVALID_GROUP_ID', 'not you');
    };
    const retry = { initialRetryTimeMs: 1, retries: 2 };
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once', retry });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    const seen: string[] = [];
    await consumer.run({
      eachMessage: ({ message }) => {
        seen.push(textOf(message.value));
        return Promise.resolve();
      },
    });
    await expect(consumer.finished).rejects.toMatchObject({ code: 'INVALID_GROUP_ID' });
    expect(seen).toEqual([]);
    expect(subject.groups.commits).toHaveLength(3);
    await subject.client.close();
  });

  it('holds back what the group does not let it commit ahead, and nothing else', async () => {
    const subject = await createSubject(connection);
    for (const partition of [0, 1]) await produce(subject, ['a'], partition);
    subject.groups.onCommit = ({ offsets }) => {
      if (offsets.some(({ partition }) => partition === 1)) return;
      throw new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'too many', { retryAfterMs: 90_000 });
    };
    const errors: BrokerError[] = [];
    const onError = (error: BrokerError) => errors.push(error);
    const options = { ...GROUP, delivery: 'at-most-once', maxPollIntervalMs: 100, onError } as const;
    const consumer = subject.client.consumer(options);
    await consumer.assign([0, 1].map((partition) => ({ topic: 'orders', partition, offset: 0 })));
    const seen: number[] = [];
    await consumer.run({
      eachMessage: ({ partition }) => {
        seen.push(partition);
        return Promise.resolve();
      },
    });
    await until(() => errors.length > 0, 'the refusal');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(errors).toMatchObject([{ code: 'THROTTLING_QUOTA_EXCEEDED' }]);
    expect(seen).toEqual([1]);
    subject.groups.onCommit = undefined;
    consumer.seek({ ...ORDERS_0, offset: 0 });
    await until(() => seen.length === 2, 'what was held back');
    await subject.client.close();
  });

  it('leaves nothing out where nobody knows whether it was committed ahead', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    let commits = 0;
    subject.groups.onCommit = () => {
      if (++commits === 1) throw new BrokerError('UNKNOWN_SERVER_ERROR', 'who knows', { outcome: 'unknown' });
    };
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    const seen: string[] = [];
    await consumer.run({
      eachMessage: ({ message }) => {
        seen.push(textOf(message.value));
        return Promise.resolve();
      },
    });
    await until(() => seen.length === 1, 'the record');
    await subject.client.close();
  });

  it('begins no batch that was still to be committed ahead when it was stopped', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    let answer: (() => void) | undefined;
    subject.groups.onCommit = () => new Promise<void>((resolve) => (answer = resolve));
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    let batches = 0;
    await consumer.run({
      eachBatch: () => {
        batches++;
        return Promise.resolve();
      },
    });
    await until(() => answer !== undefined, 'the commit');
    const stopped = consumer.stop();
    subject.groups.onCommit = undefined;
    answer?.();
    await stopped;
    expect(batches).toBe(0);
    await consumer.disconnect();
    expect(await committedIn(subject, 0)).toBe(0);
    await subject.client.close();
  });

  it.each([1, 2])(
    'begins at what was committed by hand while attempt %i sought its start',
    async (attempt) => {
      let attempts = 0;
      let goOn: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => (goOn = resolve));
      const subject = await createSubject(connection, (broker) => ({
        ...broker,
        listOffset: async (topic, partition, at) => {
          // Over HTTP both ends are asked for.
          if (at === 'earliest' && ++attempts < attempt)
            throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', 'not yet');
          await gate;
          return broker.listOffset(topic, partition, at);
        },
      }));
      await produce(subject, ['a', 'b', 'c', 'd']);
      const consumer = subject.client.consumer({
        ...GROUP,
        ...{ autoOffsetReset: 'earliest', autoCommitThreshold: 1 },
      });
      const assigned = consumer.assign([ORDERS_0]);
      await until(() => attempts === attempt, 'the question');
      await consumer.commitOffsets([{ ...ORDERS_0, offset: 2 }]);
      goOn();
      await assigned;
      await until(() => consumer.position(ORDERS_0) === 2, 'the start');
      // Nothing new is processed.
      await consumer.commitOffsets();
      const records = await first(2, consumer);
      expect(records.map(({ value }) => textOf(value))).toEqual(['c', 'd']);
      await consumer.disconnect();
      expect(offsetsOf(subject.groups.commits)).toEqual([2, 3]);
      await subject.client.close();
    },
  );

  it('commits by itself as its run says, also with partitions it had before', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, autoCommitInterval: 5 });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    const runUntil = async (offset: number, options: Parameters<Consumer['run']>[0]) => {
      await consumer.run({ eachMessage: () => Promise.resolve(), ...options });
      await until(() => consumer.position(ORDERS_0) === offset, `offset ${offset}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      await consumer.stop();
      return committedIn(subject, 0);
    };
    expect(await runUntil(2, { autoCommit: false })).toBeUndefined();
    await produce(subject, ['c']);
    expect(await runUntil(3, { autoCommitInterval: 60_000, autoCommitThreshold: 1 })).toBe(3);
    await produce(subject, ['d']);
    expect(await runUntil(4, { autoCommit: false })).toBe(3);
    // The consumer's own again.
    await produce(subject, ['e']);
    expect(await runUntil(5, {})).toBe(5);
    await subject.client.close();
  });

  it('counts each record of a batch towards the next commit', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const consumer = subject.client.consumer(GROUP);
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    await consumer.run({
      ...{ autoCommitInterval: 60_000, autoCommitThreshold: 3 },
      eachBatch: () => Promise.resolve(),
    });
    await until(async () => (await committedIn(subject, 0)) === 3, 'the commit');
    await subject.client.close();
  });

  it('takes back by leaving what it committed ahead, but not what was committed by hand', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c', 'd']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    for await (const { offset } of consumer) {
      if (offset === 0) await consumer.commitOffsets([{ ...ORDERS_0, offset: 3 }]);
      if (offset === 1) break;
    }
    await consumer.disconnect();
    expect(await committedIn(subject, 0)).toBe(3);
    await subject.client.close();
  });

  it('does not commit ahead less than what was committed by hand', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    for await (const { offset } of consumer) {
      if (offset === 0) await consumer.commitOffsets([{ ...ORDERS_0, offset: 4 }]);
      if (offset === 1) await produce(subject, ['c']);
      if (offset === 2) break;
    }
    expect(offsetsOf(subject.groups.commits)).toEqual([2, 4]);
    // A seek is a new say.
    consumer.seek({ ...ORDERS_0, offset: 0 });
    await first(1, consumer);
    await consumer.disconnect();
    expect(await committedIn(subject, 0)).toBe(1);
    await subject.client.close();
  });

  it('lets its listener commit by hand what it gives up by disconnecting', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const listener = { onRevoked: () => consumer.commitOffsets([{ ...ORDERS_0, offset: 1 }]) };
    const consumer: Consumer = subject.client.consumer({ ...GROUP, autoCommit: false, listener });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await first(1, consumer);
    await consumer.disconnect();
    expect(await committedIn(subject, 0)).toBe(1);
    await subject.client.close();
  });

  it('keeps what it committed ahead, whatever lower is committed by hand', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    for await (const { offset } of consumer) {
      await consumer.commitOffsets([{ ...ORDERS_0, offset: offset + 1 }]);
      // Else this record, which is in hand, would come again after a crash.
      expect(await committedIn(subject, 0)).toBe(3);
      if (offset === 1) break;
    }
    await consumer.disconnect();
    expect(await committedIn(subject, 0)).toBe(2);
    await subject.client.close();
  });

  it.each([
    ['leaving', 3, [2, 3]],
    ['committing ahead', 10, [2, 10]],
  ])('does not undo by %s a commit by hand that is under way', async (what, offset, offsets) => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    let byHand: Promise<void> | undefined;
    for await (const { offset: seen } of consumer) {
      if (seen === (what === 'leaving' ? 0 : 1)) {
        if (what !== 'leaving') {
          await produce(subject, ['c']);
          // It is fetched, and will be committed ahead at once.
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
        subject.groups.onCommit = () => new Promise((resolve) => setTimeout(resolve, 30));
        byHand = consumer.commitOffsets([{ ...ORDERS_0, offset }]);
        if (what === 'leaving') break;
      }
      if (seen === 2) break;
    }
    await consumer.disconnect();
    await byHand;
    expect(offsetsOf(subject.groups.commits)).toEqual(offsets);
    expect(await committedIn(subject, 0)).toBe(offset);
    await subject.client.close();
  });

  it('does what was said last by hand while its start was sought', async () => {
    let answer: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      listOffset: (...args) => gate.then(() => broker.listOffset(...args)),
    }));
    await produce(subject, ['a', 'b', 'c', 'd', 'e', 'f']);
    const consumer = subject.client.consumer({ ...GROUP, autoOffsetReset: 'earliest' });
    const assigned = consumer.assign([ORDERS_0]);
    await until(() => consumer.assignment().length === 1, 'the partition');
    for (const offset of [5, 2]) await consumer.commitOffsets([{ ...ORDERS_0, offset }]);
    answer();
    await assigned;
    await consumer.commitOffsets();
    expect(await committedIn(subject, 0)).toBe(2);
    expect((await first(1, consumer))[0]?.offset).toBe(2);
    await subject.client.close();
  });

  it('ends with its run an automatic commit that is still repeated', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    let isRefusing = true;
    subject.groups.onCommit = () => {
      if (isRefusing) throw new BrokerError('KAFKA_STORAGE_ERROR', 'not now');
    };
    const consumer = subject.client.consumer({ ...GROUP, autoCommitInterval: 5 });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await until(() => subject.groups.commits.length > 0, 'the commit');
    await consumer.stop();
    await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    await produce(subject, ['b', 'c']);
    await until(() => consumer.position(ORDERS_0) === 3, 'all records');
    isRefusing = false;
    const before = subject.groups.commits.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(subject.groups.commits.length - before).toBeLessThanOrEqual(1);
    expect(await committedIn(subject, 0)).not.toBe(3);
    await consumer.disconnect();
    await subject.client.close();
  });

  it('commits in a loop as the consumer says, whatever its last run said', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const consumer = subject.client.consumer({ ...GROUP, autoCommitInterval: 5 });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    const loop = consumer[Symbol.asyncIterator]();
    await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    await until(() => consumer.position(ORDERS_0) === 1, 'the record');
    await consumer.stop();
    await produce(subject, ['b', 'c']);
    for (let records = 0; records < 2; records++) await loop.next();
    await consumer.disconnect();
    expect(await committedIn(subject, 0)).toBe(2);
    await subject.client.close();
  });

  it('goes no way back where a handler resolves a lower offset late', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const consumer = subject.client.consumer(GROUP);
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    const batches: string[] = [];
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: ({ batch, resolveOffset }) => {
        batches.push(batch.messages.map(({ value }) => textOf(value)).join(''));
        for (const offset of [1, 0]) resolveOffset(offset);
        if (batches.length > 1) resolveOffset(2);
        return Promise.resolve();
      },
    });
    await until(() => batches.length === 2, 'the rest');
    expect(batches).toEqual(['abc', 'c']);
    await subject.client.close();
  });

  it.each([[[{ ...ORDERS_0, offset: 2 }]], [undefined]])(
    'takes back what was never handed out, also where its listener commits %j after that',
    async (offsets) => {
      const subject = await createSubject(connection);
      await produce(subject, ['a', 'b', 'c', 'd']);
      const listener = { onRevoked: () => consumer.commitOffsets(offsets) };
      const consumer: Consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once', listener });
      await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
      await first(2, consumer);
      await consumer.disconnect();
      // The second was handed out, though its loop was left.
      expect(await committedIn(subject, 0)).toBe(2);
      await subject.client.close();
    },
  );

  it('takes back what was never handed out, also where nobody knows whether it was committed', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once', maxWaitTimeInMs: 10 });
    await consumer.assign([{ ...ORDERS_0, offset: 0 }]);
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await until(() => consumer.position(ORDERS_0) === 1, 'the first record');
    const commitOffsets = subject.groups.commitOffsets.bind(subject.groups);
    let isLost = false;
    subject.groups.commitOffsets = async (request) => {
      await commitOffsets(request);
      isLost = true;
      throw new BrokerError('REQUEST_TIMED_OUT', 'who knows', { outcome: 'unknown', retryAfterMs: 90_000 });
    };
    await produce(subject, ['b']);
    await until(() => isLost, 'the commit');
    subject.groups.commitOffsets = commitOffsets;
    await consumer.disconnect();
    expect(await committedIn(subject, 0)).toBe(1);
    await subject.client.close();
  });

  it('commits nothing by hand below what others have had at most once', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a', 'b', 'c']);
    const consumer = subject.client.consumer({ ...GROUP, delivery: 'at-most-once' });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await consumer.run({ eachMessage: () => Promise.resolve() });
    const isThere = () => consumer.assignment().length === 4 && consumer.position(ORDERS_0) === 3;
    await until(isThere, 'all records');
    const [member = ''] = subject.groups.members('billing');
    await subject.groups.expire('billing', member);
    await until(() => joinsOf(subject) === 2, 'the loss');
    await until(isThere, 'the return');
    await consumer.commitOffsets([{ ...ORDERS_0, offset: 1 }]);
    expect(await committedIn(subject, 0)).toBe(3);
    await subject.client.close();
  });

  it('is not idle while it commits ahead', async () => {
    const subject = await createSubject(connection);
    await produce(subject, ['a']);
    subject.groups.onCommit = () => new Promise((resolve) => setTimeout(resolve, 200));
    const options = { ...GROUP, delivery: 'at-most-once', maxPollIntervalMs: 100 } as const;
    const consumer = subject.client.consumer(options);
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    expect(await first(1, consumer)).toHaveLength(1);
    await subject.client.close();
  });
});
