// Reading committed offsets.
import { offsetKey, readOffset, type StoredOffset } from '../storage/schema/committed-offset.ts';
import { fetchRight } from './commit-right.ts';
import { checkGroupId } from './group-id.ts';
import { resolvePartition } from './resolve-partition.ts';
import type { Coordinator } from './coordinator.ts';
import type { CommittedOffset, FetchOffsetsRequest } from './groups.ts';
import type { GroupDeps } from './group-deps.ts';
import type { Item } from '../storage/ports/item-store.ts';

const KEYS_AT_ONCE = 100;
const ROWS_AT_ONCE = 1_000;

/** In the order of topics and partitions. Throws as Groups.fetchOffsets. */
export async function fetchOffsets(
  coordinator: Coordinator,
  request: FetchOffsetsRequest,
): Promise<readonly CommittedOffset[]> {
  const { deps } = coordinator;
  checkGroupId(deps.limits, request.groupId);
  const stored = await coordinator.read(request.groupId);
  fetchRight(stored, request);
  if (!stored) return [];
  const rows = request.partitions
    ? await rowsOf(deps, stored.offsetsId, request.partitions)
    : await allOffsets(deps, stored.offsetsId);
  return (await ofLiveTopics(deps, rows)).toSorted(byPlace).map(toCommitted);
}

async function rowsOf(
  { items, topics }: GroupDeps,
  offsetsId: string,
  partitions: NonNullable<FetchOffsetsRequest['partitions']>,
): Promise<readonly StoredOffset[]> {
  const resolved = await Promise.all(partitions.map((one) => resolvePartition(topics, one)));
  const keys = resolved.flatMap((one) =>
    'error' in one ? [] : [offsetKey(offsetsId, one.topicId, one.partition)],
  );
  const unique = [...new Map(keys.map((key) => [key.sk, key])).values()];
  const found: (Item | undefined)[] = [];
  for (let from = 0; from < unique.length; from += KEYS_AT_ONCE)
    found.push(...(await items.getMany('offsets', unique.slice(from, from + KEYS_AT_ONCE))));
  return found.flatMap((item) => (item ? [readOffset(item)] : []));
}

/** Everything that a group has committed, of topics that are gone too. */
export async function allOffsets(
  { items }: Pick<GroupDeps, 'items'>,
  offsetsId: string,
): Promise<readonly StoredOffset[]> {
  const rows: StoredOffset[] = [];
  for (let after = '!'; ;) {
    const page = await items.query('offsets', offsetsId, { between: [after, '~'], limit: ROWS_AT_ONCE });
    rows.push(...page.map(readOffset));
    if (page.length < ROWS_AT_ONCE) return rows;
    after = `${page.at(-1)?.['sk'] as string}!`;
  }
}

/** Offsets of a topic that was deleted mean nothing, also where there is a new one of its name. */
export async function ofLiveTopics(
  { topics }: Pick<GroupDeps, 'topics'>,
  rows: readonly StoredOffset[],
): Promise<readonly StoredOffset[]> {
  const names = [...new Set(rows.map(({ topic }) => topic))];
  const found = await Promise.all(names.map(async (name) => [name, await topics.findNow(name)] as const));
  const ids = new Map(found.map(([name, topic]) => [name, topic?.topicId]));
  return rows.filter(({ topic, topicId }) => ids.get(topic) === topicId);
}

const byPlace = (a: StoredOffset, b: StoredOffset): number =>
  a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition;

const toCommitted = ({
  topic,
  topicId,
  partition,
  offset,
  leaderEpoch,
  metadata,
  committedAtMs,
}: StoredOffset): CommittedOffset => ({
  ...{ topic, topicId, partition, offset, leaderEpoch, metadata, committedAtMs },
});
