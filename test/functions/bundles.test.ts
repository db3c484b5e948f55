// The functions as they are deployed: bundles of at most 1 MB that need nothing beside them, run on a fake AWS that
// refuses whatever the template's policies do not allow.
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FUNCTION_NAMES, type FunctionName } from '../../infra/constructs/function-rights.ts';
import { createTables } from '../../lib/storage/dynamodb/create-tables.ts';
import { DYNOXIDE_PATH, NO_DYNOXIDE, startDynoxide } from '../support/dynoxide.ts';
import { createEmulatorClient, type Emulator } from '../support/emulator.ts';
import { deploy, type Deployment } from './support/deployment.ts';
import { dynamoDbError, startFakeAws, type FakeAws } from './support/fake-aws.ts';
import { FunctionError, LambdaFunction, type HttpAnswer, type HttpRequest } from './support/lambda.ts';

let deployment: Deployment;
beforeAll(() => {
  deployment = deploy();
}, 120_000);
afterAll(() => {
  deployment.remove();
});

/**
 * Cold starts are paid by the byte: what one function needs is no other's burden. The largest have RE2's tables (consume, for
 * subscriptions by a pattern) and the schemas of all routes (admin, for the OpenAPI document).
 */
const BYTES_MAX: Readonly<Record<FunctionName, number>> = {
  ...{ produce: 830_000, 'produce-later': 650_000 },
  ...{ consume: 1_000_000, stream: 740_000, admin: 890_000 },
  ...{ seal: 550_000, sweep: 580_000 },
};

/** What a module imports, statically or by an import() of a literal. */
function importsOf(text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isImport = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const path = ts.isImportDeclaration(node)
      ? node.moduleSpecifier
      : isImport
        ? node.arguments[0]
        : undefined;
    if (path !== undefined && ts.isStringLiteralLike(path)) found.push(path.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('index.mjs', text, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS));
  return found;
}

