// Lambda: topics, configs, groups and the cluster over HTTP.
import { createGroupBroker } from '../lib/broker/create-group-broker.ts';
import { createRecordBroker } from '../lib/broker/create-record-broker.ts';
import { createTopicBroker } from '../lib/broker/create-topic-broker.ts';
import { routesOf } from '../lib/http/routes.ts';
import { createHttpHandler } from './http-handler.ts';
import { wire } from './wiring.ts';

const wired = wire();
const broker = {
  ...createRecordBroker(wired.core),
  ...createTopicBroker(wired.core),
  ...createGroupBroker(wired.core),
};

/** Answers one event of the HTTP API. */
export const handler = createHttpHandler({ ...wired, broker }, routesOf('admin'));
