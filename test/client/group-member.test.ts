// Heartbeats by the clock: when they are sent, what they tell, and what is told again after an answer was lost.
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import { createSeededDice } from '../../lib/base/seeded-dice.ts';
import { consumerSettingsOf } from '../../lib/client/consumer/consumer-options.ts';
import { GroupMember } from '../../lib/client/consumer/group-member.ts';
import type { AssignedTopic, ConsumerGroupHeartbeatRequest } from '../../lib/groups/groups.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createFakeGroups } from './support/fake-groups.ts';

const TOPIC = { name: 'orders', topicId: 'topic-1', partitions: 2 };
const OWNED = [{ topicId: 'topic-1', partitions: [0, 1] }];

async function createMember({
  reason,
  onFenced,
}: {
  reason?: () => BrokerError | undefined;
  onFenced?: () => void;
} = {}) {
  const clock = createManualClock();
  const groups = createFakeGroups(() => Promise.resolve([TOPIC]), 1_000);
  const events: string[] = [];
  const member = new GroupMember(
    {
      broker: { groups } as never,
      ...{ clock, dice: createSeededDice(1), clientId: 'test', gather: () => Promise.resolve() },
    },
    {
      groupId: 'billing',
      settings: consumerSettingsOf({ groupId: 'billing', sessionTimeout: 9_000, assignor: 'range' }),
      subscription: { topics: ['orders'], pattern: undefined },
      events: {
        onAssignment: (assignment: readonly AssignedTopic[]) =>
          events.push(
            `assigned ${assignment.map(({ topic, partitions }) => `${topic} ${partitions.join()}`).join()}`,
          ),
        onFenced: () => {
          events.push('fenced');
          onFenced?.();
        },
        onOut: ({ code }) => events.push(`out ${code}`),
        reasonToLeave: reason ?? (() => undefined),
      },
    },
  );
  member.start();
  await clock.advance(0);
  return { clock, groups, member, events, sent: groups.heartbeats };
}

const fieldsOf = (request: ConsumerGroupHeartbeatRequest | undefined): string[] =>
  Object.keys(request ?? {}).filter(
    (name) => !['groupId', 'memberId', 'clientId', 'clientHost'].includes(name),
  );

describe('a member of a group', () => {
  it('tells everything when it joins, and nothing while nothing changes', async () => {
    const { clock, sent, events, member } = await createMember();
    expect(sent[0]).toMatchObject({
      ...{ memberEpoch: 0, subscribedTopicNames: ['orders'], ownedPartitions: [] },
      ...{
        rebalanceTimeoutMs: 300_000,
        sessionTimeoutMs: 9_000,
        serverAssignor: 'range',
        memberId: member.memberId,
      },
    });
    expect(events).toEqual(['assigned orders 0,1']);
    await clock.advance(999);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(sent).toHaveLength(2);
    expect(fieldsOf(sent[1])).toEqual(['memberEpoch']);
    expect(sent[1]?.memberEpoch).toBe(1);
  });

  it('tells at once what it owns, until an answer says that it was heard', async () => {
    const { clock, sent, groups, member } = await createMember();
    groups.onHeartbeat = () => {
      throw new BrokerError('REQUEST_TIMED_OUT', 'lost', { outcome: 'unknown' });
    };
    member.own(OWNED);
    await clock.advance(0);
    expect(sent[1]?.ownedPartitions).toEqual(OWNED);
    groups.onHeartbeat = undefined;
    await clock.advance(1_000);
    // Its answer was lost, and with it perhaps an assignment: everything is told again.
    expect(sent[2]).toMatchObject({
      ownedPartitions: OWNED,
      subscribedTopicNames: ['orders'],
      memberEpoch: 1,
    });
    await clock.advance(1_000);
    expect(fieldsOf(sent[3])).toEqual(['memberEpoch']);
  });

  it('joins again at once with nothing in hand when it is fenced', async () => {
    const { clock, sent, groups, member, events } = await createMember();
    member.own(OWNED);
    await clock.advance(0);
    await groups.expire('billing', member.memberId);
    await clock.advance(1_000);
    expect(events).toEqual(['assigned orders 0,1', 'assigned orders 0,1', 'fenced', 'assigned orders 0,1']);
    expect(sent.at(-1)).toMatchObject({ memberEpoch: 0, ownedPartitions: [], memberId: member.memberId });
    expect(member.epoch).toBeGreaterThan(0);
  });

  it('says goodbye also where it is fenced and has not joined again', async () => {
    let left: Promise<void> | undefined;
    const onFenced = () => {
      left = member.leave();
    };
    const { clock, sent, groups, member } = await createMember({ onFenced });
    // The group has it still, at another epoch.
    groups.bump('billing');
    groups.bump('billing');
    await clock.advance(1_000);
    await left;
    expect(sent.map(({ memberEpoch }) => memberEpoch)).toEqual([0, 1, -1]);
    expect(groups.members('billing')).toEqual([]);
  });

  it('leaves instead of being heard of where there is a reason', async () => {
    const reasons: BrokerError[] = [];
    const { clock, sent, groups, events } = await createMember({ reason: () => reasons[0] });
    reasons.push(new BrokerError('UNKNOWN_MEMBER_ID', 'too slow'));
    await clock.advance(1_000);
    expect(sent.at(-1)).toMatchObject({ memberEpoch: -1 });
    expect(groups.members('billing')).toEqual([]);
    await clock.advance(10_000);
    expect(sent).toHaveLength(2);
    expect(events.at(-1)).toBe('out UNKNOWN_MEMBER_ID');
  });

  it('says goodbye also where nobody knows whether it had joined', async () => {
    const { clock, sent, groups, member } = await createMember();
    await groups.expire('billing', member.memberId);
    groups.onHeartbeat = ({ memberEpoch }) => {
      if (memberEpoch === 0) throw new BrokerError('REQUEST_TIMED_OUT', 'lost', { outcome: 'unknown' });
    };
    await clock.advance(1_000);
    await member.leave();
    expect(sent.at(-1)).toMatchObject({ memberEpoch: -1 });
    await clock.advance(60_000);
    expect(sent.at(-1)).toMatchObject({ memberEpoch: -1 });
  });
});
