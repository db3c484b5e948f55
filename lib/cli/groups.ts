// `wadi groups`: lists, shows and deletes consumer groups, and sets their committed offsets, as kafka-consumer-groups does.
import { groupLag } from '../broker/group-lag.ts';
import { commitReset, planReset, type ResetScope, type ResetTarget } from '../broker/reset-offsets.ts';
import { assignedTopicsOf } from '../groups/assigned-partitions.ts';
import { CliError, usageError } from './exit.ts';
import { countOf, formatTable } from './format-text.ts';
import type { ClientBroker } from '../client/client-deps.ts';
import type { GroupDescription } from '../groups/groups.ts';

/** What the commands ask; that is over HTTP, or a broker in this process. */
export type GroupsBroker = Pick<ClientBroker, 'groups' | 'describeTopic' | 'listOffset'>;

/** One line for each group: its id, or all that is known. */
export async function listGroups(
  { groups }: GroupsBroker,
  { json = false, state = false }: { readonly json?: boolean; readonly state?: boolean },
): Promise<readonly string[]> {
  const found = await groups.listGroups();
  if (json) return found.map((group) => JSON.stringify(group));
  if (!state) return found.map(({ groupId }) => groupId);
  return formatTable(
    ['GROUP', 'TYPE', 'PROTOCOL-TYPE', 'STATE'],
    found.map((group) => [group.groupId, group.type, group.protocolType || '-', group.state]),
  );
}

export interface DescribeGroupOptions {
  readonly json?: boolean;
  readonly members?: boolean;
  readonly state?: boolean;
}

/** Offsets and lags of each partition, with the member that has it; or the members, or the state. */
export async function describeGroup(
  broker: GroupsBroker,
  groupId: string,
  options: DescribeGroupOptions,
): Promise<readonly string[]> {
  const group = await broker.groups.describeGroup(groupId);
  if (options.members) return membersOf(group, options);
  if (options.state) return stateOf(group, options);
  const lags = await groupLag(broker, groupId);
  if (options.json) return [JSON.stringify({ groupId, state: group.state, partitions: lags })];
  const noMembers = group.members.length === 0 ? [`${groupId} has no members (${group.state})`] : [];
  return [
    ...noMembers,
    ...formatTable(
      ['TOPIC', 'PARTITION', 'CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG', 'CONSUMER-ID', 'HOST', 'CLIENT-ID'],
      lags.map(({ topic, partition, committedOffset, logEndOffset, lag, member }) => [
        ...[topic, String(partition), textOf(committedOffset), String(logEndOffset), textOf(lag)],
        ...[member?.memberId ?? '-', member?.clientHost ?? '-', member?.clientId ?? '-'],
      ]),
    ),
  ];
}

const textOf = (number: number | undefined): string => (number === undefined ? '-' : String(number));

/** Members of either protocol alike; the column of instance ids is there where some member has one. */
function membersOf({ members, groupId }: GroupDescription, { json = false }: DescribeGroupOptions) {
  // In place of the bytes that classic members have.
  const shown = members.map((member) => ({
    ...member,
    classic: undefined,
    assignment: assignedTopicsOf(member),
  }));
  if (json) return [JSON.stringify({ groupId, members: shown })];
  const hasStatic = shown.some(({ groupInstanceId }) => groupInstanceId !== undefined);
  return formatTable(
    [
      ...['CONSUMER-ID', ...(hasStatic ? ['GROUP-INSTANCE-ID'] : []), 'HOST', 'CLIENT-ID'],
      ...['#PARTITIONS', 'ASSIGNMENT'],
    ],
    shown.map(({ memberId, groupInstanceId, clientHost, clientId, assignment }) => {
      const count = assignment.reduce((sum, { partitions }) => sum + partitions.length, 0);
      const text = assignment.map(({ topic, partitions }) => `${topic}(${partitions.join(',')})`).join(', ');
      const instance = hasStatic ? [groupInstanceId ?? '-'] : [];
      return [memberId, ...instance, clientHost, clientId, String(count), text || '-'];
    }),
  );
}

