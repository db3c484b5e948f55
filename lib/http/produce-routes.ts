// The routes of those who produce, by themselves: the function that serves them has no use for the others.
import { PRODUCERS_V3_ROUTES } from './clusters-v3.ts';
import { PRODUCE_V2_ROUTES } from './produce-v2.ts';
import { PRODUCE_V3_ROUTES } from './produce-v3.ts';
import type { RecordRoute } from './route.ts';

/** All of the group `produce`. */
export const PRODUCE_ROUTES: readonly RecordRoute[] = [
  ...PRODUCE_V2_ROUTES,
  ...PRODUCERS_V3_ROUTES,
  ...PRODUCE_V3_ROUTES,
];
