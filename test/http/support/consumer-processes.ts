// Several processes of the application over one store, on the machine's clock, which a test can set forward.
import { matchTopics } from '../../../lib/groups/subscription.ts';
import { createSystemClock, type Clock } from '../../../lib/base/clock.ts';
import { createSystemDice } from '../../../lib/base/dice.ts';
import { KeyWatch } from '../../../lib/base/key-watch.ts';
import type { Broker } from '../../../lib/broker/broker.ts';
import { createBroker } from '../../../lib/broker/create-broker.ts';
import type { ConsumerGroupHeartbeatRequest, Groups } from '../../../lib/groups/groups.ts';
import { createInstances, type Instances } from '../../../lib/groups/instances.ts';
import { GROUP_LIMITS } from '../../../lib/groups/limits.ts';
import { AWS_LIMITS } from '../../../lib/log/limits.ts';
import type { LogDeps } from '../../../lib/log/log-deps.ts';
import { Log } from '../../../lib/log/log.ts';
import type { ItemStore } from '../../../lib/storage/ports/item-store.ts';
import { clusterItem } from '../../../lib/storage/schema/cluster.ts';
import { TOPIC_LIMITS } from '../../../lib/topics/limits.ts';
import { memoryStoresOn } from '../../broker/memory-broker.ts';
import { createApi, type Answer, type Api } from './api.ts';

export const V2 = 'application/vnd.kafka.v2+json';
export const JSON_V2 = 'application/vnd.kafka.json.v2+json';
export const BINARY_V2 = 'application/vnd.kafka.binary.v2+json';
export const TEXT_V2 = 'application/vnd.kafka.text.v2+json';

export interface Process {
  readonly api: Api;
  readonly broker: Broker & { readonly instances: Instances };
  /** Called before each of these operations of groups; what it throws is thrown. */
  readonly interfere: {
    heartbeat?: (request: ConsumerGroupHeartbeatRequest) => void | Promise<void>;
    /** After it was applied: its answer is lost then. */
    heartbeatAnswer?: () => void | Promise<void>;
    commit?: () => void | Promise<void>;
    /** Before each conditional write of an instance. */
    replace?: () => void | Promise<void>;
  };
  readonly get: (path: string, accept?: string) => Promise<Answer>;
  readonly post: (path: string, body?: unknown) => Promise<Answer>;
  readonly remove: (path: string) => Promise<Answer>;
  /** A consumer, at its base path. `fields` besides its name and `auto.offset.reset: earliest`. */
  readonly createConsumer: (group: string, name: string, fields?: object) => Promise<string>;
  /** Values of records that a consumer of JSON is given. */
  readonly read: (base: string, query?: string) => Promise<unknown[]>;
  readonly produce: (topic: string, partition: number, values: readonly unknown[]) => Promise<void>;
}

export interface ProcessesOptions {
  /** Default 50. */
  readonly heartbeatIntervalMs?: number;
  /** Topics and their partitions. Default: jsontest with 1, orders with 4. */
  readonly topics?: Readonly<Record<string, number>>;
  readonly wrapItems?: (items: ItemStore) => ItemStore;
}

export interface Processes {
  readonly processes: readonly [Process, Process];
  readonly items: ItemStore;
  /** Sets every clock forward. */
  readonly skip: (durationMs: number) => void;
}

export async function createProcesses(options: ProcessesOptions = {}): Promise<Processes> {
  let skewMs = 0;
  const system = createSystemClock({ unref: true });
  const clock: Clock = { now: () => system.now() + skewMs, sleep: (ms, signal) => system.sleep(ms, signal) };
  const stores = memoryStoresOn(clock);
  await stores.items.put('topics', clusterItem({ clusterId: 'cluster-1', formatLevel: 1, createdAtMs: 0 }));
  const items = options.wrapItems?.(stores.items) ?? stores.items;
  const first = await createProcess({ ...stores, items }, options);
  for (const [name, partitions] of Object.entries(options.topics ?? { jsontest: 1, orders: 4 }))
    await first.broker.createTopic({ name, partitions });
  const second = await createProcess({ ...stores, items }, options);
  return {
    processes: [first, second],
    items,
    skip: (durationMs) => {
      skewMs += durationMs;
    },
  };
}

async function createProcess(
  stores: Pick<LogDeps, 'clock' | 'items' | 'objects'>,
  { heartbeatIntervalMs = 50 }: ProcessesOptions,
): Promise<Process> {
  const dice = createSystemDice();
  const watch = new KeyWatch(stores.clock);
  const log = new Log(
    { ...stores, dice, limits: AWS_LIMITS },
    {
      onAppended: (partitionId) => {
        watch.notify(partitionId);
      },
    },
  );
  const limits = {
    ...GROUP_LIMITS,
    consumerHeartbeatIntervalMs: heartbeatIntervalMs,
    initialRebalanceDelayMs: 0,
  };
  const made = createBroker({
    matchTopics,
    ...{ log, watch, topicLimits: TOPIC_LIMITS, groupLimits: limits },
    settings: { autoCreateTopics: false, pollMsMin: 10, pollMsMax: 20 },
  });
  const interfere: Process['interfere'] = {};
  const instances = disturbed(createInstances({ ...stores, dice, limits }), interfere);
  const broker = { ...made, groups: disturbedGroups(made.groups, interfere), instances };
  const api = await createApi({ deps: { broker, clock: stores.clock } });
  return { api, broker, interfere, ...callsOf(api) };
}

const disturbed = (instances: Instances, interfere: Process['interfere']): Instances => ({
  ...instances,
  replace: async (...parameters) => {
    await interfere.replace?.();
    return instances.replace(...parameters);
  },
});

const disturbedGroups = (groups: Groups, interfere: Process['interfere']): Groups => ({
  ...groups,
  consumerGroupHeartbeat: async (request) => {
    await interfere.heartbeat?.(request);
    const answer = await groups.consumerGroupHeartbeat(request);
    await interfere.heartbeatAnswer?.();
    return answer;
  },
  commitOffsets: async (request) => {
    await interfere.commit?.();
    return groups.commitOffsets(request);
  },
});

function callsOf(api: Api): Omit<Process, 'api' | 'broker' | 'interfere'> {
  const post: Process['post'] = (path, body) =>
    api.request('POST', path, {
      headers: body === undefined ? {} : { 'content-type': V2 },
      ...(body !== undefined && { body }),
    });
  return {
    get: (path, accept) => api.get(path, accept === undefined ? {} : { accept }),
    post,
    remove: (path) => api.request('DELETE', path),
    createConsumer: async (group, name, fields = {}) => {
      const config = { name, format: 'json', 'auto.offset.reset': 'earliest', ...fields };
      const answer = await post(`/consumers/${group}`, config);
      if (answer.status !== 200) throw new Error(answer.text);
      return `/consumers/${group}/instances/${name}`;
    },
    read: async (base, query = 'timeout=0') => {
      const answer = await api.get(`${base}/records?${query}`, { accept: JSON_V2 });
      if (answer.status !== 200) throw new Error(answer.text);
      return (answer.json as { value: unknown }[]).map(({ value }) => value);
    },
    produce: async (topic, partition, values) => {
      const records = values.map((value) => ({ value }));
      const answer = await api.produce(`/topics/${topic}/partitions/${partition}`, records);
      if (answer.status !== 200) throw new Error(answer.text);
    },
  };
}
