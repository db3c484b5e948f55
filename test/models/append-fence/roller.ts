// Rolling: moving the oldest entries of the tail into a page, and idle producers into rows.
import { rowOf, type Head } from './log.ts';
import { ask, look, type Actor } from './network.ts';
import type { World } from './world.ts';

/** Moves the oldest entries of the view's tail to a page, and perhaps its least recently used producers to rows. */
export function* roll({ rules, workload, dice }: World, view: Head): Actor {
  const { length } = view.tail;
  const count = workload.isWholeRoll ? 1 + dice.pick(length) : Math.ceil(length / 2);
  const planned = rowOf(view.tailStart, view.tail.slice(0, count));
  const there = yield* ask('putPage', (table) => table.putPage(planned), planned);
  if (!there) return;
  const page = rules.helping ? there : planned;

  const states = Object.entries(view.producers).map(([pid, state]) => ({ pid, state }));
  states.sort((a, b) => a.state.fence - b.state.fence);
  const moved = states.slice(0, dice.pick(Math.max(0, states.length - workload.producersKept) + 1));
  const put = ({ pid, state }: (typeof moved)[number]) =>
    ask('putSpilled', (table) => table.putSpilled(pid, state), { pid, state });
  if (rules.spillFirst) for (const each of moved) if (!(yield* put(each))) return;
  const cut = yield* ask('cut', (table) => table.cut(page, moved), { page, moved });
  if (!rules.spillFirst && cut?.isApplied) for (const each of moved) yield* put(each);
  const isGuarded = cut?.isApplied === false && moved.length > 0 && cut.head.tailStart === page.start;
  if (isGuarded) yield* ask('cut', (table) => table.cut(page, []), { page });
}

/** Rolls without being asked by a full tail. */
export function* rollNow(world: World): Actor {
  const view = yield* look('getHead', (table) => table.head);
  if (view?.status === 'open' && view.tail.length > 1) yield* roll(world, view);
}
