// Rolling: moving the oldest entries of a tail into a page, and idle producers into rows of their own.
import { add, remove, removeFirst, set, setIfAbsent } from '../storage/ports/action.ts';
import { absent, all, any, atMost, equals } from '../storage/ports/condition.ts';
import { HEAD, headKey, readHead, type Head } from '../storage/schema/head.ts';
import { pageItem, pageOf, readPage, type Page } from '../storage/schema/log-index.ts';
import { SPILLED, spilledItem, unpackProducerState } from '../storage/schema/producer-state.ts';
import { unpackTailEntry } from '../storage/schema/tail-entry.ts';
import { chooseSpills } from './head-state.ts';
import { isOpen } from './partitions.ts';
import type { LogDeps } from './log-deps.ts';

/** How many entries stay in the tail. */
export interface RollOptions {
  readonly keep: number;
}

/**
 * Moves the tail that `view` shows into a page, but for the newest `keep` entries. Safe to repeat, to race with others and to stop halfway:
 * the page is put if absent, a page already there is adopted with its own length (helping), and the tail is cut only
 * where it still starts as the view says. Answers the head after the cut, or undefined where another roller was first.
 */
export async function roll(deps: LogDeps, view: Head, { keep }: RollOptions): Promise<Head | undefined> {
  const count = view.tail.length - keep;
  if (count <= 0) return undefined;
  const page = await putPage(deps, view, pageOf(view.tailStart, view.tail, count));
  const spills = await putSpilled(deps, view);
  const cut = await cutTail(deps, view, page, spills);
  if (cut !== 'guarded') return cut;
  const again = await cutTail(deps, view, page, []);
  return again === 'guarded' ? undefined : again;
}

async function putPage({ items, clock, limits }: LogDeps, view: Head, page: Page): Promise<Page> {
  const item = pageItem(view.partitionId, page, clock.now() + limits.hotExpiryMs);
  const put = await items.put('log-index', item, absent('pk'));
  return !put.applied && put.current ? readPage(put.current) : page;
}

/** Puts the states that the cut will remove, never over a later one. Answers their producers. */
async function putSpilled({ items, clock, limits }: LogDeps, view: Head): Promise<readonly string[]> {
  const keys = chooseSpills(view, limits);
  const expiresAtMs = clock.now() + limits.producerExpirationMs;
  await Promise.all(
    keys.map((key) => {
      const state = unpackProducerState(view.producers[key] ?? new Uint8Array());
      const isForward = any(absent('pk'), atMost(SPILLED.fence, state.fence));
      return items.put('producers', spilledItem(view.partitionId, key, state, expiresAtMs), isForward);
    }),
  );
  return keys;
}

/** `guarded`: a producer to be removed has appended since the view. */
async function cutTail(
  { items }: LogDeps,
  view: Head,
  page: Page,
  spills: readonly string[],
): Promise<Head | undefined | 'guarded'> {
  const oldest = page.tail[0];
  const guards = spills.map((key) => equals([HEAD.producers, key], view.producers[key] ?? null));
  const actions = [
    removeFirst(HEAD.tail, page.tail.length),
    set(HEAD.tailStart, page.endOffset),
    ...(oldest ? [setIfAbsent(HEAD.unsealedSince, unpackTailEntry(oldest).writtenAtMinutes)] : []),
    ...spills.map((key) => remove([HEAD.producers, key])),
    ...(spills.length > 0 ? [add(HEAD.spills, 1)] : []),
  ];
  const isAsSeen = all(...isOpen, equals(HEAD.tailStart, page.startOffset), ...guards);
  const cut = await items.update('heads', headKey(view.partitionId), actions, isAsSeen);
  const head = cut.applied ? cut.item : cut.current;
  const after = head && readHead(head);
  if (cut.applied) return after;
  return spills.length > 0 && after?.tailStart === page.startOffset ? 'guarded' : undefined;
}
