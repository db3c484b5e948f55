// Lambda: follows a topic as server-sent events, behind a function URL that streams its answers.
/* eslint-disable @typescript-eslint/no-deprecated -- Hono moves its adapter to a package of its own that is not published yet */
import { streamHandle } from 'hono/aws-lambda';
import { createRecordBroker } from '../lib/broker/create-record-broker.ts';
import { createHttpApp } from '../lib/http/app.ts';
import { STREAM_ROUTES } from '../lib/http/stream.ts';
import { noteRequest } from './http-handler.ts';
import { wire } from './wiring.ts';

const wired = wire();
const { clock, dice } = wired;

/** Lambda ends a function after 15 minutes; a stream that ends before goes on, with Last-Event-ID, in a new one. */
const STREAM_MS_MAX = 14 * 60_000;

const app = createHttpApp(
  {
    ...{ clock, dice, broker: createRecordBroker(wired.core) },
    streamMsMax: STREAM_MS_MAX,
    onRequest: (entry) => {
      noteRequest(wired, entry);
      if (wired.metrics.hasStoredMetrics()) wired.metrics.publishStoredMetrics();
    },
  },
  STREAM_ROUTES,
);

/** Answers one request of the function URL, for as long as its reader reads. */
export const handler = streamHandle(app);
