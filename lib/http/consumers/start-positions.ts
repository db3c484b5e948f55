// Where reading begins in partitions that a consumer has just got: at the committed offset, else as auto.offset.reset says.
import { BrokerError } from '../../base/errors.ts';
import type { InstanceConfig, InstancePartition } from '../../groups/instances.ts';
import { HTTP_ERRORS, HttpError } from '../errors.ts';
import { withPartitions } from './instance-state.ts';
import type { ConsumerDeps, Session } from './session.ts';

/**
 * Finds the positions that are missing. A partition whose topic is gone stays without one. Throws 41601 where nothing is
 * committed and auto.offset.reset is none.
 */
export async function findPositions(deps: ConsumerDeps, session: Session): Promise<Session> {
  const { id, instance } = session;
  const missing = instance.partitions.filter(({ position }) => position === undefined);
  if (missing.length === 0) return session;
  const places = missing.map(({ topic, partition }) => ({ topic, partition }));
  const committed = await deps.broker.groups.fetchOffsets({ groupId: id.groupId, partitions: places });
  const found = await Promise.all(
    missing.map(async (one) => {
      const offset = committed.find(
        ({ topicId, partition }) => topicId === one.topicId && partition === one.partition,
      )?.offset;
      if (offset !== undefined) return { ...one, position: offset, committed: offset };
      const position = await resetPosition(deps, one, instance.config);
      return position === undefined ? one : { ...one, position };
    }),
  );
  return { ...session, instance: withPartitions(instance, found) };
}

/** The first or the last offset; undefined where the topic is gone. Throws 41601 where auto.offset.reset is none. */
export async function resetPosition(
  { broker }: Pick<ConsumerDeps, 'broker'>,
  { topic, partition }: InstancePartition,
  { autoOffsetReset }: InstanceConfig,
): Promise<number | undefined> {
  if (autoOffsetReset === 'none') throw noPosition(`${topic}-${partition}`);
  try {
    return (await broker.listOffset(topic, partition, autoOffsetReset)).offset;
  } catch (error) {
    if (isTopicGone(error)) return undefined;
    throw error;
  }
}

/** Also of a topic that was made anew: its offsets are others. */
export const isTopicGone = (error: unknown): boolean =>
  error instanceof BrokerError &&
  (error.code === 'UNKNOWN_TOPIC_OR_PARTITION' || error.code === 'UNKNOWN_TOPIC_ID');

const noPosition = (place: string): HttpError =>
  new HttpError({
    ...HTTP_ERRORS.OFFSET_OUT_OF_RANGE,
    message: `The group has committed no offset of ${place}, and auto.offset.reset is none: seek to a position first`,
    details: { kafka_error: 'OFFSET_OUT_OF_RANGE' },
  });
