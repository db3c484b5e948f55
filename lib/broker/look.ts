// One look at the places of a fetch: the topics they are of, the heads of all of them at once, and what there is to read.
import { unpackTailEntry } from '../storage/schema/tail-entry.ts';
import { partitionIdOf } from '../storage/schema/head.ts';
import { unknownPartition } from '../log/partitions.ts';
import { checkPartition, checkTopicId, inTermsOf, isStale, type TopicLookup } from './topic-lookup.ts';
import type { ByteShare, FetchedPlace } from './fetched-place.ts';
import type { Log } from '../log/log.ts';

export interface LookDeps {
  readonly log: Log;
  readonly lookup: TopicLookup;
}

/** What a look fills. */
export interface Answer {
  readonly share: ByteShare;
  /** With so many bytes no place is read twice. */
  readonly enoughBytes: number;
}

/** Partitions that are read at the same time: as many as their bytes have room for, and no more than these. */
const READS_AT_ONCE = 16;

/** Finds the partitions of places; those of which there are none fail. */
export async function resolvePlaces({ lookup }: LookDeps, places: readonly FetchedPlace[]): Promise<void> {
  await Promise.all(
    places.map(async (place) => {
      const { topic: name, partition, topicId } = place.request;
      try {
        const topic = checkPartition(await lookup.find(name), partition);
        checkTopicId(topic, topicId);
        place.partitionId = partitionIdOf(topic.topicId, partition);
      } catch (error) {
        place.error = error;
      }
    }),
  );
}

/**
 * Looks at places, whose partitions were found, and takes what there is. Failures are the places' own. Where a topic turns
 * out to have been deleted or made anew, it is looked up once more.
 */
export async function look(deps: LookDeps, places: readonly FetchedPlace[], answer: Answer): Promise<void> {
  await lookOnce(deps, places, answer);
  const stale = places.filter(({ error }) => error !== undefined && isStale(error));
  if (stale.length > 0) {
    for (const place of stale) {
      deps.lookup.drop(place.request.topic);
      place.error = undefined;
      place.partitionId = undefined;
    }
    await resolvePlaces(deps, stale);
    await lookOnce(deps, stale, answer);
  }
  for (const place of places) {
    const { topic: name, partition } = place.request;
    if (place.error !== undefined)
      place.error = inTermsOf(place.partitionId, `${name}-${partition}`, place.error);
  }
}

async function lookOnce(deps: LookDeps, places: readonly FetchedPlace[], answer: Answer): Promise<void> {
  const found = places.filter(({ isFailed }) => !isFailed);
  await seeHeads(deps, found);
  await readPlaces(
    deps,
    found.filter((place) => !place.isFailed && place.nextOffset !== place.highWatermark),
    answer,
  );
}

/** One request for all; where it fails, each is asked for by itself, and fails by itself. */
async function seeHeads({ log }: LookDeps, places: readonly FetchedPlace[]): Promise<void> {
  const ids = places.map(({ partitionId }) => partitionId ?? '');
  const heads = await log.heads(ids).catch(() => undefined);
  const seeing = places.map(async (place, at) => {
    const partitionId = ids[at] ?? '';
    try {
      const head = heads ? heads[at] : (await log.heads([partitionId]))[0];
      if (!head) throw unknownPartition(partitionId);
      place.see(head);
    } catch (error) {
      place.error = error;
    }
  });
  await Promise.all(seeing);
}

/** Reads places in their order, some at a time, until the bytes are used up. */
async function readPlaces(
  { log }: LookDeps,
  places: readonly FetchedPlace[],
  { share, enoughBytes }: Answer,
): Promise<void> {
  const queue = [...places];
  while (queue.length > 0 && (share.leftBytes > 0 || share.takenBytes === 0)) {
    const some = queue.splice(0, countWithin(queue, share));
    const results = await Promise.all(some.map((place) => readPlace(log, place, share.leftBytes)));
    for (const [at, place] of some.entries()) {
      const result = results[at];
      if (!result) continue;
      const tookAll = place.take(result, share);
      // What is in several segments and pages is read piece by piece.
      const mayHaveMore = tookAll && !place.mayGrow && place.roomBytes > 0;
      if (mayHaveMore && share.takenBytes < enoughBytes) queue.push(place);
    }
  }
}

async function readPlace(log: Log, place: FetchedPlace, leftBytes: number) {
  const { head, partitionId = '', nextOffset: offset, roomBytes } = place;
  place.head = undefined;
  const maxBytes = Math.max(1, Math.min(roomBytes, leftBytes));
  try {
    return await log.read(partitionId, { offset, maxBytes, ...(head && { head }) });
  } catch (error) {
    // What was taken before is answered; the next fetch tells of the failure.
    if (place.isEmpty) place.error = error;
    return undefined;
  }
}

/** How many of the places are read at once, so that what is read has room in the answer. */
function countWithin(places: readonly FetchedPlace[], { leftBytes }: ByteShare): number {
  let bytes = 0;
  let count = 0;
  for (const place of places.slice(0, READS_AT_ONCE)) {
    bytes += Math.min(place.roomBytes, availableBytes(place));
    if (count > 0 && bytes > leftBytes) break;
    count++;
  }
  return count;
}

/** What a place can give at the most, as far as its head tells: the bytes of a tail. */
function availableBytes({ head, nextOffset }: FetchedPlace): number {
  if (!head || nextOffset < head.tailStart) return Infinity;
  return head.tail.reduce((sum, packed) => sum + unpackTailEntry(packed).byteLength, 0);
}
