// CreatePartitions: more partitions for topics, each answered by itself.
import { BrokerError } from '../../base/errors.ts';
import { CREATE_PARTITIONS } from '../protocol/apis/37-create-partitions.ts';
import { errorOf, handler } from './handler.ts';
import { repeatedIn, someAtATime } from './some-at-a-time.ts';
import type { RequestOf } from '../protocol/schema.ts';

type Asked = RequestOf<typeof CREATE_PARTITIONS>['topics'][number];

/** CreatePartitions. */
export const createPartitions = handler<typeof CREATE_PARTITIONS>({
  schema: CREATE_PARTITIONS,
  handle: async ({ broker }, { topics, validateOnly }) => {
    const repeated = repeatedIn(topics.map(({ name }) => name));
    return {
      results: await someAtATime(topics, async (asked) => {
        const { name, count } = asked;
        try {
          check(asked, repeated.has(name));
          await broker.createPartitions({ name, count, validateOnly });
          return { name, errorCode: 0, errorMessage: null };
        } catch (error) {
          return { name, ...errorOf(error) };
        }
      }),
    };
  },
});

function check({ name, assignments }: Asked, isRepeated: boolean): void {
  if (isRepeated) throw new BrokerError('INVALID_REQUEST', `topic ${name} is named twice in one request`);
  if (assignments === null || assignments.length === 0) return;
  const message = `topic ${name}: partitions have no replicas that could be assigned, got ${assignments.length} assignments`;
  throw new BrokerError('INVALID_REPLICA_ASSIGNMENT', message);
}
