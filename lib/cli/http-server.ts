// The embedded server's socket: listens, bounds what a connection may take, and stops without dropping an answer.
import type { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Clock } from '../base/clock.ts';
import { CliError } from './exit.ts';

/** Connections beyond these are closed at once; each may hold one request body of 4.5 MB. */
export const CONNECTIONS_MAX = 1_024;

/** A client that takes longer for its headers or its whole request is cut off with 408. */
export const HEADERS_MS_MAX = 10_000;
/** 4.5 MB, the largest body, take so long at 75 KB/s. */
export const REQUEST_MS_MAX = 60_000;
/** How often the two above are looked at. */
const CHECK_EVERY_MS = 2_000;

/** Longer than clients keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 65_000;

/** An HTTP API's limit is 10,240 bytes (API Gateway quotas); Node's own is 16 KiB. Beyond it: 431. */
const HEADER_BYTES_MAX = 16 * 1024;

/** A stop waits so long for requests under way, then cuts them off. */
const STOP_MS_MAX = 10_000;

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /**
   * Answers a request. Its signal is aborted when the client has gone, or when the server stops. `incoming`: what Node
   * knows of it.
   */
  readonly fetch: (
    request: Request,
    bindings: { readonly incoming: IncomingMessage },
  ) => Response | Promise<Response>;
}

export interface HttpServer {
  /** Where it listens, as `http://127.0.0.1:8082`. */
  readonly url: string;
  /** Takes no more connections, ends waiting reads with what there is, and resolves when all requests are answered. */
  stop(): Promise<void>;
}

/** Listens. Throws a CliError where the address is taken or not ours. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const reads = new WaitingReads();
  const listener = getRequestListener(
    (request, { incoming, outgoing }) =>
      options.fetch(request.method === 'GET' ? reads.add(request, outgoing) : request, {
        incoming: incoming as IncomingMessage,
      }),
    { overrideGlobalObjects: false },
  );
  const server = createBoundedServer((request, response) => {
    // A stop waits for connections, and clients keep them: each ends when its request is read and answered.
    const closeIfStopping = () => {
      if (reads.areEnded) server.closeIdleConnections();
    };
    response.once('close', closeIfStopping);
    request.once('close', closeIfStopping);
    void listener(request, response);
  });
  await listen(server, options);
  return { url: urlOf(server), stop: () => stopServer(server, reads, options.clock) };
}

/** Requests that may wait for records: a stop ends their waiting. */
class WaitingReads {
  readonly #controllers = new Set<AbortController>();
  areEnded = false;

  /** The same request with a signal that is also aborted by `end`. A GET has no body. */
  add(request: Request, answer: Pick<EventEmitter, 'once'>): Request {
    const controller = new AbortController();
    const abort = () => {
      controller.abort();
    };
    if (this.areEnded) abort();
    request.signal.addEventListener('abort', abort, { once: true });
    this.#controllers.add(controller);
    answer.once('close', () => this.#controllers.delete(controller));
    return new Request(request.url, { headers: request.headers, signal: controller.signal });
  }

  end(): void {
    this.areEnded = true;
    for (const controller of this.#controllers) controller.abort();
  }
}

function createBoundedServer(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const server = createServer(
    {
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    listener,
  );
  server.maxConnections = CONNECTIONS_MAX;
  return server;
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new CliError(explainListen(error, host, port, HTTP_VARIABLES), { cause: error }));
    });
    server.listen({ host, port }, resolve);
  });
}

const HTTP_VARIABLES = { host: 'WADI_HTTP_HOST', port: 'WADI_HTTP_PORT' } as const;

/** Why a port cannot be listened on, and which variable to set. */
export function explainListen(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  variables: { readonly host: string; readonly port: string },
): string {
  const place = `${host}:${port}`;
  if (error.code === 'EADDRINUSE')
    return `${place} is in use: another server runs there, or set ${variables.port}`;
  if (error.code === 'EACCES')
    return `${place} may not be listened on: set ${variables.port} to 1024 or more`;
  if (error.code === 'EADDRNOTAVAIL') return `${host} is no address of this machine: set ${variables.host}`;
  return `cannot listen on ${place}: ${error.message}`;
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new CliError('the server listens nowhere');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}

async function stopServer(server: Server, reads: WaitingReads, clock: Clock): Promise<void> {
  const closed = new AbortController();
  const close = new Promise<void>((resolve) => {
    server.close(() => {
      closed.abort();
      resolve();
    });
  });
  reads.end();
  server.closeIdleConnections();
  void clock.sleep(STOP_MS_MAX, closed.signal).then(() => {
    server.closeAllConnections();
  });
  await close;
}
