// Committing offsets: one transaction of the offsets and a check that who commits is still what the group says it is.
import { formatUuid } from '../base/dice.ts';
import { BrokerError, toBrokerError } from '../base/errors.ts';
import { commitWrite, offsetKey, readOffset, type StoredOffset } from '../storage/schema/committed-offset.ts';
import type { StoredGroup } from '../storage/schema/group.ts';
import { emptyClassicGroup } from '../storage/schema/classic-group.ts';
import { commitRight, type CommitRight } from './commit-right.ts';
import { givenUp, pauseAfter } from './conflicts.ts';
import { carryOn, isEmpty } from './kinds.ts';
import { checkGroupId } from './group-id.ts';
import { randomMark } from './group-store.ts';
import { lastOfEach, partitionResolver, type ResolvedPartition } from './resolve-partition.ts';
import type { Coordinator } from './coordinator.ts';
import type { CommitOffsetsRequest, CommittedPartition, OffsetCommit } from './groups.ts';
import type { GroupDeps } from './group-deps.ts';
import type { Item, TransactResult, TransactWrite } from '../storage/ports/item-store.ts';

/** A transaction has at most 100 writes, and one of them is the check. */
const OFFSETS_AT_ONCE = 99;

/**
 * Commits what can be committed. Of more than 99 partitions, each 99 are committed or refused together. Throws as
 * Groups.commitOffsets; where some of many are committed already, the error says `unknown`.
 */
export async function commitOffsets(
  coordinator: Coordinator,
  request: CommitOffsetsRequest,
): Promise<readonly CommittedPartition[]> {
  checkGroupId(coordinator.deps.limits, request.groupId);
  const { deps } = coordinator;
  const [right, resolve] = await Promise.all([
    rightOf(coordinator, request),
    partitionResolver(deps.topics, request.offsets),
  ]);
  const resolved = request.offsets.map((commit): Resolved => {
    const error = refusalOf(deps, commit);
    const found = error ? { error } : resolve(commit);
    return 'error' in found ? found : { ...found, commit };
  });
  const sound = lastOfEach(resolved.filter((one) => 'topicId' in one));
  for (let from = 0; from < sound.length; from += OFFSETS_AT_ONCE) {
    const commit = new Commit(coordinator, request, sound.slice(from, from + OFFSETS_AT_ONCE));
    await commit.run(right).catch((thrown: unknown) => {
      throw from === 0 ? thrown : toBrokerError(thrown).restated({ outcome: 'unknown' });
    });
  }
  return request.offsets.map(({ topic, partition }, at) => {
    const one = resolved[at];
    return one && 'error' in one ? { topic, partition, error: one.error } : { topic, partition };
  });
}

type SoundCommit = ResolvedPartition & { readonly commit: OffsetCommit };
type Resolved = SoundCommit | { readonly error: BrokerError };

function refusalOf(
  { limits: { offsetMetadataBytesMax } }: GroupDeps,
  { offset, metadata = '', topic, partition }: OffsetCommit,
): BrokerError | undefined {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    const message = `offset of ${topic}-${partition} must be from 0 to 2^53 - 1, got ${offset}`;
    return new BrokerError('INVALID_REQUEST', message, { field: 'offset' });
  }
  const bytes = Buffer.byteLength(metadata);
  if (bytes > offsetMetadataBytesMax) {
    const message = `metadata of ${topic}-${partition} must be at most ${offsetMetadataBytesMax} bytes, got ${bytes}`;
    return new BrokerError('OFFSET_METADATA_TOO_LARGE', message, { field: 'metadata' });
  }
  return undefined;
}

/**
 * The group and what guards a commit of it. Makes the group where somebody who is no member commits for one that is not
 * there. A group as it was a moment ago, which costs half, will do at first: if it has another fence now, the commit is
 * refused, and tried again on the group as it is.
 */
async function rightOf(coordinator: Coordinator, request: CommitOffsetsRequest): Promise<CommitRight> {
  const seen = await coordinator.read(request.groupId, { consistent: false });
  try {
    if (seen) return rightIn(coordinator, seen, request);
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
  }
  return rightNow(coordinator, request);
}

const rightIn = ({ deps }: Coordinator, stored: StoredGroup | undefined, request: CommitOffsetsRequest) =>
  commitRight(stored, request, randomMark(deps.dice.bytes(9)));

/** As `rightOf`, of the group as it is. */
async function rightNow(coordinator: Coordinator, request: CommitOffsetsRequest): Promise<CommitRight> {
  const { groupId, memberId, generationOrMemberEpoch } = request;
  const stored = await coordinator.read(groupId);
  if (memberId !== '' || generationOrMemberEpoch >= 0) return rightIn(coordinator, stored, request);
  if (!stored) await makeGroup(coordinator, groupId);
  else if (isEmpty(stored.group)) return rightIn(coordinator, stored, request);
  // Its members may all have gone without a word.
  else await carryOn(coordinator, groupId, stored.group);
  return rightIn(coordinator, await coordinator.read(groupId), request);
}

