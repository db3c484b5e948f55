// Fetching of many partitions, with a long poll: answer at once where there is enough, else wait once for any of them.
import { toBrokerError, type BrokerError } from '../base/errors.ts';
import { look, resolvePlaces, type Answer, type LookDeps } from './look.ts';
import { FetchedPlace } from './fetched-place.ts';
import type { KeyWatch, WaitOptions, Watch } from '../base/key-watch.ts';
import type { FetchedBatches, FetchManyOptions, FetchRequest, PartitionFetch } from './broker.ts';
import type { HeadPoll } from './head-poll.ts';

export interface FetchDeps extends LookDeps {
  readonly watch: KeyWatch;
  readonly poll: HeadPoll;
}

/** Throws as Broker.fetch does. */
export async function fetchOne(deps: FetchDeps, request: FetchRequest): Promise<FetchedBatches> {
  const { maxBytes, maxWaitMs, signal } = request;
  const options = { minBytes: 1, maxBytes, maxWaitMs, ...(signal && { signal }) };
  const [place] = await fetchPlaces(deps, [request], options);
  if (place && !place.isFailed) return place.result();
  throw place?.error;
}

/** Answers as Broker.fetchMany does. */
export async function fetchMany(
  deps: FetchDeps,
  requests: readonly PartitionFetch[],
  options: FetchManyOptions,
): Promise<readonly (FetchedBatches | BrokerError)[]> {
  const places = await fetchPlaces(deps, requests, options);
  return places.map((place) => (place.isFailed ? toBrokerError(place.error) : place.result()));
}

async function fetchPlaces(
  deps: FetchDeps,
  requests: readonly PartitionFetch[],
  { minBytes, maxBytes, maxWaitMs, signal }: FetchManyOptions,
): Promise<readonly FetchedPlace[]> {
  const { clock, dice } = deps.log.deps;
  const deadlineMs = clock.now() + maxWaitMs;
  const places = requests.map((request) => new FetchedPlace(request));
  const answer: Answer = { share: { leftBytes: maxBytes, takenBytes: 0 }, enoughBytes: minBytes };
  await resolvePlaces(deps, places);
  let candidates: readonly FetchedPlace[] = places;
  // Whoever comes first may use up all bytes, so with each request it is another one.
  let due = rotate(places, dice.random());
  for (;;) {
    const ids = new Set(candidates.flatMap(({ partitionId }) => partitionId ?? []));
    const watch = deps.watch.watch(...ids);
    try {
      await look(deps, due, answer);
      candidates = candidates.filter(({ mayGrow }) => mayGrow);
      const isEnough = places.some(({ isFailed }) => isFailed) || answer.share.takenBytes >= minBytes;
      const leftMs = deadlineMs - clock.now();
      if (isEnough || candidates.length === 0 || leftMs <= 0 || signal?.aborted) return places;
      // A topic that was made anew meanwhile has other partitions.
      due = candidates.filter(({ partitionId }) => !ids.has(partitionId ?? ''));
      if (due.length > 0) continue;
      await waitForAny(deps, watch, candidates, { durationMs: leftMs, ...(signal && { signal }) });
      due = candidates.filter(({ partitionId }) => watch.woken.has(partitionId ?? ''));
    } finally {
      watch.stop();
    }
  }
}

const rotate = <T>(all: readonly T[], random: number): readonly T[] => {
  const from = Math.floor(random * all.length);
  return [...all.slice(from), ...all.slice(0, from)];
};

async function waitForAny(
  { poll }: FetchDeps,
  watch: Watch,
  places: readonly FetchedPlace[],
  options: WaitOptions,
): Promise<void> {
  const stop = poll.follow(
    new Map(places.map(({ partitionId, highWatermark }) => [partitionId ?? '', highWatermark])),
  );
  try {
    await watch.wait(options);
  } finally {
    stop();
  }
}
