// What a task on Fargate has around it beside DynamoDB, S3 and Lambda: credentials of its role, Secrets Manager, and a load
// balancer that asks each task whether it is well.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TaskServices {
  readonly url: string;
  /** Of the one secret. */
  secret: string;
  /** Ids of the secrets that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Gives out credentials whose access key id is `caller`, and one secret, to whoever signs with them. */
export async function startTaskServices(caller: string, secret: string): Promise<TaskServices> {
  const asked: string[] = [];
  const services = { secret };
  const server = createHttpServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const isCredentials = request.method === 'GET' && request.url === '/credentials';
      if (isCredentials) {
        const expires = new Date(Date.now() + 3_600_000).toISOString();
        response.end(
          JSON.stringify({
            AccessKeyId: caller,
            SecretAccessKey: 'test',
            Token: 'token',
            Expiration: expires,
          }),
        );
        return;
      }
      const isSigned = request.headers.authorization?.includes(`Credential=${caller}/`) ?? false;
      const isRead = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
      if (!isSigned || !isRead || request.headers['x-amz-security-token'] !== 'token') {
        response.writeHead(400).end(JSON.stringify({ __type: 'AccessDeniedException' }));
        return;
      }
      asked.push((JSON.parse(Buffer.concat(chunks).toString()) as { SecretId: string }).SecretId);
      response.end(JSON.stringify({ SecretString: services.secret }));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(services, {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

export interface Target {
  readonly port: number;
  readonly healthPort: number;
}

export interface FakeBalancer {
  readonly port: number;
  /** Those that are well when they were asked last. */
  healthy(): readonly Target[];
  close(): Promise<void>;
}

const HEALTH_EVERY_MS = 100;

/** Passes each connection on to the next target that is well. */
export async function startBalancer(targets: readonly Target[]): Promise<FakeBalancer> {
  const healthy = new Set<Target>();
  const sockets = new Set<Socket>();
  let turn = 0;
  const closed = new AbortController();
  const asking = (async () => {
    while (!closed.signal.aborted) {
      for (const target of targets) {
        const isWell = await fetch(`http://127.0.0.1:${target.healthPort}/health`).then(
          ({ status }) => status === 200,
          () => false,
        );
        if (isWell) healthy.add(target);
        else healthy.delete(target);
      }
      await sleep(HEALTH_EVERY_MS);
    }
  })();
  const server = createServer((client) => {
    const list = [...healthy];
    const target = list[turn++ % Math.max(1, list.length)];
    if (!target) {
      client.destroy();
      return;
    }
    const upstream = connect(target.port, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.end();
      });
      one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    healthy: () => [...healthy],
    close: async () => {
      closed.abort();
      for (const socket of sockets) socket.destroy();
      server.close();
      await asking;
    },
  };
}
