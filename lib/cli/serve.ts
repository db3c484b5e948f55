// `wadi serve`: the log in one process, served over HTTP until a signal ends it.
import { pino, type Logger } from 'pino';
import { createBackgroundProducer } from '../http/produce-later.ts';
import type { RequestLogEntry } from '../http/route.ts';
import { BytePool } from '../base/byte-pool.ts';
import { openEmbedded } from './embedded.ts';
import { EXIT, type ExitCode } from './exit.ts';
import type { KafkaGateway } from '../kafka/gateway.ts';
import { createLateHttpApp } from './http-app.ts';
import { startHttpServer } from './http-server.ts';
import { isLoopback, startKafkaListener } from './kafka-listener.ts';
import type { Embedded } from '../embedded/open-embedded.ts';
import { readServeOptions, type ServeFlags, type ServeOptions } from './serve-options.ts';
import { type Terminal, write } from './terminal.ts';
import { limitBuffers } from './tune-collector.ts';

/** Of memory between one answer to a Kafka client and the next, or one segment and the next: what some fetches of 1 MB have. */
const POOL_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Serves until the terminal's signal, then stops cleanly: no new connection, all requests answered, stores closed. Prints
 * one line on stdout when it is ready, and its log as JSON lines on stderr. Throws CliErrors for what hinders the start.
 */
export async function serve(terminal: Terminal, flags: ServeFlags): Promise<ExitCode> {
  const options = readServeOptions(terminal.env, flags);
  const logger = pino({ name: 'wadi', level: options.logLevel }, terminal.stderr);
  const { clock, dice } = terminal;
  const ended = new AbortController();
  const limiting = limitBuffers(clock, ended.signal);
  const pool = new BytePool(POOL_BYTES_MAX);
  try {
    const embedded = await openEmbedded({ ...options, clock, dice, pool, logger });
    try {
      await serveUntilSignal(terminal, options, { ...embedded, pool }, logger);
    } finally {
      await embedded.close();
    }
  } finally {
    ended.abort();
    await limiting;
  }
  logger.info('stopped');
  return EXIT.ok;
}

async function serveUntilSignal(
  terminal: Terminal,
  options: ServeOptions,
  { broker, pool }: Embedded & { readonly pool: BytePool },
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
  const app = createLateHttpApp({ broker, clock, dice, produceLater: later.produceLater, onRequest });
  const server = await startHttpServer({
    ...options,
    clock,
    fetch: (request, bindings) => app.fetch(request, bindings),
  });
  let gateway: KafkaGateway | undefined;
  try {
    if (options.kafkaPort !== undefined)
      gateway = await startKafkaListener(
        {
          terminal,
          broker,
          logger,
          onSent: (bytes) => {
            pool.giveBack(bytes);
          },
        },
        options.kafka,
        options.kafkaPort,
      );
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

function logRequest(logger: Logger, { error, ...request }: RequestLogEntry): void {
  if (error === undefined) logger.debug(request, 'request');
  else logger.error({ ...request, err: error }, 'request failed');
}

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
