// Produce tells which records of a refused batch are wrong, so that a producer can send the others again.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PRODUCE } from '../../../lib/kafka/protocol/apis/00-produce.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { encodeBatch } from '../../../lib/record/record-batch.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';

let under: GatewayUnderTest;
beforeAll(async () => {
  under = await startTestGateway();
  await under.broker.createTopic({ name: 'c', configs: { 'cleanup.policy': 'compact,delete' } });
});
afterAll(() => under.stop());

const KEYS = [null, 'a', null, 'b'];

it('names the records of a compacted topic that have no key', async () => {
  const records = encodeBatch(
    KEYS.map((key) => ({
      ...{ key: key === null ? null : Buffer.from(key), value: Buffer.from('v') },
      ...{ headers: [], timestampMs: Date.now() },
    })),
  );
  const client = await under.connect();
  const topicData = [{ name: 'c', topicId: ZERO_UUID, partitionData: [{ index: 0, records }] }];
  const { responses } = await client.send(PRODUCE, 9, { acks: -1, timeoutMs: 1000, topicData });
  const message = (at: number) => `records[${at}]: a record of a compacted topic needs a key`;
  expect(responses[0]?.partitionResponses).toMatchObject([
    {
      ...{ errorCode: 87, baseOffset: -1, errorMessage: message(0) },
      recordErrors: [
        { batchIndex: 0, batchIndexErrorMessage: message(0) },
        { batchIndex: 2, batchIndexErrorMessage: message(2) },
      ],
    },
  ]);
});
