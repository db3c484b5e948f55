// Apache Kafka as one node in KRaft mode, in a fresh folder, with the settings that its own scripts and configuration have.
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/support/free-port.ts';
import { awaitServer, type Server } from './server.ts';

/** Those of bin/kafka-server-start.sh and bin/kafka-run-class.sh. */
const JVM_FLAGS = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-XX:MaxInlineLevel=15',
  '-Djava.awt.headless=true',
];

/** Of config/server.properties, on free ports and in `folder`: a cluster of one, so nothing is replicated. */
const propertiesOf = (folder: string, port: number, controllerPort: number, isSynced: boolean): string => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'logs')}
num.network.threads=3
num.io.threads=8
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
${isSynced ? 'log.flush.interval.messages=1\n' : ''}`;

const CLUSTER_ID = 'MkU3OEVBNTcwNTJENDM2Qk';

/**
 * Formats its storage in `folder`, which exists and is empty, and starts it. `isSynced`: it syncs to disk before each
 * acknowledgement, as we do; by default it leaves that to the system.
 */
export async function startKafkaServer(
  classPath: string,
  folder: string,
  { isSynced }: { readonly isSynced: boolean },
): Promise<Server> {
  const [port, controllerPort] = [await freePort(), await freePort()];
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, propertiesOf(folder, port, controllerPort, isSynced));
  const format = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties];
  execFileSync('java', ['-cp', classPath, ...format], { stdio: ['ignore', 'ignore', 'pipe'] });
  const startedAtMs = performance.now();
  const child = spawn('java', [...JVM_FLAGS, '-cp', classPath, 'kafka.Kafka', properties], {
    cwd: folder,
    stdio: 'ignore',
  });
  return awaitServer('kafka', child, port, startedAtMs);
}
