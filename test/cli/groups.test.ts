// `wadi groups` against the HTTP application: what it shows of groups of both protocols, and how it sets offsets.
import { describe, expect, it } from 'vitest';
import type { Broker } from '../../lib/broker/broker.ts';
import { EXIT } from '../../lib/cli/exit.ts';
import { encodeAssignment } from '../../lib/kafka/protocol/consumer-protocol.ts';
import { run } from './support/fake-terminal.ts';
import { startMemoryServer } from './support/memory-server.ts';

const identity = { clientId: 'reader', clientHost: '/10.0.0.1' };

/** `orders` has 3 and 2 records in its two partitions; `g` has committed 1 of the first and nothing of the second. */
async function startServer() {
  const server = await startMemoryServer({ initialRebalanceDelayMs: 0 });
  const url = ['--url', server.url];
  await run(['topics', 'create', 'orders', '--partitions', '2', ...url]);
  await run(['produce', 'orders', '--partition', '0', ...url], { stdin: 'a\nb\nc\n' });
  await run(['produce', 'orders', '--partition', '1', ...url], { stdin: 'd\ne\n' });
  await server.broker.groups.commitOffsets({
    ...{ groupId: 'g', memberId: '', generationOrMemberEpoch: -1 },
    offsets: [{ topic: 'orders', partition: 0, offset: 1 }],
  });
  const groups = (...args: readonly string[]) => run(['groups', ...args, ...url]);
  const committed = async () =>
    Object.fromEntries(
      (await server.broker.groups.fetchOffsets({ groupId: 'g' })).map(({ partition, offset }) => [
        ...[partition, offset],
      ]),
    ) as Record<number, number>;
  return { ...server, groups, committed };
}

/** A static member of a classic group that the group's leader, itself, gives both partitions. */
async function joinClassic({ groups }: Broker, groupId: string): Promise<string> {
  const joined = await groups.joinGroup({
    ...{ ...identity, groupId, memberId: '', groupInstanceId: 'i-1', protocolType: 'consumer' },
    ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 30_000 },
    ...{ requiresKnownMemberId: false, supportsSkippingAssignment: false },
    protocols: [{ name: 'range', metadata: new Uint8Array(2) }],
  });
  if (joined.kind !== 'joined') throw new Error(`the member got ${joined.kind}`);
  const { memberId, generation } = joined;
  const assignment = encodeAssignment(1, { assignedPartitions: [{ topic: 'orders', partitions: [1, 0] }] });
  await groups.syncGroup({ groupId, memberId, generation, assignments: [{ memberId, assignment }] });
  return memberId;
}

const joinConsumer = ({ groups }: Broker, groupId: string, memberId: string) =>
  groups.consumerGroupHeartbeat({
    ...{ ...identity, groupId, memberId, memberEpoch: 0, rebalanceTimeoutMs: 30_000 },
    ...{ subscribedTopicNames: ['orders'], ownedPartitions: [] },
  });

