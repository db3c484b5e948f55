// Lambda: reads records over HTTP, with long polls, and serves consumers and members of groups.
import { createGroupBroker } from '../lib/broker/create-group-broker.ts';
import { createRecordBroker } from '../lib/broker/create-record-broker.ts';
import { matchTopics } from '../lib/groups/subscription.ts';
import { CONSUME_ROUTES } from '../lib/http/consume-routes.ts';
import { createHttpHandler } from './http-handler.ts';
import { wire } from './wiring.ts';

const wired = wire();
const broker = { ...createRecordBroker(wired.core), ...createGroupBroker(wired.core, { matchTopics }) };

/** Answers one event of the HTTP API, which cannot stream: that is another function's. */
export const handler = createHttpHandler({ ...wired, broker }, CONSUME_ROUTES);
