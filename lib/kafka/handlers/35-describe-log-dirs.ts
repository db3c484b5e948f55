// DescribeLogDirs: one directory that stands for the storage, with the partitions that are asked for.
import { DESCRIBE_LOG_DIRS } from '../protocol/apis/35-describe-log-dirs.ts';
import { codeOf, errorOf, handler, type RequestContext } from './handler.ts';
import { someAtATime } from './some-at-a-time.ts';
import type { RequestOf } from '../protocol/schema.ts';
import type { Topic } from '../../topics/topic.ts';

type Asked = NonNullable<RequestOf<typeof DESCRIBE_LOG_DIRS>['topics']>[number];

interface Wanted {
  readonly name: string;
  readonly partitions: readonly number[];
}

/** What the directory is called. There is none of that name anywhere. */
const LOG_DIR = '/wadi';

/** DescribeLogDirs. */
// Kafka differs: sizes are 0, as adding up a partition's objects would cost a read of its whole index.
export const describeLogDirs = handler<typeof DESCRIBE_LOG_DIRS>({
  schema: DESCRIBE_LOG_DIRS,
  handle: async (context, { topics }) => {
    try {
      const wanted = topics === null ? await all(context) : await some(context, topics);
      return {
        errorCode: 0,
        results: [{ errorCode: 0, logDir: LOG_DIR, topics: wanted.map(answerOf) }],
      };
    } catch (error) {
      const { errorCode } = errorOf(error);
      return { errorCode, results: [{ errorCode, logDir: LOG_DIR, topics: [] }] };
    }
  },
});

const partitionsOf = ({ partitions }: Topic): readonly number[] =>
  Array.from({ length: partitions }, (_, i) => i);

const all = async ({ broker }: RequestContext): Promise<readonly Wanted[]> =>
  (await broker.listTopics()).map((topic) => ({ name: topic.name, partitions: partitionsOf(topic) }));

/** As with Kafka, what does not exist is left out. */
async function some({ broker }: RequestContext, asked: readonly Asked[]): Promise<readonly Wanted[]> {
  const found = await someAtATime(asked, async ({ topic: name, partitions }) => {
    const topic = await broker.describeTopic(name).catch((error: unknown) => {
      if (errorOf(error).errorCode === codeOf('UNKNOWN_TOPIC_OR_PARTITION')) return undefined;
      throw error;
    });
    return { name, partitions: partitions.filter((one) => topic && one >= 0 && one < topic.partitions) };
  });
  return found.filter(({ partitions }) => partitions.length > 0);
}

const answerOf = ({ name, partitions }: Wanted) => ({
  name,
  partitions: partitions.map((partitionIndex) => ({
    ...{ partitionIndex, partitionSize: 0, offsetLag: 0, isFutureKey: false },
  })),
});