describe('wadi groups', () => {
  it('lists groups, and what they are', async () => {
    await using server = await startServer();
    await joinClassic(server.broker, 'classic');
    await joinConsumer(server.broker, 'consumer', 'member-1');
    expect((await server.groups('list')).output).toBe('classic\nconsumer\ng\n');
    expect((await server.groups('list', '--state')).output).toBe(
      [
        'GROUP     TYPE      PROTOCOL-TYPE  STATE',
        'classic   classic   consumer       Stable',
        'consumer  consumer  consumer       Stable',
        'g         classic   -              Empty',
        '',
      ].join('\n'),
    );
    expect((await server.groups('list', '--json')).output).toContain(
      '{"groupId":"g","type":"classic","protocolType":"","state":"Empty"}\n',
    );
  });

  it('shows what is committed, and how far that is behind', async () => {
    await using server = await startServer();
    const { output } = await server.groups('describe', 'g');
    expect(output).toMatch(
      /^g has no members \(Empty\)\nTOPIC +PARTITION +CURRENT-OFFSET +LOG-END-OFFSET +LAG/,
    );
    expect(output).toMatch(/\norders +0 +1 +3 +2 +- +- +-\n$/);
    expect(JSON.parse((await server.groups('describe', 'g', '--json')).output)).toMatchObject({
      groupId: 'g',
      state: 'Empty',
      partitions: [{ topic: 'orders', partition: 0, committedOffset: 1, logEndOffset: 3, lag: 2 }],
    });
    expect((await server.groups('describe', 'g', '--state')).output).toMatch(
      /\ng +classic +Empty +- +0 +0\n$/,
    );
  });

  it('shows the members of a classic group with what their leader gave them', async () => {
    await using server = await startServer();
    const memberId = await joinClassic(server.broker, 'g');
    expect((await server.groups('describe', 'g', '--members')).output.split('\n')).toEqual([
      expect.stringMatching(/^CONSUMER-ID +GROUP-INSTANCE-ID +HOST +CLIENT-ID +#PARTITIONS +ASSIGNMENT$/),
      `${memberId}  i-1                /10.0.0.1  reader     2            orders(0,1)`,
      '',
    ]);
    expect(JSON.parse((await server.groups('describe', 'g', '--members', '--json')).output)).toEqual({
      groupId: 'g',
      members: [
        {
          ...identity,
          memberId,
          groupInstanceId: 'i-1',
          assignment: [{ topic: 'orders', partitions: [0, 1] }],
        },
      ],
    });
    const lines = (await server.groups('describe', 'g')).output.split('\n');
    expect(lines[1]).toMatch(new RegExp(`^orders +0 +1 +3 +2 +${memberId} +/10.0.0.1 +reader$`));
  });

  it('shows the members of a consumer group, those with nothing too', async () => {
    await using server = await startServer();
    for (const memberId of ['m-1', 'm-2', 'm-3']) await joinConsumer(server.broker, 'c', memberId);
    const { output } = await server.groups('describe', 'c', '--members');
    expect(output).toMatch(
      /^CONSUMER-ID +HOST +CLIENT-ID +#PARTITIONS +ASSIGNMENT\nm-1 +\/10.0.0.1 +reader +2 +orders\(0,1\)\n/,
    );
    expect(output).toMatch(/\nm-3 +\/10.0.0.1 +reader +0 +-\n$/);
  });

  it('deletes groups without members', async () => {
    await using server = await startServer();
    await joinConsumer(server.broker, 'busy', 'm-1');
    expect(await server.groups('delete', 'g', 'busy')).toMatchObject({
      ...{ exitCode: EXIT.failed, output: 'g deleted\n' },
      errors: expect.stringMatching(/^wadi: .*busy.*members/) as string,
    });
    expect((await server.groups('list')).output).toBe('busy\n');
    expect(await server.groups('delete', 'absent')).toMatchObject({ exitCode: EXIT.failed });
  });

  it('says that there is no such group', async () => {
    await using server = await startServer();
    for (const options of [[], ['--members'], ['--state'], ['--json']]) {
      const { exitCode, output, errors } = await server.groups('describe', 'absent', ...options);
      expect([exitCode, output]).toEqual([EXIT.failed, '']);
      expect(errors).toMatch(/^wadi: .*absent.*\n$/);
    }
  });
});

describe('wadi groups reset-offsets', () => {
  it('shows what it would do, and does it with --execute', async () => {
    await using server = await startServer();
    const args = ['reset-offsets', 'g', '--topic', 'orders', '--to-latest'];
    expect((await server.groups(...args)).output).toBe(
      [
        'TOPIC   PARTITION  CURRENT-OFFSET  NEW-OFFSET',
        'orders  0          1               3',
        'orders  1          -               2',
        'nothing was changed: --execute does it',
        '',
      ].join('\n'),
    );
    expect(await server.committed()).toEqual({ 0: 1 });
    const done = await server.groups(...args, '--execute', '--json');
    expect(JSON.parse(done.output)).toMatchObject({ groupId: 'g', isExecuted: true });
    expect(await server.committed()).toEqual({ 0: 3, 1: 2 });
  });

  it.each([
    ['--to-earliest', '', { 0: 0 }],
    ['--to-offset', '2', { 0: 2 }],
    ['--to-offset', '99', { 0: 3 }],
    ['--shift-by', '1', { 0: 2 }],
    ['--shift-by=-5', '', { 0: 0 }],
    ['--to-datetime', '2000-01-01T00:00:00Z', { 0: 0 }],
    ['--to-datetime', '4102444800000', { 0: 3 }],
  ])('goes by %s %s', async (option, value, expected) => {
    await using server = await startServer();
    const args = ['--all-topics', option, ...(value === '' ? [] : [value]), '--execute'];
    expect(await server.groups('reset-offsets', 'g', ...args)).toMatchObject({ exitCode: EXIT.ok });
    expect(await server.committed()).toEqual(expected);
  });

  it('takes the partitions that are named, and a group that is not there yet', async () => {
    await using server = await startServer();
    const args = ['--topic', 'orders:1', '--to-earliest', '--execute'];
    await server.groups('reset-offsets', 'new', ...args);
    expect(await server.broker.groups.fetchOffsets({ groupId: 'new' })).toMatchObject([
      { topic: 'orders', partition: 1, offset: 0 },
    ]);
  });

  it('waits for a group to have no members', async () => {
    await using server = await startServer();
    await joinConsumer(server.broker, 'busy', 'm-1');
    const args = ['--topic', 'orders', '--to-earliest'];
    expect(await server.groups('reset-offsets', 'busy', ...args)).toMatchObject({ exitCode: EXIT.ok });
    expect(await server.groups('reset-offsets', 'busy', ...args, '--execute')).toEqual({
      exitCode: EXIT.failed,
      output: '',
      errors: 'wadi: busy has 1 member: offsets are reset while a group has none\n',
    });
    expect(await server.broker.groups.fetchOffsets({ groupId: 'busy' })).toEqual([]);
  });

  it.each([
    [['--topic', 'orders'], EXIT.usage, 'say where to by one of'],
    [['--topic', 'orders', '--to-latest', '--shift-by', '1'], EXIT.usage, 'and --shift-by, got 2'],
    [['--to-latest'], EXIT.usage, 'say which partitions by --topic or by --all-topics'],
    [['--topic', 'orders', '--all-topics', '--to-latest'], EXIT.usage, 'by --topic or by --all-topics'],
    [['--topic', 'orders:x', '--to-latest'], EXIT.usage, '--topic must be NAME or NAME:0,1, got "orders:x"'],
    [['--topic', 'orders:0:1', '--to-latest'], EXIT.usage, 'got "orders:0:1"'],
    [['--topic', 'orders:', '--to-latest'], EXIT.usage, 'got "orders:"'],
    [['--topic', 'orders', '--to-datetime', 'noon'], EXIT.usage, '--to-datetime must be a date as'],
    [['--topic', 'orders', '--to-offset', '-1'], EXIT.usage, '--to-offset'],
    [['--topic', 'orders:2', '--to-latest'], EXIT.failed, 'topic orders has partitions 0 to 1, got 2'],
    [['--topic', 'absent', '--to-latest'], EXIT.failed, 'absent'],
    [['--topic', 'orders', '--shift-by', '1'], EXIT.failed, 'nothing is committed for orders-1'],
  ])('refuses %j', async (args, exitCode, message) => {
    await using server = await startServer();
    const refused = await server.groups('reset-offsets', 'g', ...args, '--execute');
    expect(refused).toMatchObject({ exitCode, output: '' });
    expect(refused.errors).toContain(message);
    expect(await server.committed()).toEqual({ 0: 1 });
  });

  it('has nothing to reset where nothing is committed', async () => {
    await using server = await startServer();
    const { errors } = await server.groups('reset-offsets', 'empty', '--all-topics', '--to-latest');
    expect(errors).toBe('wadi: empty has committed nothing: name a topic with --topic\n');
  });
});
