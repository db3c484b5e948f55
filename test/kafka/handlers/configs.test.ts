// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs, ListConfigResources: over a socket, in the versions that differ.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DESCRIBE_CONFIGS } from '../../../lib/kafka/protocol/apis/32-describe-configs.ts';
import { ALTER_CONFIGS } from '../../../lib/kafka/protocol/apis/33-alter-configs.ts';
import { INCREMENTAL_ALTER_CONFIGS } from '../../../lib/kafka/protocol/apis/44-incremental-alter-configs.ts';
import { LIST_CONFIG_RESOURCES } from '../../../lib/kafka/protocol/apis/74-list-config-resources.ts';
import { startTestGateway, type GatewayUnderTest } from '../support/test-gateway.ts';
import type { TestClient } from '../support/test-client.ts';

const [TOPIC, BROKER, GROUP] = [2, 4, 32];

let under: GatewayUnderTest;
let client: TestClient;
beforeAll(async () => {
  under = await startTestGateway();
  client = await under.connect();
});
afterAll(() => under.stop());

let topic: string;
let topics = 0;
beforeEach(async () => {
  topic = `t-${topics++}`;
  await under.broker.createTopic({
    name: topic,
    configs: { 'retention.ms': '5', 'cleanup.policy': 'compact' },
  });
});

const configsNow = async () => (await under.broker.describeTopic(topic)).configs;

function describeOne(version: number, resourceType: number, resourceName: string, more = {}) {
  return client
    .send(DESCRIBE_CONFIGS, version, {
      resources: [{ resourceType, resourceName, configurationKeys: null, ...more }],
      ...{ includeSynonyms: version >= 1, includeDocumentation: version >= 3 },
    })
    .then(({ results }) => {
      if (!results[0]) throw new Error('no result');
      return results[0];
    });
}

describe('DescribeConfigs', () => {
  it.each([0, 1, 2, 3, 4])('version %i tells all configs of a topic', async (version) => {
    const { errorCode, configs } = await describeOne(version, TOPIC, topic);
    expect(errorCode).toBe(0);
    const known = await under.broker.describeConfigs(topic);
    expect(configs.map(({ name, value }) => [name, value])).toEqual(
      known.map(({ name, value }) => [name, value]),
    );
    const own = configs.find(({ name }) => name === 'retention.ms');
    const byDefault = configs.find(({ name }) => name === 'segment.bytes');
    expect(own).toMatchObject({ value: '5', readOnly: false, isSensitive: false });
    if (version === 0) {
      expect([own?.isDefault, byDefault?.isDefault]).toEqual([false, true]);
      return;
    }
    expect(own?.synonyms).toEqual([
      { name: 'retention.ms', value: '5', source: 1 },
      { name: 'retention.ms', value: '604800000', source: 5 },
    ]);
    expect([own?.configSource, byDefault?.configSource]).toEqual([1, 5]);
    expect(byDefault?.synonyms).toEqual([{ name: 'segment.bytes', value: '1073741824', source: 5 }]);
    if (version < 3) return;
    const types = configs.map(({ name, configType }) => [name, configType]);
    expect(types).toContainEqual(['retention.ms', 5]);
    expect(types).toContainEqual(['cleanup.policy', 7]);
    expect(types).toContainEqual(['preallocate', 1]);
    expect(types).toContainEqual(['min.cleanable.dirty.ratio', 6]);
    expect(own?.documentation).toContain('The age beyond which segments are deleted');
  });

  it('tells only what is asked for', async () => {
    const configurationKeys = ['retention.ms', 'no.such'];
    const { results } = await client.send(DESCRIBE_CONFIGS, 4, {
      resources: [
        { resourceType: TOPIC, resourceName: topic, configurationKeys },
        { resourceType: TOPIC, resourceName: 'no-such-topic', configurationKeys },
        { resourceType: TOPIC, resourceName: 'no such topic', configurationKeys },
      ],
      ...{ includeSynonyms: false, includeDocumentation: false },
    });
    expect(results.map(({ errorCode }) => errorCode)).toEqual([0, 3, 17]);
    expect(results[0]?.configs).toMatchObject([{ name: 'retention.ms', synonyms: [], documentation: null }]);
    expect(results[1]?.configs).toEqual([]);
  });

  it.each(['1', ''])('tells what broker "%s" is set to', async (name) => {
    const { errorCode, configs } = await describeOne(4, BROKER, name);
    expect(errorCode).toBe(0);
    const values = new Map(configs.map((config) => [config.name, config]));
    expect(values.get('node.id')).toMatchObject({ value: '1', readOnly: true, configSource: 4 });
    const { host, port } = under.gateway;
    expect(values.get('advertised.listeners')?.value).toBe(`PLAINTEXT://${host}:${port}`);
    expect(values.get('auto.create.topics.enable')?.value).toBe('false');
    expect(values.get('num.partitions')?.value).toBe('1');
    expect(values.get('socket.request.max.bytes')?.value).toBe('104857600');
    expect(values.get('message.max.bytes')).toMatchObject({
      value: '1048588',
      readOnly: true,
      configSource: 5,
    });
    expect(configs.map((config) => config.name)).toEqual([...values.keys()].sort());
  });

  it.each([
    [BROKER, '2', 'the only broker is 1, got "2"'],
    [GROUP, 'g', 'resources of type 32 have no configs'],
    [8, '1', 'resources of type 8 have no configs'],
  ])('refuses resources of type %i called %s', async (type, name, message) => {
    const { errorCode, errorMessage, resourceName, configs } = await describeOne(4, type, name);
    expect([errorCode, resourceName, configs]).toEqual([42, name, []]);
    expect(errorMessage).toContain(message);
  });
});