async function makeGroup(coordinator: Coordinator, groupId: string): Promise<void> {
  await coordinator.decide(groupId, (group, { nowMs }) => ({
    group: group ?? emptyClassicGroup(nowMs),
    answer: undefined,
  }));
}

/** A partition's row that is to be written. */
interface Row {
  readonly sound: SoundCommit;
  /** Of the row when it was last seen, after this commit had begun; undefined: there was none. */
  readonly seen: string | undefined;
}

/** What is left of a row where somebody else was first: nothing, where the offset that is there now is no lower. */
const stillToWrite = (row: Row, now: StoredOffset | undefined): readonly Row[] =>
  now && now.offset < row.sound.commit.offset ? [{ ...row, seen: now.write }] : [];

/**
 * One transaction, until it is known what became of it. Each row is written if it is still what it was when the commit had
 * begun: so what comes late, from a process that died too, undoes nothing. One that is not was committed meanwhile, and
 * either may count as the later of the two: the higher offset does, as clients go forward.
 */
class Commit {
  readonly #coordinator: Coordinator;
  readonly #request: CommitOffsetsRequest;
  readonly #offsets: readonly SoundCommit[];
  /** Of this commit, whichever attempt of it is applied. */
  readonly #write: string;
  /** Those that are left. */
  #rows: readonly Row[] = [];
  #offsetsId = '';
  /** An attempt got no answer. */
  #mayBeApplied = false;

  constructor(coordinator: Coordinator, request: CommitOffsetsRequest, offsets: readonly SoundCommit[]) {
    this.#coordinator = coordinator;
    this.#request = request;
    this.#offsets = offsets;
    this.#write = randomMark(coordinator.deps.dice.bytes(9));
  }

  /** `seen`: for the first attempt; each later one looks again. */
  async run(seen: CommitRight): Promise<void> {
    const { clock, limits } = this.#coordinator.deps;
    const deadlineMs = clock.now() + limits.decideTimeoutMs;
    for (let failures = 0; ; failures++) {
      const right = failures === 0 ? seen : await this.#rightAgain();
      if (right.stored.offsetsId !== this.#offsetsId) await this.#look(right.stored);
      // Others were first everywhere, and the member was one still when that was known: only then is it theirs to come later.
      if (this.#rows.length === 0) return;
      const error = await this.#attempt(right);
      if (error === 'done') return;
      if (clock.now() >= deadlineMs)
        throw givenUp(this.#request.groupId, this.#mayBeApplied ? 'unknown' : 'not-applied', error);
      await pauseAfter(failures, this.#coordinator.deps);
    }
  }

  #rightAgain(): Promise<CommitRight> {
    return rightNow(this.#coordinator, this.#request).catch((error: unknown) => {
      // What an earlier attempt did, nobody knows now.
      throw this.#mayBeApplied ? toBrokerError(error).restated({ outcome: 'unknown' }) : error;
    });
  }

  async #look({ offsetsId }: StoredGroup): Promise<void> {
    const keys = this.#offsets.map(({ topicId, partition }) => offsetKey(offsetsId, topicId, partition));
    const found = await this.#coordinator.deps.items.getMany('offsets', keys);
    this.#rows = this.#offsets.map((sound, at) => {
      const item = found[at];
      return { sound, seen: item && readOffset(item).write };
    });
    this.#offsetsId = offsetsId;
  }

  /** Undefined: refused, and to be tried again. */
  async #attempt({ stored, guard }: CommitRight): Promise<'done' | BrokerError | undefined> {
    const writes = this.#writes(stored);
    try {
      const { items, dice } = this.#coordinator.deps;
      const requestId = formatUuid(dice.bytes(16));
      return this.#judge(await items.transact([guard, ...writes], requestId));
    } catch (thrown) {
      const error = toBrokerError(thrown);
      if (!error.retriable) throw error;
      if (error.outcome !== 'not-applied') this.#mayBeApplied = true;
      return error;
    }
  }

  #writes({ offsetsId }: StoredGroup): readonly TransactWrite[] {
    const committedAtMs = this.#coordinator.deps.clock.now();
    return this.#rows.map(({ sound: { topic, topicId, partition, commit }, seen }) => {
      const stored = {
        ...{ topic, topicId, partition, committedAtMs, write: this.#write },
        offset: commit.offset,
        leaderEpoch: commit.leaderEpoch ?? -1,
        metadata: commit.metadata ?? '',
      };
      return commitWrite(offsetsId, stored, seen);
    });
  }

  #judge(result: TransactResult): 'done' | undefined {
    if (result.applied) return 'done';
    const changed = result.failed.filter(({ index }) => index > 0);
    const isOurs = (current: Item | undefined) => current && readOffset(current).write === this.#write;
    if (changed.some(({ current }) => isOurs(current))) return 'done';
    const found = new Map(changed.map(({ index, current }) => [index - 1, current && readOffset(current)]));
    this.#rows = this.#rows.flatMap((row, at) => (found.has(at) ? stillToWrite(row, found.get(at)) : [row]));
    return undefined;
  }
}
