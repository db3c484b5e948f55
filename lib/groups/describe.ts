// What a group looks like to those who ask: its state, its members, and what they have.
import { assignmentKey, memberKey, readAssignment, readMember } from '../storage/schema/group.ts';
import { slotOf } from './classic-sync-state.ts';
import { topicNamesOf } from './consumer-target-state.ts';
import { stateOf } from './kinds.ts';
import { subscribedTopicsIn } from './consumer-protocol.ts';
import type { ClassicGroup } from '../storage/schema/classic-group.ts';
import type { ConsumerGroup, PartitionsById } from '../storage/schema/consumer-group.ts';
import type { Group } from './group.ts';
import type { GroupDeps } from './group-deps.ts';
import type { AssignedTopic, GroupDescription, GroupListing, MemberDescription } from './groups.ts';
import type { Item, ItemKey, ItemStore } from '../storage/ports/item-store.ts';

/** The protocol type of consumers, as all of Kafka's clients name it. */
export const CONSUMER = 'consumer';

/** One line of a list. */
export const listingOf = (groupId: string, group: Group): GroupListing => ({
  groupId,
  type: group.kind,
  protocolType: group.kind === 'classic' ? group.protocolType : CONSUMER,
  state: stateOf(group),
});

/** All of it. Of classic groups, members' rows are read. */
export async function describe(
  deps: Pick<GroupDeps, 'items'>,
  groupId: string,
  group: Group,
): Promise<GroupDescription> {
  if (group.kind === 'consumer')
    return {
      ...listingOf(groupId, group),
      ...{ generation: group.groupEpoch, assignmentEpoch: group.assignmentEpoch },
      protocolName: group.assignor,
      members: consumerMembers(group),
    };
  return {
    ...listingOf(groupId, group),
    ...{ generation: group.generation, protocolName: group.protocolName, leader: group.leader },
    members: await classicMembers(deps.items, groupId, group),
  };
}

function consumerMembers(group: ConsumerGroup): readonly MemberDescription[] {
  const names = new Map(Object.entries(group.topics).map(([name, { topicId }]) => [topicId, name]));
  const named = (partitions: PartitionsById): readonly AssignedTopic[] =>
    Object.entries(partitions)
      .map(([topicId, list]) => ({ topicId, topic: names.get(topicId) ?? topicId, partitions: list }))
      .toSorted((a, b) => (a.topic < b.topic ? -1 : 1));
  return Object.entries(group.members).map(([memberId, member]) => ({
    ...{ memberId, clientId: member.clientId, clientHost: member.clientHost },
    ...(member.groupInstanceId !== undefined && { groupInstanceId: member.groupInstanceId }),
    ...(member.rackId !== undefined && { rackId: member.rackId }),
    consumer: {
      memberEpoch: member.memberEpoch,
      subscribedTopicNames: topicNamesOf(member),
      ...(member.subscribedTopicRegex !== '' && { subscribedTopicRegex: member.subscribedTopicRegex }),
      // What it gives up is its own still.
      assignment: named(member.assigned),
      targetAssignment: named(member.target),
    },
  }));
}

async function classicMembers(
  items: ItemStore,
  groupId: string,
  group: ClassicGroup,
): Promise<readonly MemberDescription[]> {
  const members = Object.entries(group.members);
  const joins = await rowsOf(
    items,
    members.map(([memberId, { metadataHash }]) => memberKey(groupId, memberId, metadataHash)),
  );
  const assignments =
    group.assignmentsId === ''
      ? []
      : await rowsOf(
          items,
          members.map(([memberId, member]) =>
            assignmentKey(groupId, group.assignmentsId, slotOf(memberId, member)),
          ),
        );
  return members.map(([memberId, { groupInstanceId, clientId, clientHost }], at) => ({
    ...{ memberId, clientId, clientHost },
    ...(groupInstanceId !== undefined && { groupInstanceId }),
    classic: {
      metadata: metadataIn(joins[at], group.protocolName),
      assignment: assignmentIn(assignments[at]),
    },
  }));
}

const NOTHING = new Uint8Array();

const assignmentIn = (row: Item | undefined): Uint8Array => (row ? readAssignment(row) : NOTHING);

const metadataIn = (row: Item | undefined, protocolName: string): Uint8Array =>
  (row && readMember(row).find(({ name }) => name === protocolName)?.metadata) ?? NOTHING;

const ROWS_AT_ONCE = 100;

async function rowsOf(items: ItemStore, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
  const rows: (Item | undefined)[] = [];
  for (let from = 0; from < keys.length; from += ROWS_AT_ONCE)
    rows.push(...(await items.getMany('groups', keys.slice(from, from + ROWS_AT_ONCE))));
  return rows;
}

/** The names of all topics that some member subscribes to. */
export async function subscribedTopics(
  deps: Pick<GroupDeps, 'items'>,
  groupId: string,
  group: Group,
): Promise<ReadonlySet<string>> {
  if (group.kind === 'consumer') return new Set(Object.values(group.members).flatMap(topicNamesOf));
  if (group.protocolType !== CONSUMER) return new Set();
  const members = await classicMembers(deps.items, groupId, group);
  return new Set(members.flatMap(({ classic }) => (classic ? subscribedTopicsIn(classic.metadata) : [])));
}