describe.each(FUNCTION_NAMES)('the bundle of %s', (name) => {
  it('has 1 MB at most, and imports only what Node brings', () => {
    const { folder, bundleBytes } = deployment.functions[name];
    expect(bundleBytes).toBeLessThan(BYTES_MAX[name]);
    expect(readdirSync(folder)).toEqual(['index.mjs']);
    const text = readFileSync(join(folder, 'index.mjs'), 'utf8');
    const imported = importsOf(text);
    expect(imported).toContain('node:module');
    expect(imported.filter((path) => !isBuiltin(path))).toEqual([]);
    expect(text).not.toMatch(/\.node\b(?!:)["'`]|@node-rs/);
  });

  it('says which variable is missing', async () => {
    const started = LambdaFunction.start(deployment.functions[name], { WADI_BUCKET: '' });
    await expect(started).rejects.toThrow('the environment variable WADI_BUCKET is not set');
  });
});

/** Functions that run the same code of the log have the same rights of it, and use them together. */
const FAMILIES: Readonly<Record<FunctionName, string>> = {
  ...{ produce: 'append', 'produce-later': 'append' },
  ...{ consume: 'read', stream: 'read' },
  ...{ seal: 'seal', sweep: 'seal' },
  admin: 'admin',
};

const JSON_V2 = { 'content-type': 'application/vnd.kafka.json.v2+json' };
const BINARY_V2 = { 'content-type': 'application/vnd.kafka.binary.v2+json' };

const together =
  DYNOXIDE_PATH === undefined ? `the functions together: ${NO_DYNOXIDE}` : 'the functions together';

describe.skipIf(DYNOXIDE_PATH === undefined)(together, () => {
  let emulator: Emulator;
  let aws: FakeAws;
  const running = {} as Record<FunctionName, LambdaFunction>;

  beforeAll(async () => {
    emulator = await startDynoxide();
    const client = createEmulatorClient(emulator.endpoint);
    await createTables(client, deployment.tableNames);
    client.destroy();
    const rights = Object.values(deployment.functions).map(
      ({ name, statements }) => [name, statements] as const,
    );
    aws = await startFakeAws(emulator.endpoint, Object.fromEntries(rights));
    for (const name of FUNCTION_NAMES) {
      running[name] = await LambdaFunction.start(deployment.functions[name], {
        AWS_ENDPOINT_URL: aws.endpoint,
        AWS_ACCESS_KEY_ID: name,
        AWS_SECRET_ACCESS_KEY: 'test',
      });
    }
  }, 60_000);
  afterAll(async () => {
    await Promise.all(Object.values(running).map((one) => one.end()));
    await aws.close();
    await emulator.close();
  });
  afterEach(() => {
    aws.intercept = () => undefined;
  });

  let clusterId = '';
  const createTopic = async (topic: string, partitions = 1): Promise<void> => {
    clusterId ||= (
      (await running.admin.request({ method: 'GET', path: '/v3/clusters' })).body as {
        data: { cluster_id: string }[];
      }
    ).data[0]?.cluster_id as string;
    const created = await running.admin.request({
      ...{ method: 'POST', path: `/v3/clusters/${clusterId}/topics` },
      body: { topic_name: topic, partitions_count: partitions },
    });
    expect(created.status).toBe(201);
  };
  const produce = (topic: string, records: readonly object[], more: Partial<HttpRequest> = {}) =>
    running.produce.request({
      ...{
        method: 'POST',
        path: `/topics/${topic}`,
        headers: JSON_V2,
        body: { records, ...(more.body ?? {}) },
      },
      ...(more.query === undefined ? {} : { query: more.query }),
    });
  const consume = (topic: string, partition: number, query: string): Promise<HttpAnswer> =>
    running.consume.request({
      ...{ method: 'GET', path: `/topics/${topic}/partitions/${partition}/records`, query },
      headers: { accept: 'application/vnd.kafka.json.v2+json' },
    });
  const valuesOf = ({ status, body }: HttpAnswer) => {
    expect({ status, body }).toMatchObject({ status: 200 });
    return (body as readonly { value: unknown }[]).map(({ value }) => value);
  };
  const producedBytes = (count: number): string => Buffer.alloc(count, 'x').toString('base64');
  const partitionIdOf = async (topic: string, partition: number): Promise<string> => {
    const client = createEmulatorClient(emulator.endpoint);
    const { GetItemCommand } = await import('@aws-sdk/client-dynamodb');
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: deployment.tableNames.topics,
        Key: { pk: { S: 'topic' }, sk: { S: topic } },
      }),
    );
    client.destroy();
    return `${Item?.['id']?.S ?? ''}:${partition}`;
  };

  it('make the cluster record, whoever is asked first', async () => {
    const answer = await running.produce.request({ method: 'POST', path: '/v3/clusters/other/producers' });
    expect(answer).toMatchObject({ status: 404, body: { field: 'cluster_id' } });
  });

  it('make, describe and list topics', async () => {
    await createTopic('described', 3);
    const answers = await Promise.all(
      [
        '/topics',
        '/topics/described',
        '/topics/described/partitions',
        '/topics/described/partitions/2',
        `/v3/clusters/${clusterId}`,
        `/v3/clusters/${clusterId}/topics`,
        `/v3/clusters/${clusterId}/topics/described`,
        `/v3/clusters/${clusterId}/topics/described/configs`,
        `/v3/clusters/${clusterId}/topics/described/configs/retention.ms`,
        `/v3/clusters/${clusterId}/topics/described/partitions`,
        '/openapi.json',
      ].map((path) => running.admin.request({ method: 'GET', path })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await running.admin.request({ method: 'GET', path: '/ready' })).toMatchObject({ status: 204 });
  });

  it('produce and consume records of every size, rolling on the way', async () => {
    await createTopic('sizes');
    const sizes = [1, 100, 1_000, 5_000, 20_000, 200_000];
    for (const size of [...sizes, ...sizes, ...sizes]) {
      const answer = await produce('sizes', [{ value: 'x'.repeat(size) }]);
      expect(answer).toMatchObject({ status: 200, body: { offsets: [{ partition: 0, error_code: null }] } });
    }
    const lengths: number[] = [];
    while (lengths.length < 18) {
      const answer = await consume('sizes', 0, `offset=${lengths.length}`);
      lengths.push(...valuesOf(answer).map((value) => (value as string).length));
    }
    expect(lengths).toEqual([...sizes, ...sizes, ...sizes]);
    expect(aws.objects.size).toBeGreaterThanOrEqual(6);
    const offsets = await running.consume.request({
      ...{ method: 'GET', path: '/topics/sizes/partitions/0/offsets' },
    });
    expect(offsets.body).toEqual({ beginning_offset: 0, end_offset: 18 });
  });

  it('store what idempotent producers send once, also once their state was spilled', async () => {
    await createTopic('idempotent');
    const send = async (producer: object): Promise<number | undefined> => {
      const answer = await produce('idempotent', [{ value: 'v', partition: 0 }], { body: producer });
      expect(answer).toMatchObject({ status: 200 });
      return (answer.body as { offsets: { offset: number }[] }).offsets[0]?.offset;
    };
    const producers = [];
    for (let count = 0; count < 120; count++) {
      const { body } = await running.produce.request({
        ...{ method: 'POST', path: `/v3/clusters/${clusterId}/producers` },
      });
      const { producer_id, producer_epoch } = body as { producer_id: number; producer_epoch: number };
      producers.push({ producer_id, producer_epoch, sequences: { 0: 0 } });
    }
    const first = [];
    for (const producer of producers) first.push(await send(producer));
    expect(first).toEqual(producers.map((_, index) => index));
    const again = [];
    for (const producer of producers.slice(0, 5)) again.push(await send(producer));
    expect(again).toEqual([0, 1, 2, 3, 4]);
  });

  it('answer acks=0 at once, and produce it by another function', async () => {
    await createTopic('later', 2);
    const answer = await produce('later', [{ value: 'a', partition: 1 }], { query: 'acks=0' });
    expect(answer.status).toBe(202);
    const { functionName, event } = aws.events.at(-1) ?? {};
    expect(functionName).toBe(deployment.functions['produce-later'].functionName);
    expect(valuesOf(await consume('later', 1, 'offset=0&timeout=0'))).toEqual([]);
    await running['produce-later'].invoke(event);
    expect(valuesOf(await consume('later', 1, 'offset=0'))).toEqual(['a']);
  });

  it('refuse acks=0 above what an asynchronous invocation carries', async () => {
    await createTopic('much');
    const before = aws.events.length;
    const records = [0, 1].map(() => ({ value: producedBytes(600_000) }));
    const answer = await running.produce.request({
      ...{ method: 'POST', path: '/topics/much', query: 'acks=0', headers: BINARY_V2, body: { records } },
    });
    expect(answer).toMatchObject({
      status: 413,
      body: {
        outcome: 'not-applied',
        message: expect.stringMatching(/acks=0 takes 1048576 bytes/) as string,
      },
    });
    expect(aws.events).toHaveLength(before);
  });

  it('let a long poll see what another function produces meanwhile', async () => {
    await createTopic('polled');
    const waiting = consume('polled', 0, 'offset=0&timeout=20000');
    await produce('polled', [{ value: 'late' }]);
    expect(valuesOf(await waiting)).toEqual(['late']);
  });

  it('stream a topic from its beginning', async () => {
    await createTopic('streamed', 2);
    await produce('streamed', [
      { value: 1, partition: 0 },
      { value: 2, partition: 1 },
    ]);
    const { head, text } = running.stream.stream({
      ...{ method: 'GET', path: '/topics/streamed/records/stream', query: 'from=earliest&format=json' },
    });
    expect(await head).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/event-stream' } });
    await expect.poll(() => text().match(/^data: /gm)?.length).toBe(2);
    await produce('streamed', [{ value: 'live', partition: 1 }]);
    await expect.poll(text).toContain('"live"');
  });

  it('serve consumers and groups, whichever function is asked', async () => {
    await createTopic('grouped', 2);
    await produce('grouped', [
      { value: 'a', partition: 0 },
      { value: 'b', partition: 1 },
    ]);
    const v2 = { 'content-type': 'application/vnd.kafka.v2+json' };
    const call = (method: 'GET' | 'POST' | 'DELETE', path: string, more: Partial<HttpRequest> = {}) =>
      running.consume.request({ method, path, headers: v2, ...more });
    const created = await call('POST', '/consumers/g', {
      body: { name: 'c', format: 'json', 'auto.offset.reset': 'earliest', 'auto.commit.enable': 'false' },
    });
    expect(created.status).toBe(200);
    const base = '/consumers/g/instances/c';
    const subscribed = await call('POST', `${base}/subscription`, { body: { topic_pattern: 'group.*' } });
    expect(subscribed.status).toBe(204);
    const values: unknown[] = [];
    while (values.length < 2) {
      const headers = { accept: 'application/vnd.kafka.json.v2+json' };
      values.push(...valuesOf(await call('GET', `${base}/records`, { query: 'timeout=5000', headers })));
    }
    expect(values.toSorted()).toEqual(['a', 'b']);
    expect((await call('POST', `${base}/offsets`)).status).toBe(200);
    const group = `/v3/clusters/${clusterId}/consumer-groups`;
    for (const path of [group, `${group}/g`, `${group}/g/consumers`, `${group}/g/lags`])
      expect(await running.admin.request({ method: 'GET', path })).toMatchObject({ status: 200 });
    expect(await call('GET', '/groups')).toMatchObject({ status: 200 });
    for (const query of ['', 'topic=grouped'])
      expect(await call('GET', '/groups/g/offsets', { query })).toMatchObject({ status: 200 });
    const others = ['p', 'q'].map((name) => `/groups/${name}/offsets`);
    for (const path of others)
      await call('POST', path, {
        headers: { 'content-type': 'application/json' },
        body: {
          ...{ memberId: '', generationOrMemberEpoch: -1 },
          offsets: [{ topic: 'grouped', partition: 0, offset: 1 }],
        },
      });
    const deleted = await running.admin.request({
      ...{ method: 'DELETE', path: '/groups/p/offsets', headers: { 'content-type': 'application/json' } },
      body: { partitions: [{ topic: 'grouped', partition: 0 }] },
    });
    expect(deleted).toMatchObject({ status: 200 });
    expect(await running.admin.request({ method: 'DELETE', path: '/groups/p' })).toMatchObject({
      status: 204,
    });
    expect((await call('DELETE', base)).status).toBe(204);
  });

  it('wake the sealer when a segment is probably due, and read from the segment it makes', async () => {
    await createTopic('sealed');
    const partitionId = await partitionIdOf('sealed', 0);
    for (let at = 0; at < 3; at++) await produce('sealed', [{ value: 'x'.repeat(5_000) }]);
    const body = { records: [0, 1, 2, 3].map((at) => ({ value: producedBytes(600_000 + at) })) };
    const isWoken = () =>
      aws.events.some(({ event }) => (event as { partitionId?: string }).partitionId === partitionId);
    // The dice are asked at each roll; by 12 MiB it is odds of thousands to one that they said yes.
    for (let sent = 0; sent < 40 && (sent < 12 || !isWoken()); sent++) {
      const answer = await running.produce.request({
        ...{ method: 'POST', path: '/topics/sealed', headers: BINARY_V2, body },
      });
      expect(answer.status).toBe(200);
    }
    const woken = aws.events.find(
      ({ event }) => (event as { partitionId?: string }).partitionId === partitionId,
    );
    expect(woken?.functionName).toBe(deployment.functions.seal.functionName);
    await running.seal.invoke(woken?.event);
    const segments = [...aws.objects.keys()].filter((key) => key.startsWith('segments/'));
    expect(segments).toHaveLength(1);
    const answer = await running.consume.request({
      ...{ method: 'GET', path: '/topics/sealed/partitions/0/records', query: 'offset=5&max_bytes=1000' },
      headers: { accept: 'application/vnd.kafka.binary.v2+json' },
    });
    const [record] = answer.body as readonly { offset: number; value: string }[];
    expect(record?.offset).toBe(5);
    expect(Buffer.from(record?.value ?? '', 'base64')).toHaveLength(600_002);
  }, 60_000);

  it('sweep: tell the oldest unsealed age, and remove what deleted topics left', async () => {
    for (const topic of ['sealed', 'sizes', 'grouped']) {
      const path = `/v3/clusters/${clusterId}/topics/${topic}`;
      expect(await running.admin.request({ method: 'DELETE', path })).toMatchObject({ status: 204 });
    }
    await running.sweep.invoke({});
    expect([...aws.objects.keys()].filter((key) => key.startsWith('segments/'))).toEqual([]);
    const metric = running.sweep.output
      .split('\n')
      .filter((line) => line.includes('OldestUnsealedAge'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .at(-1);
    expect(metric?.['service']).toBe(deployment.functions.sweep.environment['POWERTOOLS_SERVICE_NAME']);
    // Entries carry the minute that they were written in.
    expect(metric?.['OldestUnsealedAge']).toBeLessThan(300);
    expect((await produce('sealed', [{ value: 1 }])).status).toBe(404);
  });

  it('sweep: report a failure as an error of the function, and no age', async () => {
    await createTopic('failing');
    await produce('failing', [{ value: 1 }]);
    const age = () => running.sweep.output.split('OldestUnsealedAge').length;
    const before = age();
    const heads = `arn:${deployment.tableNames.heads ?? ''}`;
    aws.intercept = ({ accesses }) =>
      accesses.some(({ action, resource }) => action === 'dynamodb:GetItem' && resource === heads)
        ? { status: 400, ...dynamoDbError('ValidationException', 'no') }
        : undefined;
    await expect(running.sweep.invoke({})).rejects.toThrow(/partitions could not be sealed/);
    expect(age()).toBe(before);
  });

  it('sweep: stop early when the time is over', async () => {
    await running.sweep.invoke({}, { remainingMs: 1_000 });
    expect(running.sweep.output).toContain('"isComplete":false');
  });

  it('answer 429 with Retry-After while DynamoDB throttles, and count it', async () => {
    await createTopic('throttled');
    aws.intercept = ({ accesses }) =>
      accesses.some(({ action, resource }) => action === 'dynamodb:GetItem' && resource.includes('heads'))
        ? { status: 400, ...dynamoDbError('ThrottlingException', 'slow down') }
        : undefined;
    const answer = await produce('throttled', [{ value: 1 }]);
    expect(answer).toMatchObject({ status: 429, body: { error_code: 42901, outcome: 'not-applied' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(running.produce.output).toContain('ThrottledRequests');
    aws.intercept = () => undefined;
    expect(await produce('throttled', [{ value: 1 }])).toMatchObject({
      body: { offsets: [{ partition: 0, offset: 0 }] },
    });
  }, 60_000);

  it.each([
    ['nothing', undefined],
    ['no partition id', { partitionId: 7 }],
    ['a key of another table', { partitionId: 'cluster' }],
  ])('seal: refuse %s', async (_what, event) => {
    await expect(running.seal.invoke(event)).rejects.toThrow(/partitionId must be <topic id>:<partition>/);
  });

  it('seal: take a deleted topic for no failure', async () => {
    await running.seal.invoke({ partitionId: `${'A'.repeat(22)}:0` });
    expect(running.seal.output).toContain('the topic was deleted');
  });

  it.each([
    ['nothing', undefined, /requests must be a list/],
    [
      'a request without a batch',
      { requests: [{ topic: 't', partition: 0 }] },
      /requests\[0\]\.batch must be/,
    ],
  ])('produce-later: refuse %s', async (_what, event, message) => {
    const invoked = running['produce-later'].invoke(event);
    await expect(invoked).rejects.toThrow(FunctionError);
    await expect(invoked).rejects.toThrow(message);
  });

  it('produce-later: store what it can, and fail for the rest', async () => {
    const requests = (
      aws.events.find(({ event }) => 'requests' in (event as object))?.event as { requests: object[] }
    ).requests;
    const event = { requests: [{ ...requests[0], topic: 'gone' }, ...requests] };
    await expect(running['produce-later'].invoke(event)).rejects.toThrow(/1 batches were not stored/);
    expect(valuesOf(await consume('later', 1, 'offset=0'))).toEqual(['a', 'a']);
  });

  it('have no right that this journey has not used, but for those that take hours', () => {
    const rightOf = (name: string, action: string, pattern: string) =>
      `${FAMILIES[name as FunctionName]} ${action} ${pattern.replace(/^arn:eventlog(?:tables|bucket|functions)/, '')}`;
    const used = new Set(
      aws.granted.flatMap(({ caller, access, statement }) =>
        [statement.Resource]
          .flat()
          .filter((pattern) => access.resource.startsWith(pattern.replace('*', '')))
          .map((pattern) => rightOf(caller, access.action, pattern)),
      ),
    );
    const given = new Set(
      Object.values(deployment.functions).flatMap(({ name, statements }) =>
        statements.flatMap(({ Action, Resource }) =>
          [Action]
            .flat()
            .flatMap((action) => [Resource].flat().map((pattern) => rightOf(name, action, pattern))),
        ),
      ),
    );
    // Their own logs are written by Lambda; to list is the right to be told that an object is absent.
    const unused = [...given].filter(
      (right) => !used.has(right) && !/ (logs:\w+|s3:ListBucket) /.test(right),
    );
    // Sealing rolls a tail, and spills its producers, once it has been idle for an hour; groups go after a week, and what is
    // left of their members after a day.
    expect(unused).toEqual([
      expect.stringMatching(/^seal dynamodb:PutItem producers/),
      expect.stringMatching(/^seal dynamodb:DeleteItem groups/),
      expect.stringMatching(/^seal dynamodb:PutItem groups/),
    ]);
  });
});
