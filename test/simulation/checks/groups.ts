// What must be true of consumer groups: partitions have one owner, the removed commit nothing, and nothing is passed over.
import { GROUPS } from '../actors/consume.ts';
import { MAIN_TOPIC, PARTITIONS } from '../actors/topics.ts';
import {
  isBefore,
  ofKind,
  type Committed,
  type GroupVersion,
  type History,
  type OffsetRead,
} from '../history.ts';

interface Place {
  readonly group: string;
  readonly partition: number;
}

const allPlaces: readonly Place[] = Object.keys(GROUPS).flatMap((group) =>
  Array.from({ length: PARTITIONS }, (_, partition) => ({ group, partition })),
);

const at =
  ({ group, partition }: Place) =>
  (event: Place): boolean =>
    event.group === group && event.partition === partition;

/** Who commits is a member that has the partition, at some time between the call and its answer. */
export function checkStaleCommits(history: History): readonly string[] {
  const versions = Map.groupBy(history.groupVersions, ({ group }) => group);
  return ofKind(history, 'commit')
    .filter(({ outcome }) => outcome === 'ok')
    .filter(
      (commit) => !duringOf(versions.get(commit.group) ?? [], commit).some((one) => mayCommit(one, commit)),
    )
    .map(
      ({ memberId, group, partition, offset, epoch }) =>
        `${memberId} committed ${offset} of ${partition} in ${group} at epoch ${epoch}, which it did not own`,
    );
}

/** Those that were there at some time of the call. */
function duringOf(
  versions: readonly GroupVersion[],
  { startStep, endStep }: Committed,
): readonly GroupVersion[] {
  return versions.filter(
    ({ fromStep }, at) => fromStep <= endStep && (versions[at + 1]?.fromStep ?? Infinity) >= startStep,
  );
}

/** Where a committed offset changes, a member that is one at this very moment has asked for it; and it never goes back. */
export function checkOffsetWrites(history: History): readonly string[] {
  const versions = Map.groupBy(history.groupVersions, ({ group }) => group);
  const commits = Map.groupBy(ofKind(history, 'commit'), placeName);
  const last = new Map<string, number>();
  return history.offsetVersions.flatMap((write) => {
    const { group, partition, atStep, value } = write;
    const what = `the offset ${value?.offset} of ${partition} in ${group}`;
    const before = value && last.get(placeName(write));
    if (value) last.set(placeName(write), value.offset);
    else last.delete(placeName(write));
    if (!value) return [];
    if (before !== undefined && value.offset < before) return [`${what} came after ${before}`];
    const then = (versions.get(group) ?? []).findLast(({ fromStep }) => fromStep <= atStep);
    const isRight = (commits.get(placeName(write)) ?? []).some(
      (commit) =>
        commit.offset === value.offset && commit.startStep <= atStep && isMember(then?.value, commit),
    );
    return isRight ? [] : [`${what} was written for somebody who was no member by then`];
  });
}

const placeName = ({ group, partition }: Place): string => `${group} ${partition}`;

function isMember(group: GroupVersion['value'], { memberId, epoch }: Committed): boolean {
  if (group?.kind === 'classic') return group.generation === epoch && memberId in group.members;
  return group?.members[memberId]?.memberEpoch === epoch;
}

function mayCommit({ value }: GroupVersion, commit: Committed): boolean {
  const { memberId, partition } = commit;
  if (!isMember(value, commit)) return false;
  const member = value?.kind === 'consumer' ? value.members[memberId] : undefined;
  if (!member) return true;
  const held = [...Object.values(member.assigned), ...Object.values(member.revoking)].flat();
  return held.includes(partition);
}

/**
 * Committed offsets never go back: whoever reads one sees at least what was committed before it began, and nothing that
 * nobody committed.
 */
export function checkCommitted(history: History): readonly string[] {
  return allPlaces.flatMap((place) => {
    const commits = ofKind(history, 'commit').filter(at(place));
    return ofKind(history, 'readOffset')
      .filter((read) => at(place)(read) && read.outcome === 'ok')
      .flatMap((read) => checkRead(read, commits));
  });
}

function checkRead(read: OffsetRead, commits: readonly Committed[]): readonly string[] {
  const what = `${read.memberId} read ${read.offset} for ${read.partition} in ${read.group}`;
  const before = commits.filter((commit) => commit.outcome === 'ok' && isBefore(commit, read));
  const highest = Math.max(-1, ...before.map(({ offset }) => offset));
  if (read.offset < highest) return [`${what}, though ${highest} was committed before`];
  const isSomebodys = commits.some(
    ({ offset, outcome, startStep }) =>
      offset === read.offset && outcome !== 'failed' && startStep < read.endStep,
  );
  return read.offset >= 0 && !isSomebodys ? [`${what}, which nobody had committed`] : [];
}

