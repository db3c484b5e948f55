// `wadi serve`: the log in one process, served over HTTP until a signal ends it.
import { pino, type Logger } from 'pino';
import { createHttpApp } from '../http/app.ts';
import { HTTP_ROUTES } from '../http/routes.ts';
import { createBackgroundProducer } from '../http/produce-later.ts';
import type { RequestLogEntry } from '../http/route.ts';
import { openEmbedded, type Embedded } from './embedded.ts';
import { CliError, EXIT, type ExitCode } from './exit.ts';
import { startKafkaGateway, type KafkaGateway } from '../kafka/gateway.ts';
import { explainListen, startHttpServer } from './http-server.ts';
import type { BrokerError } from '../base/errors.ts';
import type { Broker } from '../broker/broker.ts';
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
  const app = createHttpApp(
    { broker, clock, dice, produceLater: later.produceLater, onRequest },
    HTTP_ROUTES,
  );
  const server = await startHttpServer({
    ...options,
    clock,
    fetch: (request, bindings) => app.fetch(request, bindings),
  });
  let gateway: KafkaGateway | undefined;
  try {
    gateway = await startGateway(terminal, options, broker, logger);
    const kafka = gateway && `${gateway.host}:${gateway.port}`;
    const kafkaText = kafka === undefined ? '' : `, and for Kafka clients at ${kafka}`;
    await write(terminal.stdout, `wadi is ready at ${server.url}${kafkaText}\n`);
    logger.info({ url: server.url, kafka, dataDir: options.dataDir }, 'serving');
    if (!isLoopback(options.host))
      logger.warn({ host: options.host }, 'anybody who reaches this address may read and write');
    await untilAborted(signal);
    logger.info({ signal: signal.reason as unknown }, 'stopping');
  } finally {
    await Promise.all([server.stop(), gateway?.stop()]);
    await later.drain();
  }
}

async function startGateway(
  { clock, dice }: Terminal,
  { host, kafkaPort }: ServeOptions,
  broker: Broker,
  logger: Logger,
): Promise<KafkaGateway | undefined> {
  if (kafkaPort === undefined) return undefined;
  const onConnectionEnded = (clientHost: string, error: BrokerError | undefined) => {
    if (error) logger.warn({ err: error, clientHost }, 'a connection of a Kafka client was ended');
  };
  try {
    return await startKafkaGateway({ broker, clock, dice, host, port: kafkaPort, onConnectionEnded });
  } catch (error) {
    throw new CliError(explainListen(error as NodeJS.ErrnoException, host, kafkaPort, 'WADI_KAFKA_PORT'), {
      cause: error,
    });
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