const resource = <C>(configs: readonly C[], resourceName = topic, resourceType = TOPIC) => ({
  ...{ resourceType, resourceName, configs },
});

describe('AlterConfigs', () => {
  it.each([0, 1, 2])('version %i replaces all configs', async (version) => {
    const resources = [resource([{ name: 'segment.ms', value: '7' }])];
    expect(await client.send(ALTER_CONFIGS, version, { resources, validateOnly: true })).toMatchObject({
      responses: [{ errorCode: 0 }],
    });
    expect(await configsNow()).toEqual({ 'retention.ms': '5', 'cleanup.policy': 'compact' });
    expect(await client.send(ALTER_CONFIGS, version, { resources, validateOnly: false })).toMatchObject({
      responses: [{ errorCode: 0, errorMessage: null, resourceType: TOPIC, resourceName: topic }],
    });
    expect(await configsNow()).toEqual({ 'segment.ms': '7' });
  });

  it('takes all that DescribeConfigs tells', async () => {
    const { configs } = await describeOne(4, TOPIC, topic);
    const resources = [resource(configs.map(({ name, value }) => ({ name, value })))];
    expect(await client.send(ALTER_CONFIGS, 2, { resources, validateOnly: false })).toMatchObject({
      responses: [{ errorCode: 0 }],
    });
    const after = await describeOne(4, TOPIC, topic);
    expect(after.configs.map(({ name, value }) => [name, value])).toEqual(
      configs.map(({ name, value }) => [name, value]),
    );
  });

  it('answers each resource by itself', async () => {
    const one = { name: 'segment.ms', value: '7' };
    const { responses } = await client.send(ALTER_CONFIGS, 2, {
      resources: [
        resource([one]),
        resource([one], 'no-such-topic'),
        resource([{ name: 'segment.ms', value: null }], 't-0'),
        resource([one], '1', BROKER),
        resource([one], 'g', GROUP),
      ],
      validateOnly: false,
    });
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([0, 3, 42, 42, 42]);
    expect(await configsNow()).toEqual({ 'segment.ms': '7' });
  });
});

