// Bad input to the whole server: a clear error, nothing half-written, and the server goes on.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServerProcess, startServer, stop, temporaryFolder, wadi } from './support/processes.ts';

const JSON_V2 = 'application/vnd.kafka.json.v2+json';
const folder = temporaryFolder();
let server: ServerProcess;
let clusterId: string;

beforeAll(async () => {
  server = await startServer({ WADI_DATA_DIR: folder.path });
  const clusters = (await (await fetch(`${server.url}/v3/clusters`)).json()) as {
    data: [{ cluster_id: string }];
  };
  clusterId = clusters.data[0].cluster_id;
  await wadi(['topics', 'create', 't', '--partitions', '2', '--url', server.url]);
});

afterAll(async () => {
  const ended = await stop(server);
  folder[Symbol.dispose]();
  expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
});

const post = (path: string, body: string, contentType = JSON_V2): Promise<Response> =>
  fetch(`${server.url}${path}`, { method: 'POST', body, headers: { 'content-type': contentType } });

async function recordCount(): Promise<number> {
  let records = 0;
  for (const partition of [0, 1]) {
    const answer = await fetch(`${server.url}/topics/t/partitions/${partition}/offsets`);
    records += ((await answer.json()) as { end_offset: number }).end_offset;
  }
  return records;
}

interface Refusal {
  readonly what: string;
  readonly request: () => Promise<Response>;
  readonly status: number;
  readonly errorCode: number;
  readonly message: RegExp;
}

const one = (value: unknown) => JSON.stringify({ records: [{ value }] });
const refusals: readonly Refusal[] = [
  {
    what: 'a body that is not JSON',
    request: () => post('/topics/t', '{"records":['),
    status: 422,
    errorCode: 42206,
    message: /not JSON/,
  },
  {
    what: 'a body without records',
    request: () => post('/topics/t', '{}'),
    status: 422,
    errorCode: 42206,
    message: /records is missing/,
  },
  {
    what: 'an unknown content type',
    request: () => post('/topics/t', one(1), 'text/plain'),
    status: 415,
    errorCode: 415,
    message: /content-type must be/,
  },
  {
    what: 'a topic that is not there',
    request: () => fetch(`${server.url}/topics/none/partitions/0/records`),
    status: 404,
    errorCode: 40401,
    message: /none/,
  },
  {
    what: 'a partition that is not there',
    request: () => post('/topics/t/partitions/2', one(1)),
    status: 404,
    errorCode: 40402,
    message: /partitions 0 to 1, got 2/,
  },
  {
    what: 'an illegal topic name',
    request: () =>
      post(`/v3/clusters/${clusterId}/topics`, JSON.stringify({ topic_name: 'a/b' }), 'application/json'),
    status: 400,
    errorCode: 40002,
    message: /a\/b/,
  },
  {
    what: 'an illegal topic name in a produce, which would make it',
    request: () => post('/topics/a%20b', one(1)),
    status: 400,
    errorCode: 40002,
    message: /a b/,
  },
  {
    what: 'a negative offset',
    request: () => fetch(`${server.url}/topics/t/partitions/0/records?offset=-1`),
    status: 400,
    errorCode: 40002,
    message: /offset/,
  },
  {
    what: 'a future offset',
    request: () => fetch(`${server.url}/topics/t/partitions/0/records?offset=99`),
    status: 416,
    errorCode: 41601,
    message: /99/,
  },
  {
    what: 'a body above the limit',
    request: () => post('/topics/t', one('x'.repeat(4_600_000))),
    status: 413,
    errorCode: 413,
    message: /at most 4500000 bytes/,
  },
  {
    what: 'a path that is not served',
    request: () => fetch(`${server.url}/nothing`),
    status: 404,
    errorCode: 404,
    message: /nothing/,
  },
];

it.each(refusals)('refuses $what', async ({ request, status, errorCode, message }) => {
  const before = await recordCount();
  const answer = await request();
  const body = (await answer.json()) as { error_code: number; message: string; outcome: string };
  expect(body.message).toMatch(message);
  expect({ status: answer.status, errorCode: body.error_code, outcome: body.outcome }).toEqual({
    status,
    errorCode,
    outcome: 'not-applied',
  });
  expect(await recordCount()).toBe(before);
});

it('refuses a record above max.message.bytes by itself, and stores what is beside it', async () => {
  const before = await recordCount();
  const large = { value: 'x'.repeat(1_100_000), partition: 0 };
  const alone = await post('/topics/t', JSON.stringify({ records: [large] }));
  expect([alone.status, await alone.text()]).toEqual([
    413,
    expect.stringContaining('max.message.bytes of 1048588'),
  ]);
  expect(await recordCount()).toBe(before);
  const small = { value: 'small', partition: 0 };
  const mixed = await post('/topics/t', JSON.stringify({ records: [small, large, small] }));
  expect(await mixed.json()).toMatchObject({
    offsets: [{ error: null }, { offset: null, outcome: 'not-applied' }, { error: null }],
  });
  expect(await recordCount()).toBe(before + 2);
});

it('makes 1,000 topics at once', async () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `many-${i}`);
  const answers = await Promise.all(
    names.map((topic_name) =>
      post(`/v3/clusters/${clusterId}/topics`, JSON.stringify({ topic_name }), 'application/json'),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  const { stdout } = await wadi(['topics', 'list', '--url', server.url]);
  expect(stdout.split('\n').filter((name) => name.startsWith('many-'))).toHaveLength(1_000);
});

const lines = (...records: readonly object[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

it.each([
  { args: ['produce', 'a b'], stdin: 'x\n', message: /a topic name holds only/ },
  { args: ['produce', 't', '--partition', '2'], stdin: 'x\n', message: /must be 0 to 1 in t, got 2/ },
  { args: ['produce', 't', '--file', '/none'], stdin: '', message: /ENOENT|no such file/ },
  { args: ['produce', 't'], stdin: lines({ value: 1 }, { value: 1, kye: 2 }), message: /line 2/ },
  { args: ['produce', 't'], stdin: `${'x'.repeat(1_100_000)}\n`, message: /max\.message\.bytes of 1048588/ },
  { args: ['consume', 'none'], stdin: '', message: /none/ },
  { args: ['consume', 't', '--partition', '2'], stdin: '', message: /partition/ },
  { args: ['consume', 't', '--partition', '0', '--offset', '-1'], stdin: '', message: /whole number/ },
  { args: ['consume', 't', '--partition', '0', '--offset', '99'], stdin: '', message: /99/ },
  { args: ['topics', 'create', 't'], stdin: '', message: /already exists/ },
  { args: ['topics', 'create', 'u', '--partitions', '1001'], stdin: '', message: /1 to 1000, got 1001/ },
  { args: ['topics', 'create', 'u', '--config', 'a=b'], stdin: '', message: /unknown topic config "a"/ },
  { args: ['topics', 'delete', 'none'], stdin: '', message: /none/ },
])('refuses wadi $args', async ({ args, stdin, message }) => {
  const { exitCode, stdout, stderr } = await wadi([...args, '--url', server.url], { stdin });
  expect(stderr).toMatch(message);
  expect([exitCode === 1 || exitCode === 2, stdout]).toEqual([true, '']);
  const { stdout: topics } = await wadi(['topics', 'list', '--url', server.url]);
  expect(topics.split('\n').filter((name) => !name.startsWith('many-'))).toEqual(['t', '']);
});
