// Serves one group of routes behind the HTTP API: the same application that the embedded server runs.
/* eslint-disable @typescript-eslint/no-deprecated -- Hono moves its adapter to a package of its own that is not published yet */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { createHttpApp } from '../lib/http/app.ts';
import { THROTTLED_REQUESTS } from './metric-names.ts';
import type { Context } from 'aws-lambda';
import type { HttpDeps, RequestLogEntry, Route } from '../lib/http/route.ts';
import type { Wired } from './wiring.ts';

/** Answers one event of the HTTP API. It rejects only where the process itself is broken. */
export type HttpHandler = (event: LambdaEvent, context: Context) => ReturnType<ReturnType<typeof handle>>;

/** A wired function, with the part of the broker that its routes ask, and what else they need. */
export type HttpWired<Part> = Wired & Pick<HttpDeps<Part>, 'broker' | 'produceLater'>;

/** Makes the handler. */
export function createHttpHandler<Part>(wired: HttpWired<Part>, routes: readonly Route<Part>[]): HttpHandler {
  const { broker, clock, dice, logger, metrics, produceLater } = wired;
  const onRequest = (entry: RequestLogEntry) => {
    noteRequest(wired, entry);
  };
  const app = createHttpApp(
    { broker, clock, dice, onRequest, ...(produceLater && { produceLater }) },
    routes,
  );
  const answer = handle(app);
  return async (event, context) => {
    logger.addContext(context);
    try {
      return await answer(event, context);
    } finally {
      await wired.settle();
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };
}

/** Each request has its line in the API's access log; here it is worth one where it failed. */
export function noteRequest({ logger, metrics }: Wired, { error, ...request }: RequestLogEntry): void {
  if (request.status === 429) metrics.addMetric(THROTTLED_REQUESTS, MetricUnit.Count, 1);
  if (error === undefined) logger.debug('request', { request });
  else logger.error('request failed', { request, error: error as Error });
}
