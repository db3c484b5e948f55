// The routes of consumer instances, Kafka REST v2's.
import type { ConsumeRoute } from '../route.ts';
import { ASSIGNMENT_ROUTES } from './assignments.ts';
import { CONSUMER_LIFE_ROUTES } from './create-consumer.ts';
import { CONSUMER_OFFSET_ROUTES } from './offsets.ts';
import { POSITION_ROUTES } from './positions.ts';
import { CONSUMER_RECORDS_ROUTES } from './records.ts';
import { SUBSCRIPTION_ROUTES } from './subscription.ts';

/** All of them. */
export const CONSUMER_ROUTES: readonly ConsumeRoute[] = [
  ...CONSUMER_LIFE_ROUTES,
  ...SUBSCRIPTION_ROUTES,
  ...ASSIGNMENT_ROUTES,
  ...POSITION_ROUTES,
  ...CONSUMER_RECORDS_ROUTES,
  ...CONSUMER_OFFSET_ROUTES,
];
