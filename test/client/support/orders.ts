// What tests of consumers share: the topic `orders`, and the group `billing` that reads it.
import type { ConsumerOptions } from '../../../lib/client/consumer/consumer-options.ts';
import type { Subject } from './subjects.ts';

/** So that nobody waits long. */
export const FAST: ConsumerOptions = {
  retry: { initialRetryTimeMs: 1, maxRetryTimeMs: 5 },
  maxWaitTimeInMs: 200,
};
/** A member of the group `billing`. */
export const GROUP = { groupId: 'billing', ...FAST };

/** Sends values to a partition of `orders`. */
export async function produce({ client }: Subject, values: readonly string[], partition = 0): Promise<void> {
  await client.producer().send({
    topic: 'orders',
    messages: values.map((value) => ({ value, partition })),
  });
}

/** What the group `billing` has committed. */
export async function committedIn({ groups }: Subject, partition: number): Promise<number | undefined> {
  const offsets = await groups.fetchOffsets({ groupId: 'billing' });
  return offsets.find((one) => one.partition === partition)?.offset;
}

/** How often members have asked to join a group. */
export const joinsOf = ({ groups }: Subject): number =>
  groups.heartbeats.filter(({ memberEpoch }) => memberEpoch === 0).length;

/** Of a record's bytes. */
export const textOf = (value: Buffer | null): string => value?.toString() ?? '';
