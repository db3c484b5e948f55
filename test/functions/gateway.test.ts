// The Kafka gateway as it is deployed: what the container runs, twice, behind a load balancer, on a fake AWS that refuses
// whatever the template's policies do not allow; real clients; and a task that is told to stop under load.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigResourceTypes, Kafka, logLevel, type SASLOptions } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSystemDice } from '../../lib/base/dice.ts';
import { formatUsers, saltUser } from '../../lib/kafka/auth/stored-users.ts';
import { createTables } from '../../lib/storage/dynamodb/create-tables.ts';
import { DYNOXIDE_PATH, NO_DYNOXIDE, startDynoxide } from '../support/dynoxide.ts';
import { createEmulatorClient, stop, type Emulator } from '../support/emulator.ts';
import { freePort } from '../support/free-port.ts';
import { startFakeAws, type FakeAws } from './support/fake-aws.ts';
import { deployGateway, type GatewayDeployment } from './support/gateway-deployment.ts';
import {
  startBalancer,
  startTaskServices,
  type FakeBalancer,
  type Target,
  type TaskServices,
} from './support/task-services.ts';

const CALLER = 'gateway';
const DEPLOYER = 'deployer';
const DRAIN_PAUSE_MS = 500;

interface Task extends Target {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

const without = DYNOXIDE_PATH === undefined;
describe.skipIf(without)(without ? `the Kafka gateway: ${NO_DYNOXIDE}` : 'the Kafka gateway', () => {
  let deployment: GatewayDeployment;
  let emulator: Emulator;
  let aws: FakeAws;
  let services: TaskServices;
  let balancer: FakeBalancer;
  let tasks: Task[] = [];
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    deployment = deployGateway();
    emulator = await startDynoxide();
    const client = createEmulatorClient(emulator.endpoint);
    await createTables(client, JSON.parse(deployment.environment['WADI_TABLES'] ?? '{}') as object);
    client.destroy();
    const { bucket, key, bytes } = deployment.bundle;
    aws = await startFakeAws(emulator.endpoint, {
      [CALLER]: deployment.statements,
      [DEPLOYER]: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
    const authorization = `Credential=${DEPLOYER}/`;
    await fetch(`${aws.endpoint}/${bucket}/${key}`, {
      method: 'PUT',
      body: bytes,
      headers: { authorization },
    });
    const ann = await saltUser('ann', 'pencil', { dice: createSystemDice() });
    services = await startTaskServices(CALLER, formatUsers(new Map([['ann', ann]])));
    const targets = [await newTarget(), await newTarget()];
    balancer = await startBalancer(targets);
    tasks = targets.map((target) => startTask(target));
    await vi.waitUntil(() => balancer.healthy().length === 2, { timeout: 60_000 });
  }, 240_000);
  afterAll(async () => {
    await Promise.all(started.map(stop));
    await balancer.close();
    await services.close();
    await aws.close();
    await emulator.close();
    deployment.remove();
  });

  const newTarget = async (): Promise<Target> => ({ port: await freePort(), healthPort: await freePort() });

  function startTask(
    { port, healthPort }: Target,
    { args = deployment.args, env = {} }: { args?: readonly string[]; env?: Record<string, string> } = {},
  ): Task {
    const cwd = join(deployment.folder, `task-${port}`);
    mkdirSync(cwd);
    const child = spawn(process.execPath, args, {
      cwd,
      env: {
        ...{ PATH: process.env['PATH'], AWS_REGION: 'us-east-1', TMPDIR: cwd, ...deployment.environment },
        ...{
          WADI_KAFKA_HOST: '127.0.0.1',
          WADI_KAFKA_PORT: String(port),
          WADI_HEALTH_PORT: String(healthPort),
        },
        ...{
          WADI_KAFKA_ADVERTISED: `127.0.0.1:${balancer.port}`,
          WADI_DRAIN_PAUSE_MS: String(DRAIN_PAUSE_MS),
        },
        ...{ AWS_ENDPOINT_URL: aws.endpoint, AWS_ENDPOINT_URL_SECRETS_MANAGER: services.url },
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${services.url}/credentials`,
        ...env,
      },
    });
    started.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    const ended = once(child, 'close').then(([code]) => code as number | null);
    return { port, healthPort, process: child, output: () => output, ended };
  }

  const kafka = (sasl: SASLOptions = { mechanism: 'scram-sha-512', username: 'ann', password: 'pencil' }) =>
    new Kafka({
      ...{ clientId: 'kafkajs', brokers: [`127.0.0.1:${balancer.port}`], logLevel: logLevel.NOTHING, sasl },
      ...{ retry: { retries: 20, initialRetryTime: 50, maxRetryTime: 500 }, requestTimeout: 10_000 },
    });

  it('is one broker, the load balancer, whichever task is asked', async () => {
    for (let count = 0; count < 4; count++) {
      const admin = kafka().admin();
      await admin.connect();
      const { brokers, controller } = await admin.describeCluster();
      expect(brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: balancer.port }]);
      expect(controller).toBe(1);
      await admin.disconnect();
    }
    expect(tasks.every(({ output }) => output().includes('"message":"serving"'))).toBe(true);
    expect(services.asked).toContain(deployment.environment['WADI_KAFKA_USERS_SECRET']);
  });

  it('refuses wrong passwords, and passwords without TLS', async () => {
    const once = { retry: { retries: 0 } };
    const wrong = kafka({ mechanism: 'scram-sha-256', username: 'ann', password: 'wrong' }).admin(once);
    await expect(wrong.connect()).rejects.toThrow(/invalid credentials/);
    const plain = kafka({ mechanism: 'plain', username: 'ann', password: 'pencil' }).admin(once);
    await expect(plain.connect()).rejects.toThrow(/not support/);
    await Promise.all([wrong.disconnect(), plain.disconnect()]);
  });

  it('makes, describes, changes and deletes topics and groups with the rights of its role', async () => {
    const admin = kafka().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'one', numPartitions: 2 }, { topic: 'other' }] });
    await admin.createPartitions({ topicPartitions: [{ topic: 'one', count: 3 }] });
    const resource = { type: ConfigResourceTypes.TOPIC, name: 'one' };
    await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const configEntries = [{ name: 'retention.ms', value: '1000' }];
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
    await admin.setOffsets({ groupId: 'g', topic: 'one', partitions: [{ partition: 0, offset: '0' }] });
    expect(await admin.fetchOffsets({ groupId: 'g', topics: ['one'] })).toHaveLength(1);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toContain('g');
    await admin.describeGroups(['g']);
    await admin.deleteGroups(['g']);
    await admin.deleteTopics({ topics: ['other'] });
    expect(await admin.listTopics()).toEqual(['one']);
    await admin.disconnect();
  });

  it('produces and consumes in groups over both tasks, large records too', async () => {
    const values = ['a', 'b'.repeat(5_000), 'c'.repeat(200_000)];
    const producer = kafka().producer({ idempotent: true });
    await producer.connect();
    for (const value of values)
      await producer.send({ topic: 'one', messages: [{ key: value[0] ?? '', value }] });
    await producer.disconnect();
    const seen = new Set<string>();
    const consumers = [0, 1].map(() => kafka().consumer({ groupId: 'readers', maxWaitTimeInMs: 500 }));
    for (const consumer of consumers) {
      await consumer.connect();
      await consumer.subscribe({ topics: ['one'], fromBeginning: true });
      await consumer.run({
        eachMessage: ({ message }) => {
          seen.add(message.value?.toString() ?? '');
          return Promise.resolve();
        },
      });
    }
    await expect.poll(() => seen.size, { timeout: 30_000 }).toBe(3);
    expect([...seen].toSorted()).toEqual(values);
    await Promise.all(consumers.map((consumer) => consumer.disconnect()));
    const admin = kafka().admin();
    await admin.connect();
    const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '-1' }));
    // kafkajs knows the topic from then on.
    await admin.fetchTopicOffsets('one');
    await admin.deleteTopicRecords({ topic: 'one', partitions });
    expect((await admin.fetchTopicOffsets('one')).map(({ low, high }) => Number(high) - Number(low))).toEqual(
      [0, 0, 0],
    );
    await admin.disconnect();
  }, 60_000);

  it('loses and doubles no acknowledged record where a task is told to stop under load, which ends with 0', async () => {
    const admin = kafka().admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'load', numPartitions: 2 }] });
    const producers = [0, 1, 2, 3].map(() => kafka().producer({ idempotent: true, maxInFlightRequests: 1 }));
    const acknowledged: string[] = [];
    let isOver = false;
    const producing = producers.map(async (producer, index) => {
      await producer.connect();
      for (let number = 0; !isOver; number++) {
        const value = `${index} ${number}`;
        await producer.send({ topic: 'load', messages: [{ value, partition: index % 2 }] });
        acknowledged.push(value);
      }
      await producer.disconnect();
    });
    await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(100);
    const [stopping] = tasks as [Task];
    stopping.process.kill('SIGTERM');
    await expect.poll(() => balancer.healthy().length).toBe(1);
    expect(await stopping.ended).toBe(0);
    expect(stopping.output()).toContain('"message":"stopped"');
    expect(stopping.output()).toContain('KafkaConnections');
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length - before, { timeout: 20_000 }).toBeGreaterThan(100);
    isOver = true;
    await Promise.all(producing);

    const stored: string[] = [];
    const consumer = kafka().consumer({ groupId: 'counting', maxWaitTimeInMs: 200 });
    await consumer.connect();
    await consumer.subscribe({ topics: ['load'], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        stored.push(message.value?.toString() ?? '');
        return Promise.resolve();
      },
    });
    await expect.poll(() => stored.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(acknowledged.length);
    await consumer.disconnect();
    expect(stored.toSorted()).toEqual(acknowledged.toSorted());
    await admin.disconnect();
  }, 120_000);

  it('has no right that these journeys do not use, but for a few', () => {
    const used = new Set(
      aws.granted.map(({ access: { action, resource } }) => `${action} ${resource.split('/')[0] ?? ''}`),
    );
    const given = deployment.statements.flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .flatMap((action) => [Resource].flat().map((one) => `${action} ${one.split('/')[0] ?? ''}`)),
    );
    const unused = given.filter(
      (right) => !used.has(right) && !/^secretsmanager:|^s3:ListBucket /.test(right),
    );
    // Spilled states of many producers, waking the sealer, and the object of who lost a race to seal: the functions run the
    // same code with the same rights, and use them.
    expect([...new Set(unused)].toSorted()).toEqual([
      expect.stringMatching(/^dynamodb:GetItem .*producers/),
      expect.stringMatching(/^dynamodb:PutItem .*producers/),
      expect.stringMatching(/^lambda:InvokeFunction .*seal/),
      expect.stringMatching(/^s3:DeleteObject .*objects/),
    ]);
  });

  it('does not start with another bundle than the one that was deployed', async () => {
    const args = deployment.args.with(-3, '0'.repeat(64));
    const task = startTask(await newTarget(), { args });
    expect(await task.ended).not.toBe(0);
    expect(task.output()).toMatch(/has the SHA-256 \w{64}, expected 0{64}/);
  }, 60_000);

  it.each([
    [{ WADI_KAFKA_ADVERTISED: 'nowhere' }, 'WADI_KAFKA_ADVERTISED must be host:port'],
    [{ WADI_DRAIN_PAUSE_MS: '60001' }, 'WADI_DRAIN_PAUSE_MS must be 0 to 60000, got \\"60001\\"'],
    [{ WADI_KAFKA_USERS_SECRET: '' }, 'the environment variable WADI_KAFKA_USERS_SECRET is not set'],
    [{ AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' }, 'the gateway cannot serve'],
  ])('says why it does not start: %o', async (env, message) => {
    const task = startTask(await newTarget(), { env });
    expect(await task.ended).toBe(1);
    expect(task.output()).toContain(message);
  });
});
