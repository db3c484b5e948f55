// The gateway: listens for Kafka clients. It keeps nothing that the store does not know, so that any number of them serve
// any partition and any group.
import { createServer as createPlainServer, type DropArgument, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer, type TlsOptions } from 'node:tls';
import { createAuthentication, type AuthenticationOptions } from './auth/authentication.ts';
import { assert } from '../base/assert.ts';
import { BrokerError } from '../base/errors.ts';
import { ByteBudget } from './byte-budget.ts';
import { Connection, type ConnectionDeps } from './connection.ts';
import { boundReports, type ReportedEnd } from './end-reports.ts';
import { SERVED } from './handlers.ts';
import { checkKafkaLimits, KAFKA_LIMITS, type KafkaLimits } from './limits.ts';
import { ReadingTurns } from './reading-turns.ts';
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
  /** Told of bytes of answers that were sent, so that their memory can be used again. */
  readonly onSent?: (bytes: Uint8Array) => void;
  /** Told of connections that were ended for a reason; of a flood of them, of some. */
  readonly onConnectionEnded?: (end: ReportedEnd) => void;
}

export interface KafkaGateway {
  readonly host: string;
  readonly port: number;
  /** Open ones, without those that have not agreed on TLS yet. */
  countConnections(): number;
  /**
   * What new connections are given, for a listener that has TLS: certificate, key and authorities. Throws where they do not
   * fit, and changes nothing then.
   */
  setTls(tls: TlsOptions): void;
  /** Takes no more connections and requests, ends waits, and resolves when what is under way is answered. */
  stop(): Promise<void>;
}

/** Every gateway is this node: which of them a client reaches is the load balancer's business. */
const NODE_ID = 1;

/** Listens. Rejects with the system's error where the address is taken or not ours. */
export async function startKafkaGateway(options: KafkaGatewayOptions): Promise<KafkaGateway> {
  const limits = checkKafkaLimits({ ...KAFKA_LIMITS, ...options.limits });
  const onEnded = boundReports(options.clock, options.onConnectionEnded);
  const server = createServer(options, limits, onEnded);
  const strangers = trackStrangers(server, options.tls !== undefined);
  await listen(server, options);
  const { host, port } = addressOf(server);
  const connections = new Set<Connection>();
  const newAuthenticator = options.authentication && createAuthentication(options.authentication, options);
  const node: AdvertisedNode = {
    ...{ nodeId: NODE_ID, securityProtocol: securityProtocolOf(options) },
    ...(options.advertised ?? { host, port }),
  };
  const deps: ConnectionDeps = {
    ...{ broker: options.broker, clock: options.clock, dice: options.dice, limits, node, served: SERVED },
    answerBytes: new ByteBudget(limits.answerBytesMax),
    turns: new ReadingTurns(options.clock, limits),
    ...(newAuthenticator && { newAuthenticator }),
    ...(options.onSent && { onSent: options.onSent }),
    onEnded,
  };
  server.on(options.tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    const connection = new Connection(deps, socket);
    connections.add(connection);
    void connection.ended.then(() => connections.delete(connection));
  });
  return {
    ...{ host, port },
    countConnections: () => connections.size,
    setTls: (tls) => {
      assert(server instanceof TlsServer, 'the listener has no TLS');
      server.setSecureContext(tls);
    },
    stop: () => stop(server, { connections, strangers }, options.clock, limits.stopMsMax),
  };
}

function createServer(
  { tls }: KafkaGatewayOptions,
  { connectionsMax, handshakeMsMax }: KafkaLimits,
  onEnded: ConnectionDeps['onEnded'],
): Server {
  const server = tls
    ? createTlsServer({ handshakeTimeout: handshakeMsMax, ...tls })
    : createPlainServer({ noDelay: true });
  server.maxConnections = connectionsMax;
  const refused = (host: string | undefined, port: number | undefined, message: string, cause?: Error) => {
    const error = new BrokerError('INVALID_REQUEST', message, { cause });
    onEnded({ clientHost: `/${host ?? 'unknown'}`, clientPort: port ?? 0, error });
  };
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    refused(socket.remoteAddress, socket.remotePort, `no TLS was agreed upon: ${error.message}`, error);
  });
  server.on('drop', (dropped?: DropArgument) => {
    refused(
      dropped?.remoteAddress,
      dropped?.remotePort,
      `${connectionsMax} connections are open, and no more may be`,
    );
  });
  return server;
}

/** Sockets that have not agreed on TLS yet: they are no connections, and nothing is under way on them. */
function trackStrangers(server: Server, hasTls: boolean): ReadonlyMap<string, Socket> {
  const strangers = new Map<string, Socket>();
  if (!hasTls) return strangers;
  const peerOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress ?? ''} ${remotePort ?? 0}`;
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    strangers.set(peer, socket);
    socket.once('close', () => {
      if (strangers.get(peer) === socket) strangers.delete(peer);
    });
  });
  server.on('secureConnection', (socket: Socket) => strangers.delete(peerOf(socket)));
  return strangers;
}

const securityProtocolOf = ({
  tls,
  authentication,
}: KafkaGatewayOptions): AdvertisedNode['securityProtocol'] => {
  const transport = tls ? 'SSL' : 'PLAINTEXT';
  return authentication ? `SASL_${transport}` : transport;
};

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

interface Open {
  readonly connections: ReadonlySet<Connection>;
  readonly strangers: ReadonlyMap<string, Socket>;
}

async function stop(
  server: Server,
  { connections, strangers }: Open,
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
  for (const socket of strangers.values()) socket.destroy();
  void clock.sleep(stopMsMax, closed.signal).then(() => {
    for (const connection of connections) connection.destroy();
  });
  await Promise.all([...connections].map((connection) => connection.stop()));
  await closing;
}
