// The gateway: listens for Kafka clients. It keeps nothing that the store does not know, so that any number of them serve
// any partition and any group.
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { createAuthentication, type AuthenticationOptions } from './auth/authentication.ts';
import { ByteBudget } from './byte-budget.ts';
import { Connection, type ConnectionDeps } from './connection.ts';
import { SERVED } from './handlers.ts';
import { KAFKA_LIMITS, type KafkaLimits } from './limits.ts';
import type { AdvertisedNode } from './handlers/handler.ts';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { Broker } from '../broker/broker.ts';

export interface KafkaGatewayOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly dice: Dice;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** What clients are told to connect to. Default: where it listens. */
  readonly advertised?: { readonly host: string; readonly port: number };
  /** Default: no TLS. */
  readonly tls?: TlsOptions;
  /** Default: nobody need authenticate. */
  readonly authentication?: AuthenticationOptions;
  readonly limits?: Partial<KafkaLimits>;
  readonly onConnectionEnded?: ConnectionDeps['onEnded'];
}

export interface KafkaGateway {
  readonly host: string;
  readonly port: number;
  /** Takes no more connections and requests, ends waits, and resolves when what is under way is answered. */
  stop(): Promise<void>;
}

/** Every gateway is this node: which of them a client reaches is the load balancer's business. */
const NODE_ID = 1;

/** Listens. Rejects with the system's error where the address is taken or not ours. */
export async function startKafkaGateway(options: KafkaGatewayOptions): Promise<KafkaGateway> {
  const limits = { ...KAFKA_LIMITS, ...options.limits };
  const connections = new Set<Connection>();
  const newAuthenticator = options.authentication && createAuthentication(options.authentication, options);
  const server = options.tls ? createTlsServer({ ...options.tls }) : createPlainServer({ noDelay: true });
  server.maxConnections = limits.connectionsMax;
  await listen(server, options);
  const { host, port } = addressOf(server);
  const node: AdvertisedNode = { nodeId: NODE_ID, ...(options.advertised ?? { host, port }) };
  const deps: ConnectionDeps = {
    ...{ broker: options.broker, clock: options.clock, dice: options.dice, limits, node, served: SERVED },
    answerBytes: new ByteBudget(limits.answerBytesMax),
    requestBytes: new ByteBudget(limits.requestBytesMax),
    ...(newAuthenticator && { newAuthenticator }),
    ...(options.onConnectionEnded && { onEnded: options.onConnectionEnded }),
  };
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    const connection = new Connection(deps, socket);
    connections.add(connection);
    void connection.ended.then(() => connections.delete(connection));
  });
  return { host, port, stop: () => stop(server, connections, options.clock, limits.stopMsMax) };
}

function listen(server: Server, { host, port }: KafkaGatewayOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): { readonly host: string; readonly port: number } {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway listens nowhere');
  return { host: address.address, port: address.port };
}

async function stop(
  server: Server,
  connections: ReadonlySet<Connection>,
  clock: Clock,
  stopMsMax: number,
): Promise<void> {
  const closed = new AbortController();
  const closing = new Promise<void>((resolve) => {
    server.close(() => {
      closed.abort();
      resolve();
    });
  });
  void clock.sleep(stopMsMax, closed.signal).then(() => {
    for (const connection of connections) connection.destroy();
  });
  await Promise.all([...connections].map((connection) => connection.stop()));
  await closing;
}
