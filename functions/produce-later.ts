// Lambda: produces what acks=0 left to it. Nobody waits for its answer, and nothing is tried again: that is what acks=0 says.
import { toBrokerError } from '../lib/base/errors.ts';
import { createRecordBroker } from '../lib/broker/create-record-broker.ts';
import { createInvokeLater } from './invoke-later.ts';
import { readProduceLaterEvent } from './produce-later-event.ts';
import { wire } from './wiring.ts';
import type { Context } from 'aws-lambda';

const wired = wire({ invokeLater: createInvokeLater() });
const { logger } = wired;
const broker = createRecordBroker(wired.core);

/** Produces all it can; rejects where a batch was not stored, so that the function's errors count it. */
export async function handler(event: unknown, context: Context): Promise<void> {
  logger.addContext(context);
  const failures: Error[] = [];
  for (const request of readProduceLaterEvent(event)) {
    try {
      await broker.produce(request);
    } catch (error) {
      const { topic, partition } = request;
      const { code, outcome } = toBrokerError(error);
      logger.error('records with acks=0 were not stored', {
        ...{ topic, partition, code, outcome },
        error: error as Error,
      });
      failures.push(error as Error);
    }
  }
  await wired.settle();
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} batches were not stored`);
}
