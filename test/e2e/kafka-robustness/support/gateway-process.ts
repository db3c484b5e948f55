// A process that serves Kafka clients over emulated DynamoDB and S3, as one of several: it prints `ready` and ends by SIGTERM
// once all is answered. Arguments: the endpoints of both, and the port.
import { createSystemClock } from '../../../../lib/base/clock.ts';
import { createSystemDice } from '../../../../lib/base/dice.ts';
import { KeyWatch } from '../../../../lib/base/key-watch.ts';
import { createBroker } from '../../../../lib/broker/create-broker.ts';
import { matchTopics } from '../../../../lib/groups/subscription.ts';
import { startKafkaGateway } from '../../../../lib/kafka/gateway.ts';
import { AWS_LIMITS } from '../../../../lib/log/limits.ts';
import { Log } from '../../../../lib/log/log.ts';
import { retryItems, retryObjects } from '../../../../lib/storage/retrying.ts';
import { createS3ObjectStore } from '../../../../lib/storage/s3/s3-object-store.ts';
import { createTieredObjectStore } from '../../../../lib/storage/tiered-object-store.ts';
import { TOPIC_LIMITS } from '../../../../lib/topics/limits.ts';
import { BUCKET, createS3Client } from '../../../storage/s3/support/fake-s3.ts';
import { openEmulatedStore } from '../../../support/emulator.ts';

const [, , dynamodb = '', s3 = '', port = '0'] = process.argv;
const [clock, dice] = [createSystemClock(), createSystemDice()];
const items = retryItems(openEmulatedStore(dynamodb), { clock, dice });
const large = retryObjects(createS3ObjectStore({ client: createS3Client(s3), bucket: BUCKET }), {
  ...{ clock, dice },
});
const objects = createTieredObjectStore({ items, large, clock, hotExpiryMs: AWS_LIMITS.hotExpiryMs });
const watch = new KeyWatch(clock);
const log = new Log(
  { items, objects, clock, dice, limits: AWS_LIMITS },
  {
    onAppended: (partitionId) => {
      watch.notify(partitionId);
    },
  },
);
const broker = createBroker({
  ...{ matchTopics, log, watch, topicLimits: TOPIC_LIMITS },
  settings: { autoCreateTopics: false, pollMsMin: 25, pollMsMax: 500 },
});
const gateway = await startKafkaGateway({
  ...{ broker, clock, dice, host: '127.0.0.1', port: Number(port) },
  onConnectionEnded: ({ clientHost, error }) => {
    console.error(clientHost, error.code, error.message);
  },
});
process.once('SIGTERM', () => {
  void gateway
    .stop()
    .then(() => log.settle())
    .then(() => process.exit(0));
});
console.info(`ready at ${gateway.host}:${gateway.port}`);