describe('IncrementalAlterConfigs', () => {
  const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];
  const change = (name: string, configOperation: number, value: string | null = null) => ({
    ...{ name, configOperation, value },
  });
  const alter = async (
    version: number,
    resources: readonly ReturnType<typeof resource<ReturnType<typeof change>>>[],
  ) => {
    const { responses } = await client.send(INCREMENTAL_ALTER_CONFIGS, version, {
      resources,
      validateOnly: false,
    });
    return responses;
  };

  it.each([0, 1])('version %i sets, deletes, appends and subtracts', async (version) => {
    const set = resource([
      change('segment.ms', SET, '7'),
      change('retention.ms', DELETE),
      change('cleanup.policy', APPEND, 'delete'),
    ]);
    expect(await alter(version, [set])).toMatchObject([
      { errorCode: 0, errorMessage: null, resourceName: topic },
    ]);
    expect(await configsNow()).toEqual({ 'segment.ms': '7', 'cleanup.policy': 'compact,delete' });
    await alter(version, [resource([change('cleanup.policy', SUBTRACT, 'compact')])]);
    expect(await configsNow()).toEqual({ 'segment.ms': '7', 'cleanup.policy': 'delete' });
  });

  it('changes nothing where it is to validate only', async () => {
    const resources = [resource([change('segment.ms', SET, 'x')])];
    expect(await client.send(INCREMENTAL_ALTER_CONFIGS, 1, { resources, validateOnly: true })).toMatchObject({
      responses: [{ errorCode: 40 }],
    });
    expect(await configsNow()).toEqual({ 'retention.ms': '5', 'cleanup.policy': 'compact' });
  });

  it.each([
    ['an operation that there is not', [change('segment.ms', 4, '7')], 42, 'from 0 to 3, got 4'],
    ['no value', [change('segment.ms', SET)], 42, 'got null'],
    ['a name twice', [change('segment.ms', SET, '1'), change('segment.ms', SET, '2')], 42, 'changed twice'],
    ['elements of what is no list', [change('segment.ms', APPEND, '1')], 40, 'of type long'],
    ['a wrong value', [change('segment.ms', SET, '0')], 40, 'at least 1'],
  ])('refuses %s', async (_what, configs, errorCode, message) => {
    const [answer] = await alter(1, [resource(configs)]);
    expect(answer?.errorCode).toBe(errorCode);
    expect(answer?.errorMessage).toContain(message);
    expect(await configsNow()).toEqual({ 'retention.ms': '5', 'cleanup.policy': 'compact' });
  });

  it('refuses groups, brokers and a topic that is named twice', async () => {
    const configs = [change('segment.ms', SET, '7')];
    const answers = await alter(1, [
      ...[
        resource(configs, 'g', GROUP),
        resource(configs, '1', BROKER),
        resource(configs),
        resource(configs),
      ],
    ]);
    expect(answers.map(({ errorCode }) => errorCode)).toEqual([42, 42, 42, 42]);
    expect(answers[0]?.errorMessage).toContain('groups have no configs of their own');
  });
});

describe('ListConfigResources', () => {
  const list = (version: number, resourceTypes: readonly number[]) =>
    client.send(LIST_CONFIG_RESOURCES, version, { resourceTypes });

  it('lists topics and the broker by type', async () => {
    const names = (await under.broker.listTopics()).map(({ name }) => name);
    const ofTopics = names.map((resourceName) => ({ resourceName, resourceType: TOPIC }));
    const ofBrokers = [{ resourceName: '1', resourceType: BROKER }];
    expect((await list(1, [TOPIC])).configResources).toEqual(ofTopics);
    expect((await list(1, [BROKER])).configResources).toEqual(ofBrokers);
    expect((await list(1, [])).configResources).toEqual([...ofTopics, ...ofBrokers]);
    expect((await list(1, [GROUP, 8, 16])).configResources).toEqual([]);
    expect(await list(1, [3])).toMatchObject({ errorCode: 35, configResources: [] });
    expect(await list(0, [])).toMatchObject({ errorCode: 0, configResources: [] });
  });
});
