// OffsetDelete: committed offsets of topics that the group does not subscribe to.
import { OFFSET_DELETE } from '../protocol/apis/47-offset-delete.ts';
import { errorOf, handler } from './handler.ts';

/** OffsetDelete. */
export const offsetDelete = handler<typeof OFFSET_DELETE>({
  schema: OFFSET_DELETE,
  handle: async ({ broker }, { groupId, topics }) => {
    const asked = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
    );
    try {
      const deleted = (await broker.groups.deleteOffsets(groupId, asked)).values();
      return {
        errorCode: 0,
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => {
            const error = deleted.next().value?.error;
            return { partitionIndex, errorCode: error ? errorOf(error).errorCode : 0 };
          }),
        })),
      };
    } catch (error) {
      return { errorCode: errorOf(error).errorCode, topics: [] };
    }
  },
});
