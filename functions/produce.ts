// Lambda: produces over HTTP.
import { createRecordBroker } from '../lib/broker/create-record-broker.ts';
import { PRODUCE_ROUTES } from '../lib/http/produce-routes.ts';
import { createHttpHandler } from './http-handler.ts';
import { createInvokeLater } from './invoke-later.ts';
import { toProduceLaterEvent } from './produce-later-event.ts';
import { wire } from './wiring.ts';
import type { HttpDeps } from '../lib/http/route.ts';

const invokeLater = createInvokeLater();
const wired = wire({ invokeLater });
const later = wired.environment.produceLaterFunction;

/** acks=0 is answered when Lambda has queued the records, and produced by another function. */
const produceLater: HttpDeps['produceLater'] =
  later === undefined ? undefined : (requests) => invokeLater(later, toProduceLaterEvent(requests));

/** Answers one event of the HTTP API. */
export const handler = createHttpHandler(
  { ...wired, broker: createRecordBroker(wired.core), ...(produceLater && { produceLater }) },
  PRODUCE_ROUTES,
);