function stateOf(group: GroupDescription, { json = false }: DescribeGroupOptions): readonly string[] {
  const { groupId, type, state, protocolName, generation, members } = group;
  if (json)
    return [JSON.stringify({ groupId, type, state, protocolName, generation, members: members.length })];
  return formatTable(
    ['GROUP', 'TYPE', 'STATE', 'ASSIGNMENT-STRATEGY', 'GENERATION', '#MEMBERS'],
    [[groupId, type, state, protocolName || '-', String(generation), String(members.length)]],
  );
}

/** Deletes a group, and answers the line to print. */
export async function deleteGroup({ groups }: GroupsBroker, groupId: string): Promise<readonly string[]> {
  await groups.deleteGroup(groupId);
  return [`${groupId} deleted`];
}

export interface ResetOptions {
  /** As `name` or `name:0,1`. */
  readonly topic?: readonly string[];
  readonly allTopics?: boolean;
  readonly toEarliest?: boolean;
  readonly toLatest?: boolean;
  readonly toOffset?: number;
  /** As ISO 8601, or milliseconds. */
  readonly toDatetime?: string;
  readonly shiftBy?: number;
  readonly execute?: boolean;
  readonly json?: boolean;
}

/** Shows what a reset does, and does it with `execute`. */
export async function resetOffsets(
  broker: GroupsBroker,
  groupId: string,
  options: ResetOptions,
): Promise<readonly string[]> {
  const target = targetOf(options);
  const scopes = scopesOf(options);
  const group = await broker.groups.describeGroup(groupId).catch(() => undefined);
  if (options.execute && group && group.members.length > 0) {
    const count = group.members.length;
    throw new CliError(
      `${groupId} has ${countOf(count, 'member')}: offsets are reset while a group has none`,
    );
  }
  const plan = await planReset(broker, groupId, scopes, target);
  if (plan.length === 0) throw new CliError(`${groupId} has committed nothing: name a topic with --topic`);
  if (options.execute) await commitReset(broker, groupId, plan);
  if (options.json)
    return [JSON.stringify({ groupId, isExecuted: options.execute ?? false, partitions: plan })];
  return [
    ...formatTable(
      ['TOPIC', 'PARTITION', 'CURRENT-OFFSET', 'NEW-OFFSET'],
      plan.map(({ topic, partition, committedOffset, newOffset }) => [
        ...[topic, String(partition), textOf(committedOffset), String(newOffset)],
      ]),
    ),
    ...(options.execute ? [] : ['nothing was changed: --execute does it']),
  ];
}

function targetOf(options: ResetOptions): ResetTarget {
  const targets: ResetTarget[] = [];
  if (options.toEarliest) targets.push({ kind: 'earliest' });
  if (options.toLatest) targets.push({ kind: 'latest' });
  if (options.toOffset !== undefined) targets.push({ kind: 'offset', offset: options.toOffset });
  if (options.shiftBy !== undefined) targets.push({ kind: 'shift', by: options.shiftBy });
  if (options.toDatetime !== undefined)
    targets.push({ kind: 'timestamp', timestampMs: parseTime(options.toDatetime) });
  const [target] = targets;
  if (target && targets.length === 1) return target;
  throw usageError(
    `say where to by one of --to-earliest, --to-latest, --to-offset, --to-datetime and --shift-by, got ${targets.length}`,
  );
}

function parseTime(text: string): number {
  const timeMs = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(timeMs)) return timeMs;
  throw usageError(`--to-datetime must be a date as 2026-11-25T12:00:00Z, or milliseconds, got "${text}"`);
}

function scopesOf({ topic = [], allTopics = false }: ResetOptions): readonly ResetScope[] {
  if (allTopics === topic.length > 0) throw usageError('say which partitions by --topic or by --all-topics');
  return topic.map((text) => {
    const [, name, list] = /^([^:]+)(?::(\d+(?:,\d+)*))?$/.exec(text) ?? [];
    if (name === undefined) throw usageError(`--topic must be NAME or NAME:0,1, got "${text}"`);
    return { topic: name, ...(list !== undefined && { partitions: list.split(',').map(Number) }) };
  });
}
