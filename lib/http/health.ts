// Whether the process is up, and whether it reaches its storage, under the names that Strimzi's bridge gives them.
import type { Route } from './route.ts';

/** The routes for those who watch the process. */
export const HEALTH_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/healthy',
    group: 'admin',
    operationId: 'healthy',
    summary: 'Whether the process is up',
    answers: { 204: { description: 'It is' } },
    errors: [],
    handle: () => Promise.resolve(new Response(null, { status: 204 })),
  },
  {
    method: 'GET',
    path: '/ready',
    group: 'admin',
    operationId: 'ready',
    summary: 'Whether the storage answers',
    answers: { 204: { description: 'It does' } },
    errors: [],
    handle: async (_c, { broker }) => {
      await broker.clusterId();
      return new Response(null, { status: 204 });
    },
  },
];
