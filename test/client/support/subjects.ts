// Clients to be tested alike: in this process, and over HTTP through the real application.
import { HTTP_ROUTES } from '../../../lib/http/routes.ts';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import type { Broker } from '../../../lib/broker/broker.ts';
import { type Client, type ClientOptions, createClient } from '../../../lib/client/client.ts';
import { connectHttp } from '../../../lib/client/connect-http.ts';
import { createHttpApp } from '../../../lib/http/app.ts';
import { createMemoryBroker } from '../../http/support/memory-broker.ts';
import { createFakeGroups, type FakeGroups } from './fake-groups.ts';
import { type Send, withGroups } from './groups-routes.ts';

export interface Subject {
  readonly client: Client;
  /** What all clients of the subject stand on. */
  readonly broker: Broker;
  readonly groups: FakeGroups;
  /** Another client of the same log. */
  readonly connect: (options?: ClientOptions) => Client;
}

export type Connection = 'in process' | 'over HTTP';

export const CONNECTIONS: readonly Connection[] = ['in process', 'over HTTP'];

/** A log in memory with the topic `orders` of four partitions, behind `intercept` where that is given. */
export async function createSubject(
  connection: Connection,
  intercept: (broker: Broker) => Broker = (broker) => broker,
): Promise<Subject> {
  const memory = await createMemoryBroker();
  await memory.createTopic({ name: 'orders', partitions: 4 });
  const groups = createFakeGroups(() => memory.listTopics());
  const broker = intercept({ ...memory, groups });
  const clock = createSystemClock({ unref: true });
  const app = createHttpApp({ broker, clock, dice: createSystemDice() }, HTTP_ROUTES);
  const send = abortable(withGroups(groups, async (request) => app.fetch(request)));
  const connect = (options: ClientOptions = {}): Client =>
    connection === 'in process'
      ? createClient(broker, { clock, ...options })
      : connectHttp({ url: 'http://log.test', fetch: send, clock, ...options });
  return { client: connect(), broker, groups, connect };
}

/** As `fetch`: an answer that nobody wants any more is not waited for. */
const abortable =
  (send: Send): Send =>
  (request) =>
    new Promise((resolve, reject) => {
      request.signal.addEventListener('abort', () => {
        reject(request.signal.reason as Error);
      });
      send(request).then(resolve, reject);
    });

/** Resolves once `isTrue`; fails after ten seconds. */
export async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let attempts = 0; attempts < 2_000; attempts++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** The first `count` of what an iteration gives; the loop is then left. */
export async function first<T>(count: number, from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of from) {
    found.push(one);
    if (found.length === count) return found;
  }
  return found;
}
