// The checks of consumer groups can fail: each is given the smallest history that it must not accept, and one that it must.
import { describe, expect, it } from 'vitest';
import * as checks from './checks/groups.ts';
import { emptyClassicGroup, type ClassicGroup } from '../../lib/storage/schema/classic-group.ts';
import type { Beaten, Committed, Delivered, FinalPartition, History, OffsetRead } from './history.ts';

const place = { group: 'classic', memberId: 'm', partition: 0 } as const;

const committed = (offset: number, more: Partial<Committed> = {}): Committed => ({
  ...{ ...place, kind: 'commit', actor: 'a', startStep: 10, endStep: 20, outcome: 'ok', epoch: 1, offset },
  ...more,
});

const offsetRead = (offset: number, more: Partial<OffsetRead> = {}): OffsetRead => ({
  ...{ ...place, kind: 'readOffset', actor: 'a', startStep: 30, endStep: 40, outcome: 'ok', offset },
  ...more,
});

const delivered = (
  firstOffset: number,
  values: readonly string[],
  more: Partial<Delivered> = {},
): Delivered => ({
  ...{ ...place, kind: 'deliver', actor: 'a', startStep: 5, endStep: 5, outcome: 'ok', firstOffset, values },
  ...more,
});

const told = (assigned: readonly number[], more: Partial<Beaten> = {}): Beaten => ({
  ...{ group: 'classic', memberId: 'm', kind: 'beat', actor: 'a', startStep: 1, endStep: 9, outcome: 'ok' },
  ...{ sentEpoch: 0, epoch: 1, servedId: 'm', assigned },
  ...more,
});

const final = (values: readonly string[]): FinalPartition => ({
  ...{ topic: 'main', partition: 0, values },
  timestampsMs: values.map(() => 10),
  sequences: values.map(() => undefined),
});

const groupOf = (generation: number, ...memberIds: string[]): ClassicGroup => ({
  ...emptyClassicGroup(0),
  ...{ state: 'Stable', generation },
  members: Object.fromEntries(memberIds.map((memberId) => [memberId, member])),
});

const member: ClassicGroup['members'][string] = {
  ...{ groupInstanceId: undefined, clientId: 'c', clientHost: '/127.0.0.1', sessionTimeoutMs: 1 },
  ...{
    rebalanceTimeoutMs: 1,
    protocolNames: ['bytes'],
    metadataHash: 'x',
    hasJoined: false,
    hasSynced: true,
  },
};

const version = (fromStep: number, value: ClassicGroup | undefined) => ({
  group: 'classic',
  fromStep,
  value,
});
const wrote = (atStep: number, offset: number) => ({
  ...{ group: 'classic', partition: 0, atStep },
  value: { offset },
});

const history = (events: History['events'], more: Partial<History> = {}): History => ({
  ...{ events, groupVersions: [], offsetVersions: [], final: [] },
  ...more,
});

const stable = [version(1, groupOf(1, 'm'))];
const replaced = [...stable, version(12, groupOf(2, 'n'))];

type Case = readonly [
  what: string,
  check: (history: History) => readonly string[],
  bad: History,
  good: History,
];

const CASES: readonly Case[] = [
  [
    'a commit of one who was never a member while it was under way',
    checks.checkStaleCommits,
    history([committed(3)], { groupVersions: [version(1, groupOf(2, 'm'))] }),
    history([committed(3)], { groupVersions: stable }),
  ],
  [
    'a commit that was stored when its sender was no member any more',
    checks.checkOffsetWrites,
    history([committed(3)], { groupVersions: replaced, offsetVersions: [wrote(15, 3)] }),
    history([committed(3)], { groupVersions: replaced, offsetVersions: [wrote(11, 3)] }),
  ],
  [
    'a commit that came late',
    checks.checkOffsetWrites,
    history([committed(3), committed(5)], {
      groupVersions: stable,
      offsetVersions: [wrote(11, 5), wrote(15, 3)],
    }),
    history([committed(3), committed(5)], {
      groupVersions: stable,
      offsetVersions: [wrote(11, 3), wrote(15, 5)],
    }),
  ],
  [
    'an offset that is read below one that was committed',
    checks.checkCommitted,
    history([committed(3), committed(5), offsetRead(3)]),
    history([committed(3), committed(5), offsetRead(5)]),
  ],
  [
    'an offset that is read and that nobody committed',
    checks.checkCommitted,
    history([committed(3), offsetRead(4)]),
    history([committed(3), committed(4, { outcome: 'unknown' }), offsetRead(4)]),
  ],
  [
    'a record that was passed over',
    checks.checkAtLeastOnce,
    history([delivered(1, ['b']), offsetRead(2)], { final: [final(['a', 'b'])] }),
    history([delivered(0, ['a', 'b']), offsetRead(2)], { final: [final(['a', 'b'])] }),
  ],
  [
    'a record that was never delivered',
    checks.checkAtLeastOnce,
    history([delivered(0, ['a']), offsetRead(1)], { final: [final(['a', 'b'])] }),
    history([delivered(0, ['a']), offsetRead(1)], { final: [final(['a'])] }),
  ],
  [
    'a record that was delivered twice',
    checks.checkAtMostOnce,
    history([delivered(0, ['a'], { group: 'hasty' }), delivered(0, ['a'], { group: 'hasty' })]),
    history([delivered(0, ['a'], { group: 'hasty' }), delivered(1, ['b'], { group: 'hasty' })]),
  ],
  [
    'a record that is not the one in the log',
    checks.checkDelivered,
    history([delivered(0, ['b'])], { final: [final(['a'])] }),
    history([delivered(0, ['a'])], { final: [final(['a'])] }),
  ],
  [
    'a generation in which a partition is nobody’s',
    checks.checkGenerations,
    history([told([0])], { groupVersions: stable }),
    history([told([0, 1, 2])], { groupVersions: stable }),
  ],
  [
    'a member that was told something else than the leader gave it',
    checks.checkTold,
    history([told([]), told([0, 1, 2], { memberId: 'n', servedId: 'n', gave: { m: [0], n: [0, 1, 2] } })]),
    history([told([0], { gave: { m: [0] } })]),
  ],
];

describe('the checks of groups', () => {
  it.each(CASES)('find %s', (_what, check, bad, good) => {
    expect(check(bad)).not.toEqual([]);
    expect(check(good)).toEqual([]);
  });
});
