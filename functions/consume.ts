// Lambda: reads records over HTTP, with long polls.
import { matchTopics } from '../lib/groups/subscription.ts';
import { routesOf } from '../lib/http/routes.ts';
import { STREAM_ROUTES } from '../lib/http/stream.ts';
import { createHttpHandler } from './http-handler.ts';
import { wire } from './wiring.ts';

/** Answers one event of the HTTP API, which cannot stream: that is another function's. */
export const handler = createHttpHandler(
  wire({ matchTopics }),
  routesOf('consume').filter((route) => !STREAM_ROUTES.includes(route)),
);
