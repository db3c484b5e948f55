// Changes to the code under test, made while it is loaded and nowhere else: mutants, each of which takes one rule away, and
// probes, which count how often a rare path is taken. A patch whose text is not there exactly once is an error.
import { registerHooks } from 'node:module';

export interface Patch {
  readonly name: string;
  /** Below lib/. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Mutant extends Patch {
  /** What it does harm to is rare: it is given so many times as many seeds as the others. */
  readonly rarity?: number;
}

/** Each takes a safety rule away; a simulation that does not notice proves nothing. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'contains',
    file: 'log/head-state.ts',
    find: '      notContains(HEAD.tail, packedEntry),\n',
    replace: '',
  },
  {
    name: 'fence',
    file: 'log/head-state.ts',
    find: '      atMost(HEAD.tailStart, view.nextSeen),\n',
    replace: '',
  },
  {
    name: 'retired',
    file: 'log/head-state.ts',
    find:
      '      absent(HEAD.retired),\n      atMost(HEAD.tailStart, view.nextSeen),\n' +
      '      sizeBelow(HEAD.tail, limits.tailEntriesMax),\n      notContains(HEAD.tail, packedEntry),\n',
    replace: '',
  },
  {
    name: 'tail maximum',
    file: 'log/head-state.ts',
    find: '      sizeBelow(HEAD.tail, limits.tailEntriesMax),\n',
    replace: '',
  },
  {
    name: 'whole state',
    file: 'log/head-state.ts',
    find: '    packedState ? equals([HEAD.producers, key], packedState) : absent([HEAD.producers, key]),',
    replace: '    packedState ? atMost(HEAD.format, 1) : absent([HEAD.producers, key]),',
  },
  {
    name: 'spilled absent',
    file: 'log/head-state.ts',
    find: '    packedState ? equals([HEAD.producers, key], packedState) : absent([HEAD.producers, key]),',
    replace: '    packedState ? equals([HEAD.producers, key], packedState) : atMost(HEAD.format, 1),',
  },
  {
    name: 'spill fence',
    file: 'log/head-state.ts',
    find: '      ...(reliesOnSpilled ? [equals(HEAD.spills, view.spillsSeen)] : []),\n',
    replace: '',
  },
  {
    name: 'recheck',
    file: 'log/commit.ts',
    find: '  if (entry && commit.wasTried) {',
    replace: '  if (entry && commit.failures < 0) {',
  },
  {
    name: 'new view',
    file: 'log/commit.ts',
    find: '  const needsNewView = !commit.isViewNew &&',
    replace: '  const needsNewView = commit.failures < 0 &&',
  },
  {
    name: 'data before offset',
    file: 'log/entry.ts',
    find: '    await deps.objects.put(objectKeyOf(pending.entry), bytes);',
    replace: '    void deps.objects.put(objectKeyOf(pending.entry), bytes).catch(() => undefined);',
  },
  {
    name: 'shared data before offset',
    file: 'log/shared-objects.ts',
    find: '      await objects.put(key, contents);',
    replace: '      void objects.put(key, contents).catch(() => undefined);',
  },
  {
    name: 'shared expiry',
    file: 'log/collect.ts',
    find: 'entry.inline || entry.sharedPosition !== undefined ? []',
    replace: 'entry.inline ? []',
  },
  {
    name: 'one entry of each',
    file: 'log/shared-objects.ts',
    find: 'if (partitionIds.has(one.partitionId) || one.bytes',
    replace: 'if (one.bytes',
  },
  {
    name: 'object age',
    file: 'log/commit.ts',
    find: '  if (deps.clock.now() - entry.createdAtMs > deps.limits.entryAgeMaxMs) throw timedOut(commit);\n',
    replace: '',
  },
  {
    name: 'helping',
    file: 'log/roll.ts',
    find: '  return !put.applied && put.current ? readPage(put.current) : page;',
    replace: '  return page;',
  },
  {
    name: 'cut where it was seen',
    file: 'log/roll.ts',
    find: 'equals(HEAD.tailStart, page.startOffset), ...guards',
    replace: '...guards',
  },
  {
    name: 'spill guard',
    file: 'log/roll.ts',
    find: ', ...guards);',
    replace: ');',
  },
  {
    name: 'spilled forward',
    file: 'log/roll.ts',
    find: "      const isForward = any(absent('pk'), atMost(SPILLED.fence, state.fence));",
    replace:
      "      const isForward = any(absent('pk'), atMost(SPILLED.fence, Number.MAX_SAFE_INTEGER + state.fence * 0));",
  },
  {
    name: 'spill before cut',
    file: 'log/roll.ts',
    find: '  const spills = await putSpilled(deps, view);',
    replace:
      '  const spills = chooseSpills(view, deps.limits);\n  void putSpilled(deps, view).catch(() => undefined);',
  },
  {
    name: 'seal conditions',
    file: 'log/seal.ts',
    find:
      "item: segmentItem(partitionId, row), condition: absent('pk') },\n" +
      "      { kind: 'put', table: 'log-index', item: logStateItem(partitionId, next), condition: isUnchanged },",
    replace:
      'item: segmentItem(partitionId, row) },\n' +
      "      { kind: 'put', table: 'log-index', item: logStateItem(partitionId, next), ...(isUnchanged && {}) },",
  },
  {
    name: 'segment before row',
    file: 'log/seal.ts',
    find: '  await deps.objects.put(objectKey, segment.contents);',
    replace: '  void deps.objects.put(objectKey, segment.contents).catch(() => undefined);',
  },
  {
    name: 'group as seen',
    file: 'storage/schema/group.ts',
    find: 'equals(GROUP.write, write);',
    replace: "any(absent('nothing'), equals(GROUP.write, write));",
  },
  {
    name: 'free partitions only',
    file: 'groups/consumer-reconcile-state.ts',
    find: 'unite(kept, freeOf(group, memberId, wanted))',
    replace: 'unite(kept, wanted)',
  },
  {
    name: 'commit guard',
    file: 'storage/schema/group.ts',
    find: 'condition: all(equals(GROUP.incarnation, incarnation), equals(GROUP.fence, fence)),',
    replace:
      'condition: all(equals(GROUP.incarnation, incarnation), atMost(GROUP.fence, fence + 1_000_000)),',
  },
  {
    name: 'commit as seen',
    file: 'storage/schema/committed-offset.ts',
    find: "seen === undefined ? absent('pk') : equals(OFFSET.write, seen);",
    replace: "any(absent('pk'), equals(OFFSET.format, seen ? 1 : 1));",
    // A commit must arrive after a later one of the same member in the same epoch: some 2 of 100 seeds.
    rarity: 3,
  },
  {
    name: 'classic rows before the group',
    file: 'groups/classic.ts',
    find: '    await putAssignments(deps, groupId, assignmentsId, answer.slots, assignments);',
    replace:
      '    void putAssignments(deps, groupId, assignmentsId, answer.slots, assignments).catch(() => undefined);',
  },
];

/** Counts `name` each time the line at `find` is reached. */
const probe = (name: string, file: string, find: string, after = find): Patch => ({
  ...{ name, file, find },
  replace: after.replace(
    'PROBE',
    `(globalThis as { simCount?: (what: string) => void }).simCount?.('${name}')`,
  ),
});

