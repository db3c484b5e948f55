// Members that come and go, over each connection: partitions change hands without loss, and what is lost is never committed.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import type { ConsumerOptions, TopicPartition } from '../../lib/client/consumer/consumer-options.ts';
import type { Consumer } from '../../lib/client/consumer/consumer.ts';
import { joinsOf } from './support/orders.ts';
import { CONNECTIONS, createSubject, first, type Subject, until } from './support/subjects.ts';

const GROUP: ConsumerOptions = {
  groupId: 'billing',
  maxWaitTimeInMs: 5_000,
  retry: { initialRetryTimeMs: 1, maxRetryTimeMs: 5 },
};

const partitionsOf = (places: readonly TopicPartition[]): number[] =>
  places.map(({ partition }) => partition).sort();

async function produce({ client }: Subject, partition: number, values: readonly string[]): Promise<void> {
  await client.producer().send({ topic: 'orders', messages: values.map((value) => ({ value, partition })) });
}

/** A member that runs `eachMessage`, and keeps a diary of its partitions. */
async function join(
  { client }: Subject,
  options: ConsumerOptions = {},
  eachMessage: (partition: number, value: string) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly consumer: Consumer; readonly diary: string[] }> {
  const diary: string[] = [];
  const note = (what: string) => (places: readonly TopicPartition[]) => {
    diary.push(`${what} ${partitionsOf(places).join()}`);
  };
  const listener = { onAssigned: note('assigned'), onRevoked: note('revoked'), onLost: note('lost') };
  const consumer = client.consumer({ ...GROUP, listener, ...options });
  await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 60_000,
    eachMessage: async ({ partition, message }) => eachMessage(partition, message.value?.toString() ?? ''),
  });
  return { consumer, diary };
}

const offsetOf = async ({ groups }: Subject, partition: number): Promise<number | undefined> =>
  (await groups.fetchOffsets({ groupId: 'billing' })).find((one) => one.partition === partition)?.offset;

