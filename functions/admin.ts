// Lambda: topics, configs and the cluster over HTTP.
import { routesOf } from '../lib/http/routes.ts';
import { createHttpHandler } from './http-handler.ts';
import { wire } from './wiring.ts';

/** Answers one event of the HTTP API. */
export const handler = createHttpHandler(wire(), routesOf('admin'));
