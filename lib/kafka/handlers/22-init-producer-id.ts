// InitProducerId: an id for an idempotent producer.
import { INIT_PRODUCER_ID } from '../protocol/apis/22-init-producer-id.ts';
import { codeOf, errorOf, handler } from './handler.ts';

/** InitProducerId. */
export const initProducerId = handler<typeof INIT_PRODUCER_ID>({
  schema: INIT_PRODUCER_ID,
  handle: async ({ broker }, { transactionalId }) => {
    const refused = (errorCode: number) => ({ errorCode, producerId: -1n, producerEpoch: -1 });
    // Kafka differs: transactional ids are refused, for good.
    if (transactionalId !== null) return refused(codeOf('INVALID_REQUEST'));
    try {
      return { errorCode: 0, ...(await broker.initProducerId()) };
    } catch (error) {
      return refused(errorOf(error).errorCode);
    }
  },
});
