// Reading committed offsets.
import { offsetKey, readOffset, type StoredOffset } from '../storage/schema/committed-offset.ts';
import { fetchRight } from './commit-right.ts';
import { checkGroupId } from './group-id.ts';
import { queryAll } from '../storage/query-pages.ts';
import { partitionResolver, topicsNow } from './resolve-partition.ts';
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
    : await ofLiveTopics(deps, await allOffsets(deps, stored.offsetsId));
  return rows.toSorted(byPlace).map(toCommitted);
}

/** Under the ids that the topics have now. */
async function rowsOf(
  { items, topics }: GroupDeps,
  offsetsId: string,
  partitions: NonNullable<FetchOffsetsRequest['partitions']>,
): Promise<readonly StoredOffset[]> {
  const resolve = await partitionResolver(topics, partitions);
  const keys = partitions
    .map(resolve)
    .flatMap((one) => ('error' in one ? [] : [offsetKey(offsetsId, one.topicId, one.partition)]));
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
  return (await queryAll(items, 'offsets', offsetsId, { limit: ROWS_AT_ONCE })).map(readOffset);
}

/** Offsets of a topic that was deleted mean nothing, also where there is a new one of its name. */
export async function ofLiveTopics(
  { topics }: Pick<GroupDeps, 'topics'>,
  rows: readonly StoredOffset[],
): Promise<readonly StoredOffset[]> {
  const found = await topicsNow(topics, rows);
  return rows.filter(({ topic, topicId }) => found.get(topic)?.topicId === topicId);
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
