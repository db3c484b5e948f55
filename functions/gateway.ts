// The task of the Kafka gateway, on Fargate behind a load balancer: stores as the functions have them, served to Kafka clients
// until SIGTERM. Any number of tasks serve any partition and any group; a client sees one broker, the load balancer.
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { createGroupBroker } from '../lib/broker/create-group-broker.ts';
import { createRecordBroker } from '../lib/broker/create-record-broker.ts';
import { createTopicBroker } from '../lib/broker/create-topic-broker.ts';
import { matchTopics } from '../lib/groups/subscription.ts';
import { MECHANISMS } from '../lib/kafka/auth/mechanisms.ts';
import { startKafkaGateway, type KafkaGateway } from '../lib/kafka/gateway.ts';
import { startHealth } from './gateway-health.ts';
import { readGatewaySettings, type GatewaySettings } from './gateway-settings.ts';
import { createInvokeLater } from './invoke-later.ts';
import { GATEWAY_CONNECTIONS } from './metric-names.ts';
import { followUsers, secretReader } from './secret-users.ts';
import { wire, type Wired } from './wiring.ts';

/**
 * A load balancer's TLS listener forgets connections that were idle for 350 s, and tells nobody (Elastic Load Balancing,
 * "Connection idle timeout"): before it does, the gateway ends them, which clients see.
 */
const IDLE_MS_MAX = 340_000;

/** Clients prove anew who they are once an hour: who was removed is out by then (Kafka's connections.max.reauth.ms). */
const SESSION_MS = 3_600_000;

const METRICS_EVERY_MS = 60_000;

/** Serves until the signal. Rejects where it cannot start. */
async function run(signal: AbortSignal): Promise<void> {
  const settings = readGatewaySettings(process.env);
  const { autoCreateTopics } = settings;
  const wired = wire({ invokeLater: createInvokeLater(), settings: { autoCreateTopics } });
  const { logger, clock } = wired;
  const gateway = await startGateway(wired, settings, signal);
  const health = await startHealth(settings.host, settings.healthPort);
  const { port } = gateway;
  logger.info('serving', { port, healthPort: health.port, advertised: settings.advertised });
  const reporting = reportConnections(wired, gateway, signal);
  await untilAborted(signal);
  logger.info('draining', { connections: gateway.countConnections() });
  health.startDraining();
  await clock.sleep(settings.drainPauseMs);
  await gateway.stop();
  await Promise.all([wired.settle(), health.close(), reporting]);
  logger.info('stopped');
}

async function startGateway(
  { core, clock, dice, logger }: Wired,
  { host, port, advertised, usersSecret, allowsPlain }: GatewaySettings,
  signal: AbortSignal,
): Promise<KafkaGateway> {
  const credentials = await followUsers(secretReader(usersSecret, clock), {
    ...{ clock, signal },
    onRead: (users) => {
      logger.info('users were read', { users });
    },
    onError: (error) => {
      logger.error('users could not be read anew: those from before stay', error as Error);
    },
  });
  const mechanisms = MECHANISMS.filter((one) => one !== 'PLAIN' || allowsPlain);
  const broker = {
    ...createRecordBroker(core),
    ...createTopicBroker(core),
    ...createGroupBroker(core, { matchTopics }),
  };
  return startKafkaGateway({
    ...{ broker, clock, dice, host, port, advertised },
    authentication: { credentials, mechanisms, sessionLifetimeMs: SESSION_MS },
    limits: { idleMsMax: IDLE_MS_MAX },
    onConnectionEnded: ({ error, ...end }) => {
      logger.warn('a connection of a Kafka client was ended', { ...end, error });
    },
  });
}

/** How many clients each task has: what the service scales by. */
async function reportConnections(
  { metrics, clock }: Wired,
  gateway: KafkaGateway,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    metrics.addMetric(GATEWAY_CONNECTIONS, MetricUnit.Count, gateway.countConnections());
    metrics.publishStoredMetrics();
    await clock.sleep(METRICS_EVERY_MS, signal);
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) {
  process.on(name, () => {
    stopping.abort(name);
  });
}
try {
  await run(stopping.signal);
} catch (error) {
  console.error(
    JSON.stringify({ level: 'CRITICAL', message: 'the gateway cannot serve', error: describe(error) }),
  );
  process.exitCode = 1;
}
// Kept connections of the AWS clients would hold the process.
process.exit();

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