/** At least once: what stands below the committed offset was delivered. In the end that is everything. */
export function checkAtLeastOnce(history: History): readonly string[] {
  return allPlaces.flatMap((place) => {
    if (GROUPS[place.group] !== 'at-least-once') return [];
    const end = history.final.find(
      ({ topic, partition }) => topic === MAIN_TOPIC && partition === place.partition,
    );
    const reads = ofKind(history, 'readOffset').filter((read) => at(place)(read) && read.outcome === 'ok');
    const committed = reads.at(-1)?.offset ?? -1;
    const delivered = new Set(
      ofKind(history, 'deliver')
        .filter(at(place))
        .flatMap(({ firstOffset, values }) => values.map((_, index) => firstOffset + index)),
    );
    const wrong: string[] = [];
    for (let offset = 0; offset < committed; offset++)
      if (!delivered.has(offset))
        wrong.push(`${place.group} passed over ${offset} of ${place.partition}, and committed ${committed}`);
    if (reads.length > 0 && end && end.values.length > 0 && committed !== end.values.length)
      wrong.push(
        `${place.group} ended at ${committed} of ${place.partition}, which has ${end.values.length}`,
      );
    return wrong.slice(0, 3);
  });
}

/** At most once: no record was delivered twice. */
export function checkAtMostOnce(history: History): readonly string[] {
  return allPlaces.flatMap((place) => {
    if (GROUPS[place.group] !== 'at-most-once') return [];
    const seen = new Map<number, string>();
    return ofKind(history, 'deliver')
      .filter(at(place))
      .flatMap(({ firstOffset, values, memberId }) =>
        values.flatMap((_, index) => {
          const offset = firstOffset + index;
          const before = seen.get(offset);
          seen.set(offset, memberId);
          return before === undefined
            ? []
            : [`${place.group} delivered ${offset} of ${place.partition} to ${before} and to ${memberId}`];
        }),
      );
  });
}

/** What was delivered is what is there. */
export function checkDelivered(history: History): readonly string[] {
  return ofKind(history, 'deliver').flatMap(({ group, partition, firstOffset, values }) => {
    const end = history.final.find((final) => final.topic === MAIN_TOPIC && final.partition === partition);
    return values.flatMap((value, index) => {
      const found = end?.values[firstOffset + index];
      return found === value
        ? []
        : [
            `${group} was given ${value} at ${firstOffset + index} of ${partition}, where ${found ?? 'nothing'} is`,
          ];
    });
  });
}

/** Nobody is told anything but what the leader of the generation gave it. */
export function checkTold(history: History): readonly string[] {
  const beats = ofKind(history, 'beat');
  return beats.flatMap(({ group, epoch, servedId, assigned, outcome }) => {
    if (outcome !== 'ok' || assigned === undefined || servedId === undefined) return [];
    const given = beats.flatMap((beat) =>
      beat.group === group && beat.epoch === epoch && beat.gave && servedId in beat.gave
        ? [String(beat.gave[servedId])]
        : [],
    );
    return given.includes(String(assigned))
      ? []
      : [
          `${servedId} of ${group} was told "${assigned.join(' ')}" in generation ${epoch}, and given "${given.join('", "')}"`,
        ];
  });
}

/** In a classic generation whose members were all told what is theirs, everything is somebody's, and nothing two's. */
export function checkGenerations(history: History): readonly string[] {
  const told = ofKind(history, 'beat').filter(
    ({ outcome, assigned }) => outcome === 'ok' && assigned !== undefined,
  );
  const stable = history.groupVersions.flatMap(({ group, value }) =>
    value?.kind === 'classic' && value.state === 'Stable' && value.deadlineMs === 0
      ? [{ group, ...value }]
      : [],
  );
  const seen = new Set<string>();
  return stable.flatMap(({ group, generation, members }) => {
    const name = `generation ${generation} of ${group}`;
    if (seen.has(name)) return [];
    seen.add(name);
    const answers = Object.keys(members).map((memberId) =>
      told.find((beat) => beat.group === group && beat.epoch === generation && beat.servedId === memberId),
    );
    if (answers.length === 0 || answers.some((answer) => answer === undefined)) return [];
    const partitions = answers.flatMap((answer) => answer?.assigned ?? []).toSorted();
    const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    return JSON.stringify(partitions) === JSON.stringify(all)
      ? []
      : [`${name} was told ${partitions.join(' ')}`];
  });
}
