// Setting a group's committed offsets to where they should be: what kafka-consumer-groups calls --reset-offsets.
import { BrokerError } from '../base/errors.ts';
import type { Groups } from '../groups/groups.ts';
import type { Topic } from '../topics/topic.ts';
import type { Broker } from './broker.ts';

/** What it asks: of a broker, or of a client of one. */
export interface ResetBroker extends Pick<Broker, 'listOffset'> {
  readonly groups: Pick<Groups, 'fetchOffsets' | 'commitOffsets'>;
  describeTopic(name: string): Promise<Pick<Topic, 'topicId' | 'partitions'>>;
}

/** Where to. A timestamp after the last record means the end. `shift` counts from what is committed. */
export type ResetTarget =
  | { readonly kind: 'earliest' | 'latest' }
  | { readonly kind: 'timestamp'; readonly timestampMs: number }
  | { readonly kind: 'shift'; readonly by: number }
  | { readonly kind: 'offset'; readonly offset: number };

export interface ResetScope {
  readonly topic: string;
  /** Default: all of the topic's. */
  readonly partitions?: readonly number[];
}

export interface PlannedReset {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** undefined: none is committed. */
  readonly committedOffset: number | undefined;
  readonly newOffset: number;
}

/**
 * What a reset would commit, each offset brought within the log's first and end offset. `scopes` empty: every partition
 * that the group has committed. Nothing is changed. Throws UNKNOWN_TOPIC_OR_PARTITION; INVALID_REQUEST for a shift of a
 * partition that has nothing committed.
 */
export async function planReset(
  broker: ResetBroker,
  groupId: string,
  scopes: readonly ResetScope[],
  target: ResetTarget,
): Promise<readonly PlannedReset[]> {
  const committed = await broker.groups.fetchOffsets({ groupId });
  const places = scopes.length === 0 ? committed : await placesOf(broker, scopes);
  return Promise.all(
    places.map(async ({ topic, topicId, partition }) => {
      const committedOffset = committed.find(
        (one) => one.topic === topic && one.partition === partition,
      )?.offset;
      const newOffset = await offsetAt(broker, { topic, partition, committedOffset }, target);
      return { topic, topicId, partition, committedOffset, newOffset };
    }),
  );
}

/** Commits a plan. Throws UNKNOWN_MEMBER_ID while the group has members; what was planned for one partition may be refused. */
export async function commitReset(
  { groups }: Pick<ResetBroker, 'groups'>,
  groupId: string,
  plan: readonly PlannedReset[],
): Promise<void> {
  const offsets = plan.map(({ topic, topicId, partition, newOffset }) => ({
    ...{ topic, topicId, partition, offset: newOffset },
  }));
  const answers = await groups.commitOffsets({
    ...{ groupId, memberId: '', generationOrMemberEpoch: -1, offsets },
  });
  const refused = answers.find(({ error }) => error !== undefined);
  if (refused?.error) throw refused.error.restated({ outcome: 'unknown' });
}

async function placesOf(broker: Pick<ResetBroker, 'describeTopic'>, scopes: readonly ResetScope[]) {
  const places = await Promise.all(
    scopes.map(async ({ topic: name, partitions }) => {
      const topic = await broker.describeTopic(name);
      const all = Array.from({ length: topic.partitions }, (_, partition) => partition);
      const absent = partitions?.find((partition) => !all.includes(partition));
      if (absent !== undefined) {
        const message = `topic ${name} has partitions 0 to ${topic.partitions - 1}, got ${absent}`;
        throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', message, { field: 'partition' });
      }
      return (partitions ?? all).map((partition) => ({ topic: name, topicId: topic.topicId, partition }));
    }),
  );
  return places.flat();
}

async function offsetAt(
  broker: Pick<Broker, 'listOffset'>,
  place: { readonly topic: string; readonly partition: number; readonly committedOffset: number | undefined },
  target: ResetTarget,
): Promise<number> {
  const { topic, partition } = place;
  const ends = await Promise.all([
    broker.listOffset(topic, partition, 'earliest'),
    broker.listOffset(topic, partition, 'latest'),
  ]);
  const [start, end] = [ends[0].offset, ends[1].offset];
  const within = (offset: number) => Math.min(end, Math.max(start, offset));
  switch (target.kind) {
    case 'earliest':
      return start;
    case 'latest':
      return end;
    case 'offset':
      return within(target.offset);
    case 'timestamp': {
      const { offset } = await broker.listOffset(topic, partition, target.timestampMs);
      return offset < 0 ? end : offset;
    }
    case 'shift': {
      if (place.committedOffset !== undefined) return within(place.committedOffset + target.by);
      const message = `nothing is committed for ${topic}-${partition}, so that there is nothing to shift`;
      throw new BrokerError('INVALID_REQUEST', message, { field: 'shift' });
    }
  }
}
