// Committing what a consumer was given, with what its membership gives it the right to.
import { isRefusedCommit } from './consumer-errors.ts';
import { afterCommit, isUncommitted } from './instance-state.ts';
import type { BrokerError } from '../../base/errors.ts';
import type { OffsetCommit } from '../../groups/groups.ts';
import type { ConsumerInstance, InstancePartition } from '../../groups/instances.ts';
import type { ConsumerDeps, Session } from './session.ts';

/** What became of a commit. */
export interface Committed {
  readonly session: Session;
  /** Of the first partition that was refused. */
  readonly error?: BrokerError;
}

/** Commits these offsets, each the next one to read. Throws as Groups.commitOffsets. */
export async function commitOffsets(
  { broker }: Pick<ConsumerDeps, 'broker'>,
  session: Session,
  offsets: readonly OffsetCommit[],
): Promise<Committed> {
  if (offsets.length === 0) return { session };
  const { groupId } = session.id;
  const answers = await broker.groups.commitOffsets({ groupId, ...rightOf(session.instance), offsets });
  const done = offsets.filter((_, index) => answers[index] && answers[index].error === undefined);
  const error = answers.find((answer) => answer.error)?.error;
  return { session: { ...session, instance: afterCommit(session.instance, done) }, ...(error && { error }) };
}

/** A consumer that reads partitions assigned by hand is no member; nor is one that has not joined. */
const rightOf = ({ memberId, memberEpoch }: ConsumerInstance) =>
  memberEpoch > 0
    ? { memberId, generationOrMemberEpoch: memberEpoch }
    : { memberId: '', generationOrMemberEpoch: -1 };

/** The positions of these partitions as offsets to commit. */
export const positionsOf = (partitions: readonly InstancePartition[]): readonly OffsetCommit[] =>
  partitions.flatMap(({ topic, topicId, partition, position }) =>
    position === undefined ? [] : [{ topic, topicId, partition, offset: position }],
  );

/**
 * Of a consumer that commits by itself: commits what these partitions (default: all) were read up to. Who may not commit,
 * as it is no member any more, leaves it: the records are delivered again to whoever has the partitions now.
 */
export async function commitDelivered(
  deps: Pick<ConsumerDeps, 'broker'>,
  session: Session,
  partitions: readonly InstancePartition[] = session.instance.partitions,
): Promise<Session> {
  if (!session.instance.config.autoCommit) return session;
  try {
    return (await commitOffsets(deps, session, positionsOf(partitions.filter(isUncommitted)))).session;
  } catch (error) {
    if (!isRefusedCommit(error)) throw error;
    return session;
  }
}