describe.each(CONNECTIONS)('members %s', (connection) => {
  it('share the partitions, and get back those of a member that leaves', async () => {
    const subject = await createSubject(connection);
    const a = await join(subject);
    await until(() => a.consumer.assignment().length === 4, 'all partitions');
    const b = await join(subject);
    await until(() => b.consumer.assignment().length === 2, 'half of the partitions');
    expect(partitionsOf([...a.consumer.assignment(), ...b.consumer.assignment()])).toEqual([0, 1, 2, 3]);
    expect(a.diary).toEqual(['assigned 0,1,2,3', 'revoked 1,3']);
    await b.consumer.disconnect();
    await until(() => a.consumer.assignment().length === 4, 'all partitions again');
    expect(a.diary.at(-1)).toBe('assigned 1,3');
    await subject.client.close();
    expect(subject.groups.members('billing')).toEqual([]);
  });

  it('give a partition up only when the message in hand is processed and committed', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 1, ['a', 'b', 'c']);
    let finish: () => void = () => undefined;
    const seen: string[] = [];
    const a = await join(subject, {}, async (_partition, value) => {
      seen.push(`a:${value}`);
      if (value === 'b') await new Promise<void>((resolve) => (finish = resolve));
    });
    await until(() => seen.length === 2, 'the second message');
    const b = await join(subject, {}, (_partition, value) => {
      seen.push(`b:${value}`);
      return Promise.resolve();
    });
    await until(() => subject.groups.members('billing').length === 2, 'the second member');
    const heartbeats = subject.groups.heartbeats.length;
    await until(() => subject.groups.heartbeats.length > heartbeats + 4, 'more heartbeats');
    expect(await offsetOf(subject, 1)).toBeUndefined();
    expect(partitionsOf(b.consumer.assignment())).not.toContain(1);
    finish();
    await until(() => seen.length === 3, 'the third message');
    expect(seen).toEqual(['a:a', 'a:b', 'b:c']);
    expect(a.diary).toEqual(['assigned 0,1,2,3', 'revoked 1,3']);
    await subject.client.close();
    expect(await offsetOf(subject, 1)).toBe(3);
  });

  it('lose nothing of what was committed ahead by giving a partition up', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 1, ['a', 'b', 'c']);
    let finish: () => void = () => undefined;
    const seen: string[] = [];
    const options = { delivery: 'at-most-once' } as const;
    const a = await join(subject, options, async (_partition, value) => {
      seen.push(`a:${value}`);
      if (value === 'a') await new Promise<void>((resolve) => (finish = resolve));
    });
    await until(() => seen.length === 1, 'the first message');
    await join(subject, options, (_partition, value) => {
      seen.push(`b:${value}`);
      return Promise.resolve();
    });
    await until(() => subject.groups.members('billing').length === 2, 'the second member');
    const heartbeats = subject.groups.heartbeats.length;
    await until(() => subject.groups.heartbeats.length > heartbeats + 4, 'more heartbeats');
    finish();
    await until(() => seen.length === 3, 'the rest');
    expect(seen).toEqual(['a:a', 'b:b', 'b:c']);
    expect(a.diary).toEqual(['assigned 0,1,2,3', 'revoked 1,3']);
    await subject.client.close();
  });

  it('join again after they were fenced, and commit nothing of what they had', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 0, ['a', 'b']);
    const seen: string[] = [];
    let finish: () => void = () => undefined;
    const a = await join(subject, {}, async (_partition, value) => {
      seen.push(value);
      if (seen.length === 2) await new Promise<void>((resolve) => (finish = resolve));
    });
    await until(() => seen.length === 2, 'both messages');
    const [member = ''] = subject.groups.members('billing');
    await subject.groups.expire('billing', member);
    await until(() => a.diary.includes('lost 0,1,2,3'), 'the loss');
    expect(subject.groups.commits).toEqual([]);
    finish();
    await until(() => seen.length === 4, 'both again');
    expect(seen).toEqual(['a', 'b', 'a', 'b']);
    expect(a.diary).toEqual(['assigned 0,1,2,3', 'lost 0,1,2,3', 'assigned 0,1,2,3']);
    expect(subject.groups.members('billing')).toEqual([member]);
    await subject.client.close();
    expect(await offsetOf(subject, 0)).toBe(2);
  });

  it('are refused by hand too what they had before they were fenced, also of partitions that came back', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 0, ['a', 'b']);
    const refusals: unknown[] = [];
    let isBack = false;
    let calls = 0;
    const commit = (partition: number, offset: number) =>
      a.consumer.commitOffsets([{ topic: 'orders', partition, offset }]).catch((error: unknown) => {
        refusals.push(error);
      });
    const a = await join(subject, {}, async () => {
      if (calls++ > 0) return;
      const [member = ''] = subject.groups.members('billing');
      await subject.groups.expire('billing', member);
      await until(() => a.diary.includes('lost 0,1,2,3'), 'the loss');
      await commit(0, 1);
      await until(() => subject.groups.members('billing').length === 1, 'the return');
      await commit(0, 1);
      isBack = true;
    });
    await until(() => isBack, 'the first message');
    await until(() => calls === 3, 'both again');
    expect(refusals).toMatchObject([{ code: 'STALE_MEMBER_EPOCH' }, { code: 'STALE_MEMBER_EPOCH' }]);
    expect(subject.groups.commits).toEqual([]);
    await subject.client.close();
    expect(await offsetOf(subject, 0)).toBe(2);
  });

  it('commit by hand what is theirs, and say what is not', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 0, ['a']);
    const a = await join(subject);
    const b = await join(subject);
    await until(() => b.consumer.assignment().length === 2, 'half of the partitions');
    await until(() => a.consumer.assignment().length === 2, 'the other half');
    const offsets = [0, 1, 2].map((partition) => ({ topic: 'orders', partition, offset: 1 }));
    await expect(a.consumer.commitOffsets(offsets)).rejects.toMatchObject({
      code: 'STALE_MEMBER_EPOCH',
      message: expect.stringMatching(/^orders-1 is not this member's/) as string,
    });
    expect(await Promise.all([0, 1, 2].map((partition) => offsetOf(subject, partition)))).toEqual([1, 0, 1]);
    await subject.client.close();
  });

  it('do not commit again after a failure what they have given up meanwhile', async () => {
    const subject = await createSubject(connection);
    const a = await join(subject, { autoCommit: false });
    await until(() => a.consumer.assignment().length === 4, 'all partitions');
    let fail: (error: BrokerError) => void = () => undefined;
    subject.groups.onCommit = ({ offsets }) =>
      offsets[0]?.metadata === 'slow' ? new Promise((_resolve, reject) => (fail = reject)) : undefined;
    const late = a.consumer.commitOffsets([{ topic: 'orders', partition: 1, offset: 1, metadata: 'slow' }]);
    const outcome = late.catch((error: unknown) => error);
    await until(() => subject.groups.commits.length === 1, 'the commit');
    subject.groups.onCommit = undefined;
    const b = await join(subject);
    await until(() => a.diary.includes('revoked 1,3'), 'the rebalance');
    fail(new BrokerError('THROTTLING_QUOTA_EXCEEDED', 'slow'));
    expect(await outcome).toMatchObject({ code: 'STALE_MEMBER_EPOCH' });
    await until(() => b.consumer.assignment().length === 2, 'half of the partitions');
    expect(await offsetOf(subject, 1)).toBeUndefined();
    await subject.client.close();
  });

  it('commit by a timer that a handler has started, also after a loss', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 0, ['a', 'b']);
    const outcomes: unknown[] = [];
    let next = 0;
    let timer: NodeJS.Timeout | undefined;
    const a = await join(subject, {}, () => {
      next++;
      timer ??= setInterval(() => {
        const commit = a.consumer.commitOffsets([{ topic: 'orders', partition: 0, offset: next }]);
        commit.then(
          () => outcomes.push('committed'),
          () => outcomes.push('refused'),
        );
      }, 5);
      return Promise.resolve();
    });
    await until(() => outcomes.includes('committed'), 'a commit');
    const [member = ''] = subject.groups.members('billing');
    await subject.groups.expire('billing', member);
    await until(() => a.diary.at(-1) === 'assigned 0,1,2,3' && a.diary.length === 3, 'the return');
    outcomes.length = 0;
    await until(() => outcomes.at(-1) === 'committed', 'another commit');
    clearInterval(timer);
    await subject.client.close();
  });

  it('do not commit by a loop what was lost with the record in hand', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 0, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, autoCommit: false, autoOffsetReset: 'earliest' });
    await consumer.subscribe({ topics: ['orders'] });
    const outcomes: unknown[] = [];
    for await (const { topic, partition, offset } of consumer) {
      if (outcomes.length === 0) {
        const [member = ''] = subject.groups.members('billing');
        await subject.groups.expire('billing', member);
        await until(() => consumer.assignment().length === 0, 'the loss');
      }
      const commit = consumer.commitOffsets([{ topic, partition, offset: offset + 1 }]);
      outcomes.push(
        await commit.then(
          () => offset + 1,
          (error: unknown) => (error as BrokerError).code,
        ),
      );
      if (outcomes.length === 3) break;
    }
    expect(outcomes).toEqual(['STALE_MEMBER_EPOCH', 1, 2]);
    await subject.client.close();
  });

  it('commit under a new epoch where theirs was raised meanwhile', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 0, ['a']);
    const seen: string[] = [];
    const { consumer } = await join(subject, {}, (_partition, value) => {
      seen.push(value);
      return Promise.resolve();
    });
    await until(() => seen.length === 1, 'the message');
    await until(() => consumer.position({ topic: 'orders', partition: 0 }) === 1, 'its processing');
    let isBumped = false;
    subject.groups.onCommit = () => {
      if (!isBumped) subject.groups.bump('billing');
      isBumped = true;
    };
    await consumer.commitOffsets();
    expect(await offsetOf(subject, 0)).toBe(1);
    const [refused, taken] = subject.groups.commits.map((commit) => commit.generationOrMemberEpoch);
    expect(taken).toBe((refused ?? 0) + 1);
    await subject.client.close();
  });

  it('leave when nobody takes records for too long, say so at the next poll, and come back', async () => {
    const subject = await createSubject(connection);
    await produce(subject, 0, ['a', 'b']);
    const consumer = subject.client.consumer({ ...GROUP, maxPollIntervalMs: 60 });
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    await first(1, consumer);
    await until(() => subject.groups.members('billing').length === 0, 'the member to leave');
    const error = await first(1, consumer).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BrokerError);
    expect((error as BrokerError).message).toMatch(
      /left group billing, as it took no records for \d+ ms, more than maxPollIntervalMs of 60/,
    );
    const [again] = await first(1, consumer);
    expect(again?.offset).toBe(0);
    expect(subject.groups.members('billing')).toHaveLength(1);
    await subject.client.close();
  });

  it('hear of new topics that match their pattern', async () => {
    const subject = await createSubject(connection);
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ pattern: /ord.*/, fromBeginning: true });
    const record = first(1, consumer);
    await until(() => consumer.assignment().length === 4, 'the assignment');
    await produce(subject, 2, ['a']);
    expect((await record)[0]).toMatchObject({ topic: 'orders', partition: 2 });
    expect(subject.groups.heartbeats[0]).toMatchObject({ subscribedTopicRegex: 'ord.*', memberEpoch: 0 });
    await subject.client.close();
  });

  it('say when they are static that they will be back', async () => {
    const subject = await createSubject(connection);
    const a = await join(subject, { groupInstanceId: 'till-1' });
    await until(() => a.consumer.assignment().length === 4, 'the assignment');
    await a.consumer.disconnect();
    expect(subject.groups.heartbeats.at(-1)).toMatchObject({ memberEpoch: -2, groupInstanceId: 'till-1' });
    await subject.client.close();
  });

  it('throw at the next poll what keeps them out of the group', async () => {
    const subject = await createSubject(connection);
    subject.groups.onHeartbeat = () => {
      throw new BrokerError('GROUP_MAX_SIZE_REACHED', 'the group has 1000 members, at most 1000');
    };
    const consumer = subject.client.consumer(GROUP);
    await consumer.subscribe({ topics: ['orders'] });
    await expect(first(1, consumer)).rejects.toMatchObject({ code: 'GROUP_MAX_SIZE_REACHED' });
    await subject.client.close();
  });

  it('read what they can, and let go of the rest, while the start of a partition cannot be found', async () => {
    let isFailing = true;
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      listOffset: (topic, partition, at) =>
        isFailing && partition === 1
          ? Promise.reject(new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', 'it was deleted'))
          : broker.listOffset(topic, partition, at),
    }));
    for (const partition of [0, 1]) await produce(subject, partition, ['a']);
    const seen: string[] = [];
    const handle = (name: string) => (partition: number, value: string) => {
      seen.push(`${name}:${partition}${value}`);
      return Promise.resolve();
    };
    const a = await join(subject, {}, handle('a'));
    await until(() => seen.length === 1, 'the record of a partition that is well');
    const b = await join(subject, {}, handle('b'));
    await until(() => b.consumer.assignment().length === 2, 'half of the partitions');
    expect(a.diary).toEqual(['assigned 0,1,2,3', 'revoked 1,3']);
    isFailing = false;
    await until(() => seen.length === 2, 'the other record');
    expect(seen).toEqual(['a:0a', 'b:1a']);
    await subject.client.close();
  });

  it('are told once of partitions that were lost before they could be read, and came back', async () => {
    const subject = await createSubject(connection);
    const fetchOffsets = subject.groups.fetchOffsets.bind(subject.groups);
    let answer: (() => void) | undefined;
    subject.groups.fetchOffsets = async (request) => {
      if (answer === undefined) await new Promise<void>((resolve) => (answer = resolve));
      return fetchOffsets(request);
    };
    await produce(subject, 0, ['a']);
    const seen: string[] = [];
    const { diary } = await join(subject, {}, (_partition, value) => {
      seen.push(value);
      return Promise.resolve();
    });
    await until(() => answer !== undefined, 'the question');
    const [member = ''] = subject.groups.members('billing');
    await subject.groups.expire('billing', member);
    await until(() => joinsOf(subject) === 2, 'the return');
    answer?.();
    await until(() => seen.length === 1, 'the record');
    expect(diary).toEqual(['assigned 0,1,2,3']);
    await subject.client.close();
  });

  it('take nothing over while they leave', async () => {
    let fetches = 0;
    const subject = await createSubject(connection, (broker) => ({
      ...broker,
      fetch: (request) => {
        fetches++;
        return broker.fetch(request);
      },
    }));
    let finish: () => void = () => undefined;
    let isLeaving = false;
    const onRevoked = (): Promise<void> => {
      if (!isLeaving) return Promise.resolve();
      return new Promise((resolve) => (finish = resolve));
    };
    const a = await join(subject, { listener: { onRevoked }, maxWaitTimeInMs: 10 });
    const b = await join(subject);
    await until(() => b.consumer.assignment().length === 2, 'half of the partitions');
    await until(() => a.consumer.assignment().length === 2, 'the other half');
    isLeaving = true;
    const closed = a.consumer.disconnect();
    await b.consumer.disconnect();
    const heartbeats = subject.groups.heartbeats.length;
    // It is heard of until its listener has returned, and by then it is told that all is its own.
    await until(() => subject.groups.heartbeats.length > heartbeats + 4, 'more heartbeats');
    finish();
    await closed;
    const fetchesBefore = fetches;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fetches).toBe(fetchesBefore);
    expect(a.consumer.assignment()).toEqual([]);
    await subject.client.close();
  });

  it('end their long polls when they are closed', async () => {
    const subject = await createSubject(connection);
    const { consumer } = await join(subject, { maxWaitTimeInMs: 20_000 });
    await until(() => consumer.assignment().length === 4, 'the assignment');
    const startMs = Date.now();
    await subject.client.close();
    expect(Date.now() - startMs).toBeLessThan(2_000);
  });
});
