// DeleteRecords: the logs of partitions start at an offset from then on.
import { DELETE_RECORDS } from '../protocol/apis/21-delete-records.ts';
import { errorOf, handler, type RequestContext } from './handler.ts';
import { someAtATime } from './some-at-a-time.ts';
import type { RequestOf, ResponseOf } from '../protocol/schema.ts';

type Asked = RequestOf<typeof DELETE_RECORDS>['topics'][number];
type Answer = ResponseOf<typeof DELETE_RECORDS>['topics'][number];

/** "All that there are now". */
const HIGH_WATERMARK = -1;

/** DeleteRecords. */
// Kafka differs: it answers REQUEST_TIMED_OUT after timeout_ms and goes on; here the answer says what became of each partition.
export const deleteRecords = handler<typeof DELETE_RECORDS>({
  schema: DELETE_RECORDS,
  handle: async (context, { topics }) => {
    const answers: Answer[] = [];
    for (const topic of topics) answers.push(await deleteIn(context, topic));
    return { topics: answers };
  },
});

async function deleteIn({ broker }: RequestContext, { name, partitions }: Asked): Promise<Answer> {
  const answers = await someAtATime(partitions, async ({ partitionIndex, offset }) => {
    try {
      const before = offset === HIGH_WATERMARK ? 'highWatermark' : offset;
      const lowWatermark = await broker.deleteRecords(name, partitionIndex, before);
      return { partitionIndex, lowWatermark, errorCode: 0 };
    } catch (error) {
      return { partitionIndex, lowWatermark: -1, errorCode: errorOf(error).errorCode };
    }
  });
  return { name, partitions: answers };
}
