// The routes of those who consume, by themselves: the function that serves them has no use for the others.
import { CONSUMER_ROUTES } from './consumers/consumer-routes.ts';
import { GROUP_DESCRIPTION_ROUTES } from './groups/group-routes.ts';
import { GROUP_MEMBER_ROUTES } from './groups/member-routes.ts';
import { RECORDS_V2_ROUTES } from './records-v2.ts';
import { TOPIC_OFFSETS_V2_ROUTES } from './topics-v2.ts';
import type { ConsumeRoute } from './route.ts';

/** All of the group `consume`, but for the streams, which a function of their own serves. */
export const CONSUME_ROUTES: readonly ConsumeRoute[] = [
  ...TOPIC_OFFSETS_V2_ROUTES,
  ...RECORDS_V2_ROUTES,
  ...CONSUMER_ROUTES,
  ...GROUP_MEMBER_ROUTES,
  ...GROUP_DESCRIPTION_ROUTES,
];
