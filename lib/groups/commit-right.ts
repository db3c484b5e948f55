// Who may commit a group's offsets, and what the transaction of a commit checks of the group so that it stays so.
import { BrokerError } from '../base/errors.ts';
import { checkFence, replaceGroup, type StoredGroup } from '../storage/schema/group.ts';
import { checkCommit as checkClassicCommit } from './classic-state.ts';
import { checkCommit as checkConsumerCommit } from './consumer-state.ts';
import type { CommitOffsetsRequest, FetchOffsetsRequest } from './groups.ts';
import type { TransactWrite } from '../storage/ports/item-store.ts';

export interface CommitRight {
  readonly stored: StoredGroup;
  /** The first write of the transaction. */
  readonly guard: TransactWrite;
}

/**
 * Throws UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, STALE_MEMBER_EPOCH, FENCED_INSTANCE_ID, REBALANCE_IN_PROGRESS. Who is no
 * member writes the group's row again, with `mark`: so such a commit and a deletion, or a first member, exclude each other.
 */
export function commitRight(
  stored: StoredGroup | undefined,
  request: CommitOffsetsRequest,
  mark: string,
): CommitRight {
  const { groupId, memberId, generationOrMemberEpoch } = request;
  if (!stored) throw unknownGroup(groupId, memberId, generationOrMemberEpoch);
  const { group } = stored;
  if (group.kind === 'classic') checkClassicCommit(group, request);
  else checkConsumerCommit(group, { ...request, memberEpoch: generationOrMemberEpoch });
  if (generationOrMemberEpoch < 0)
    return {
      stored,
      guard: { kind: 'put', table: 'groups', ...replaceGroup(groupId, { ...stored, write: mark }, stored) },
    };
  return { stored, guard: checkFence(groupId, stored) };
}

// Kafka differs: a group that is not there and a generation of it answer ILLEGAL_GENERATION there too, but of a consumer
// group GROUP_ID_NOT_FOUND; which of the two the client means cannot be told.
const unknownGroup = (groupId: string, memberId: string, generation: number): BrokerError =>
  generation >= 0
    ? new BrokerError(
        'ILLEGAL_GENERATION',
        `group ${groupId} does not exist, so it has no generation ${generation}`,
      )
    : new BrokerError(
        'UNKNOWN_MEMBER_ID',
        `group ${groupId} does not exist, so it has no member "${memberId}"`,
      );

/** Throws UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH where a member of a consumer group asks. */
export function fetchRight(stored: StoredGroup | undefined, request: FetchOffsetsRequest): void {
  const { memberId, memberEpoch } = request;
  if (memberId === undefined || memberEpoch === undefined || memberEpoch < 0) return;
  if (!stored) throw unknownGroup(request.groupId, memberId, memberEpoch);
  if (stored.group.kind === 'consumer') checkConsumerCommit(stored.group, { memberId, memberEpoch });
}