/** Rare paths of the code, each of which many runs must take. */
export const PROBES: readonly Patch[] = [
  probe(
    'helping',
    'log/roll.ts',
    '  return !put.applied && put.current ? readPage(put.current) : page;',
    '  if (!put.applied && put.current) PROBE;\n  return !put.applied && put.current ? readPage(put.current) : page;',
  ),
  probe(
    'entry found by recheck',
    'log/commit.ts',
    '    if (found.offset !== undefined) store(commit, entry, found.offset);',
    '    if (found.offset !== undefined) PROBE;\n    if (found.offset !== undefined) store(commit, entry, found.offset);',
  ),
  probe(
    'entry absent after a roll',
    'log/commit.ts',
    '    else if (view.tailStart > commit.nextSeen) commit.mayBeApplied = false;',
    '    else if (view.tailStart > commit.nextSeen) {\n      PROBE;\n      commit.mayBeApplied = false;\n    }',
  ),
  probe(
    'producer spilled',
    'log/roll.ts',
    '    ...(spills.length > 0 ? [add(HEAD.spills, 1)] : []),',
    '    ...(spills.length > 0 ? (PROBE, [add(HEAD.spills, 1)]) : []),',
  ),
  probe(
    'spilled state read',
    'log/writer-memory.ts',
    '    const state = item && spilledState(item, deps.clock.now());',
    '    if (item) PROBE;\n    const state = item && spilledState(item, deps.clock.now());',
  ),
  probe(
    'commit overtaken or late',
    'groups/commit-offsets.ts',
    '    if (changed.some(',
    '    if (changed.length > 0) PROBE;\n    if (changed.some(',
  ),
  probe(
    'group write found by its mark',
    'groups/coordinator.ts',
    '      if (applied) {\n        this.#settle(groupId, batch, applied);',
    '      if (applied) {\n        PROBE;\n        this.#settle(groupId, batch, applied);',
  ),
  probe(
    'object shared',
    'log/shared-objects.ts',
    '      await objects.put(key, contents);',
    '      await objects.put(key, contents);\n      if (group.length > 1) PROBE;',
  ),
  probe(
    'seal lost to another',
    'log/seal.ts',
    '  return written.applied || wasApplied(',
    '  if (!written.applied) PROBE;\n  return written.applied || wasApplied(',
  ),
];

/** Loads the code with these patches: to be called before any of it is imported. */
export function applyPatches(patches: readonly Patch[]): void {
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const own = patches.filter(({ file }) => url.endsWith(`/lib/${file}`));
      if (own.length === 0) return loaded;
      let source = Buffer.from(loaded.source as Uint8Array).toString();
      for (const { name, file, find, replace } of own) {
        const parts = source.split(find);
        if (parts.length !== 2)
          throw new Error(`patch ${name}: its text stands ${parts.length - 1} times in lib/${file}`);
        source = parts.join(replace);
      }
      return { ...loaded, source };
    },
  });
}
