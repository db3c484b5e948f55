// Who asks what it may do is told: everything. Who does not ask is told nothing.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { METADATA } from '../../../lib/kafka/protocol/apis/03-metadata.ts';
import { DESCRIBE_CLUSTER } from '../../../lib/kafka/protocol/apis/60-describe-cluster.ts';
import { ZERO_UUID } from '../../../lib/kafka/protocol/layout.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';

let under: GatewayUnderTest;
beforeAll(async () => {
  under = await startTestGateway();
  await under.broker.createTopic({ name: 't' });
});
afterAll(() => under.stop());

const NOT_ASKED = -2_147_483_648;
/** Kafka's codes. Of a topic: READ to DESCRIBE, DESCRIBE_CONFIGS, ALTER_CONFIGS. */
const TOPIC = [3, 4, 5, 6, 7, 8, 10, 11].reduce((bits, code) => bits + 2 ** code, 0);
const CLUSTER = [5, 7, 8, 9, 10, 11, 12].reduce((bits, code) => bits + 2 ** code, 0);

it.each([true, false])('Metadata, asked: %s', async (isAsked) => {
  const client = await under.connect();
  const names = ['t', 'absent'].map((name) => ({ name, topicId: ZERO_UUID }));
  const { topics, clusterAuthorizedOperations } = await client.send(METADATA, 10, {
    ...{ topics: names, allowAutoTopicCreation: false },
    ...{ includeClusterAuthorizedOperations: isAsked, includeTopicAuthorizedOperations: isAsked },
  });
  expect(topics.map((topic) => topic.topicAuthorizedOperations)).toEqual([
    isAsked ? TOPIC : NOT_ASKED,
    NOT_ASKED,
  ]);
  expect(clusterAuthorizedOperations).toBe(isAsked ? CLUSTER : NOT_ASKED);
});

it.each([true, false])('DescribeCluster, asked: %s', async (isAsked) => {
  const client = await under.connect();
  const asked = { includeClusterAuthorizedOperations: isAsked, includeFencedBrokers: false };
  const answer = await client.send(DESCRIBE_CLUSTER, 2, { ...asked, endpointType: 1 });
  expect(answer.clusterAuthorizedOperations).toBe(isAsked ? CLUSTER : NOT_ASKED);
});
