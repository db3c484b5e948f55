// The HTTP application over a broker in memory, behind a real socket; a test may answer requests in its place.
import { HTTP_ROUTES } from '../../../lib/http/routes.ts';
import { createSystemClock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import type { Broker } from '../../../lib/broker/broker.ts';
import { startHttpServer } from '../../../lib/cli/http-server.ts';
import { createHttpApp } from '../../../lib/http/app.ts';
import { createMemoryBroker, type MemoryBrokerOptions } from '../../http/support/memory-broker.ts';

export interface MemoryServer extends AsyncDisposable {
  readonly url: string;
  readonly broker: Broker;
  /** Requests as `POST /topics/a`, in their order. */
  readonly requests: readonly string[];
  /**
   * Called before and after the application answers a request. What `before` answers goes out instead, and the application
   * never sees the request; what `after` answers goes out instead of the application's own answer.
   */
  intercept: {
    before?: (request: Request) => Response | undefined;
    after?: (request: Request, answer: Response) => Response;
  };
}

export async function startMemoryServer(options: MemoryBrokerOptions = {}): Promise<MemoryServer> {
  const clock = createSystemClock();
  const broker = await createMemoryBroker(options);
  const app = createHttpApp({ broker, clock, dice: createSystemDice() }, HTTP_ROUTES);
  const requests: string[] = [];
  const intercept: MemoryServer['intercept'] = {};
  const server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    clock,
    fetch: async (request) => {
      requests.push(`${request.method} ${new URL(request.url).pathname}`);
      const instead = intercept.before?.(request);
      if (instead) return instead;
      const answer = await app.fetch(request);
      return intercept.after?.(request, answer) ?? answer;
    },
  });
  return { url: server.url, broker, requests, intercept, [Symbol.asyncDispose]: () => server.stop() };
}
