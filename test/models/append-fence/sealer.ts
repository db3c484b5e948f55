// Sealing pages into segments and merging segments, serialised by the state row, and removing pages that are sealed.
import { placeEntries, rowOf, type Entry, type Head, type LogState, type Row } from './log.ts';
import { ask, look, type Actor } from './network.ts';
import type { World } from './world.ts';

/** One pass, which ends where no answer comes: raises a head that is behind, seals what some pages hold, and perhaps raises the head again. */
export function* sealNow(world: World): Actor {
  const { rules, dice } = world;
  const head = yield* look('getHead', (table) => table.head);
  const state = yield* look('getState', (table) => table.state);
  if (head?.status !== 'open' || !state) return;
  if (head.sealedEnd < state.sealedEnd) yield* raise(state.sealedEnd);
  const segment = yield* planSegment(world, head, state);
  if (!segment) return;
  yield* put(world, segment, state.version);
  if (dice.chance(0.3)) return;
  const after = yield* look('getState', (table) => table.state);
  if (after) yield* raise(rules.raiseFromState ? after.sealedEnd : segment.end);
}

const raise = (sealedEnd: number) => ask('raise', (table) => table.raise(sealedEnd), sealedEnd);

/** A segment may end within a page. */
function* planSegment({ dice }: World, head: Head, { sealedEnd }: LogState): Actor<Row | undefined> {
  const entries: Entry[] = [];
  let at = sealedEnd;
  for (let pages = 1 + dice.pick(3); pages > 0 && at < head.tailStart; pages--) {
    const from = at;
    const page = yield* look('pageAt', (table) => table.pageAt(from));
    if (!page?.row) break;
    const { row } = page;
    for (const { offset, entry } of placeEntries(row)) if (offset >= from) entries.push(entry);
    at = row.end;
  }
  if (entries.length === 0) return undefined;
  return rowOf(sealedEnd, entries.slice(0, 1 + dice.pick(entries.length)));
}

function* put({ rules }: World, segment: Row, version: number): Actor {
  if (rules.sealAtomic) {
    yield* ask('seal', (table) => table.seal(segment, version), { segment, version });
    return;
  }
  yield* ask('putSegment', (table) => table.putSegment(segment));
  yield* ask('putState', (table) => table.putState(segment.end, version));
}

/** Merges two neighbouring segments. */
export function* mergeNow({ dice }: World): Actor {
  const state = yield* look('getState', (table) => table.state);
  const segments = yield* look('getSegments', (table) => [...table.segments.values()]);
  if (!state || !segments || segments.length < 2) return;
  const first = dice.one(segments);
  const second = segments.find(({ start }) => start === first.end);
  if (second) yield* ask('merge', (table) => table.merge(first, second, state.version));
}

/** Removes some of the pages that are sealed, in requests that nobody waits for. */
export function* collectNow({ rules, dice, network }: World): Actor {
  const head = yield* look('someHead', (table) => table.someHead());
  const state = yield* look('getState', (table) => table.state);
  const pages = yield* look('getPages', (table) => [...table.pages.values()]);
  if (!head || !state || !pages) return;
  const sealedEnd = rules.collectByHead ? head.sealedEnd : state.sealedEnd;
  for (const { start, end } of pages) {
    const isSealed = end <= sealedEnd;
    if (!isSealed || dice.chance(0.3)) continue;
    network.post({
      name: 'deletePage',
      isWrite: true,
      detail: start,
      apply: (table) => table.deletePage(start),
    });
  }
}
