// What the load balancer asks a task of the gateway: whether it takes connections.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Health {
  readonly port: number;
  /** From now on the answer is no: the load balancer sends nobody new. */
  startDraining(): void;
  close(): Promise<void>;
}

/** The path that it asks for. */
export const HEALTH_PATH = '/health';

/**
 * Listens: 200 while connections are taken, 503 from `startDraining` on. It never asks the stores: while they fail, tasks
 * that are replaced would do no better.
 */
export async function startHealth(host: string, port: number): Promise<Health> {
  let isDraining = false;
  const server = createServer((request, response) => {
    const status = request.url === HEALTH_PATH ? (isDraining ? 503 : 200) : 404;
    response.writeHead(status, { connection: 'close' }).end();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    startDraining: () => {
      isDraining = true;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
