// `wadi serve`: the log in one process, served over HTTP until a signal ends it.
import { pino, type Logger } from 'pino';
import { createHttpApp } from '../http/app.ts';
import { createBackgroundProducer } from '../http/produce-later.ts';
import type { RequestLogEntry } from '../http/route.ts';
import { openEmbedded, type Embedded } from './embedded.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { startHttpServer } from './http-server.ts';
import { readServeOptions, type ServeFlags, type ServeOptions } from './serve-options.ts';
import { type Terminal, write } from './terminal.ts';

/**
 * Serves until the terminal's signal, then stops cleanly: no new connection, all requests answered, stores closed. Prints
 * one line on stdout when it is ready, and its log as JSON lines on stderr. Throws CliErrors for what hinders the start.
 */
export async function serve(terminal: Terminal, flags: ServeFlags): Promise<ExitCode> {
  const options = readServeOptions(terminal.env, flags);
  const logger = pino({ name: 'wadi', level: options.logLevel }, terminal.stderr);
  const embedded = await openEmbedded({ ...options, clock: terminal.clock, dice: terminal.dice, logger });
  try {
    await serveUntilSignal(terminal, options, embedded, logger);
  } finally {
    await embedded.close();
  }
  logger.info('stopped');
  return EXIT.ok;
}

async function serveUntilSignal(
  terminal: Terminal,
  options: ServeOptions,
  { broker }: Embedded,
  logger: Logger,
): Promise<void> {
  const { clock, dice, signal } = terminal;
  const later = createBackgroundProducer({
    broker,
    onError: (error, { topic, partition }) => {
      logger.error({ err: error, topic, partition }, 'records with acks=0 were not stored');
    },
  });
  const onRequest = (entry: RequestLogEntry) => {
    logRequest(logger, entry);
  };
  const app = createHttpApp({ broker, clock, dice, produceLater: later.produceLater, onRequest });
  const server = await startHttpServer({ ...options, clock, fetch: (request) => app.fetch(request) });
  try {
    await write(terminal.stdout, `wadi is ready at ${server.url}\n`);
    logger.info({ url: server.url, dataDir: options.dataDir }, 'serving');
    if (!isLoopback(options.host))
      logger.warn({ host: options.host }, 'anybody who reaches this address may read and write');
    await untilAborted(signal);
    logger.info({ signal: signal.reason as unknown }, 'stopping');
  } finally {
    await server.stop();
    await later.drain();
  }
}

function logRequest(logger: Logger, { error, ...request }: RequestLogEntry): void {
  if (error === undefined) logger.debug(request, 'request');
  else logger.error({ ...request, err: error }, 'request failed');
}

const isLoopback = (host: string): boolean => /^(127\.|::1$|localhost$)/.test(host);

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
