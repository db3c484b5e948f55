// Following a topic: every record once, resuming exactly, silence, errors, slow and vanishing readers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterEach, describe, expect, it } from 'vitest';
import { BrokerError } from '../../lib/base/errors.ts';
import {
  STREAM_BUFFER_BYTES_MAX,
  STREAM_FETCH_BYTES_MAX,
  STREAM_HEARTBEAT_MS,
  STREAM_RETRY_MS,
} from '../../lib/http/limits.ts';
import { type Api, createApi, type ApiOptions } from './support/api.ts';
import { type EventReader, readEvents } from './support/event-stream.ts';
import { createManualClock } from '../support/manual-clock.ts';

const PATH = '/topics/orders/records/stream';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function open(api: Api, query: string, lastEventId?: string): Promise<EventReader> {
  const gone = new AbortController();
  closers.push(() => {
    gone.abort();
  });
  const response = await api.app.request(`http://127.0.0.1${PATH}?${query}`, {
    signal: gone.signal,
    ...(lastEventId === undefined ? {} : { headers: { 'last-event-id': lastEventId } }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return readEvents(response);
}

const put = async (api: Api, partition: number, ...values: unknown[]): Promise<void> => {
  const { status } = await api.produce(
    `/topics/orders/partitions/${partition}`,
    values.map((value) => ({ value })),
  );
  expect(status).toBe(200);
};

const valuesOf = (events: readonly { readonly data: string }[]): unknown[] =>
  events.map(({ data }) => (JSON.parse(data) as { value: unknown }).value);

/** The id of the topic `orders`, with which all event ids begin. */
const topicIdOf = async ({ broker }: Api): Promise<string> => (await broker.describeTopic('orders')).topicId;

describe('GET /topics/{topic}/records/stream', () => {
  it('sends what is there and what comes, each with the positions after it', async () => {
    const api = await createApi();
    await put(api, 0, 'a', 'b');
    const events = await open(api, 'from=earliest&format=json');
    const first = await events.next(2);
    const topicId = await topicIdOf(api);
    expect(first.map(({ id, event }) => [id, event])).toEqual([
      [`${topicId}/0:1,1:0,2:0,3:0`, 'message'],
      [`${topicId}/0:2,1:0,2:0,3:0`, 'message'],
    ]);
    expect(JSON.parse(first[1]?.data ?? '')).toMatchObject({
      topic: 'orders',
      partition: 0,
      offset: 1,
      value: 'b',
    });
    await put(api, 3, 'c');
    expect(await events.next(1)).toMatchObject([{ id: `${topicId}/0:2,1:0,2:0,3:1` }]);
    for (const value of [1, 2, 3, 4, 5]) {
      await put(api, 3, value, -value);
      expect(valuesOf(await events.next(2))).toEqual([value, -value]);
    }
  });

  it('goes on exactly after Last-Event-ID, wherever the reader stopped', async () => {
    const api = await createApi();
    for (const partition of [0, 1, 2])
      await put(api, partition, `${partition}a`, `${partition}b`, `${partition}c`);
    const all = await (await open(api, 'from=earliest&format=json')).next(9);
    expect(new Set(valuesOf(all)).size).toBe(9);
    for (let stop = 1; stop < 9; stop++) {
      const rest = await (await open(api, 'from=latest&format=json', all[stop - 1]?.id)).next(9 - stop);
      expect([...valuesOf(all.slice(0, stop)), ...valuesOf(rest)].sort()).toEqual(valuesOf(all).sort());
    }
  });

  it('begins at the end by default, and says where that is before the first record', async () => {
    const api = await createApi();
    await put(api, 1, 'old');
    const events = await open(api, 'format=json');
    const broken = await open(api, 'format=json');
    const none = broken.next(1);
    const start = `${await topicIdOf(api)}/0:0,1:1,2:0,3:0`;
    await expect.poll(() => broken.lastEventId).toBe(start);
    await put(api, 1, 'new');
    expect(valuesOf(await events.next(1))).toEqual(['new']);
    expect(valuesOf(await none)).toEqual(['new']);
    const resumed = await open(api, 'format=json', start);
    expect(valuesOf(await resumed.next(1))).toEqual(['new']);
  });

  it('begins at the start of partitions that the last event did not know', async () => {
    const api = await createApi();
    for (const partition of [0, 3]) await put(api, partition, `old ${partition}`);
    const events = await open(api, 'from=latest&format=json', `${await topicIdOf(api)}/0:1,1:0,2:0`);
    expect(valuesOf(await events.next(1))).toEqual(['old 3']);
  });

  it('holds a bounded number of bytes, however many partitions there are', async () => {
    const api = await createApi();
    await api.broker.createTopic({ name: 'wide', partitions: 256 });
    for (const [topic, partitions] of [
      ['orders', 4],
      ['wide', 256],
    ] as const) {
      api.broker.fetched.length = 0;
      const events = readEvents(await api.app.request(`http://127.0.0.1/topics/${topic}/records/stream`));
      const next = events.next(1);
      await expect.poll(() => api.broker.fetched.length).toBe(partitions);
      const sizes = api.broker.fetched.map(({ maxBytes }) => maxBytes);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(STREAM_FETCH_BYTES_MAX);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(STREAM_BUFFER_BYTES_MAX);
      await events.cancel();
      expect(await next).toEqual([]);
    }
  });

  it('tells of a record that does not fit the format, and goes on', async () => {
    const api = await createApi();
    await api.produce(
      '/topics/orders/partitions/0',
      ['1', 'x\n', '3'].map((value) => ({ value })),
      { format: 'text' },
    );
    const events = await (await open(api, 'from=earliest&format=json')).next(3);
    expect(events.map(({ event }) => event)).toEqual(['message', 'record-error', 'message']);
    expect(JSON.parse(events[1]?.data ?? '')).toMatchObject({ error_code: 40601, partition: 0, offset: 1 });
    const binary = await (await open(api, 'from=earliest')).next(3);
    expect(valuesOf(binary)).toEqual(['MQ==', 'eAo=', 'Mw==']);
  });

  it('sends comments while nothing comes', async () => {
    const clock = createManualClock();
    const api = await createApi({ deps: { clock } });
    const events = await open(api, 'format=json');
    const next = events.next(1);
    for (let beat = 1; beat <= 3; beat++) {
      await expect.poll(() => clock.sleepers).toBe(1);
      await clock.advance(STREAM_HEARTBEAT_MS);
      await expect.poll(() => events.comments.length).toBe(beat);
    }
    await put(api, 0, 'x');
    expect(valuesOf(await next)).toEqual(['x']);
  });

  it('waits passing errors out, and ends with an event at others', async () => {
    const clock = createManualClock();
    const api = await createApi({ deps: { clock } });
    await put(api, 0, 'x');
    let failures = 3;
    api.broker.onFetch = () => {
      if (failures-- > 0) throw new BrokerError('KAFKA_STORAGE_ERROR', 'S3 says 503');
      return undefined;
    };
    const events = await open(api, 'from=earliest&format=json');
    const next = events.next(1);
    await expect.poll(() => api.broker.fetched.length).toBe(4);
    await expect.poll(() => clock.sleepers).toBe(4);
    await clock.advance(STREAM_RETRY_MS);
    expect(valuesOf(await next)).toEqual(['x']);
    const [end, ...others] = await (async () => {
      api.broker.onFetch = () => {
        throw new BrokerError('UNKNOWN_TOPIC_OR_PARTITION', 'orders is gone');
      };
      return (await open(api, 'from=earliest')).next(2);
    })();
    expect(others).toEqual([]);
    expect(end?.event).toBe('stream-error');
    expect(JSON.parse(end?.data ?? '')).toMatchObject({ error_code: 40401, message: 'orders is gone' });
  });

  it('ends cleanly at the time the process has, so that the reader resumes', async () => {
    const clock = createManualClock();
    const api = await createApi({ deps: { clock, streamMsMax: 60_000 } });
    await put(api, 0, 'x');
    const events = await open(api, 'from=earliest&format=json');
    expect(await events.next(1)).toHaveLength(1);
    const rest = events.next(1);
    await clock.advance(60_000);
    expect(await rest).toEqual([]);
    expect(events.lastEventId).toBe(`${await topicIdOf(api)}/0:1,1:0,2:0,3:0`);
  });

  it('ends where the topic is deleted and made anew, and does not go on in the new one', async () => {
    const api = await createApi();
    await put(api, 0, 'a', 'b');
    const events = await open(api, 'from=earliest&format=json');
    expect(await events.next(2)).toHaveLength(2);
    await api.broker.deleteTopic('orders');
    await api.broker.createTopic({ name: 'orders', partitions: 4 });
    await put(api, 0, 'c', 'd', 'e');
    const [end] = await events.next(1);
    expect(end?.event).toBe('stream-error');
    expect(JSON.parse(end?.data ?? '')).toMatchObject({ error_code: 40403, kafka_error: 'UNKNOWN_TOPIC_ID' });
    const again = await api.get(`${PATH}?from=earliest`, { 'last-event-id': events.lastEventId });
    expect(again).toMatchObject({ status: 404, json: { field: 'last-event-id' } });
  }, 20_000);

  it.each([
    ['from=now', undefined, 400, 'from'],
    ['from=earliest', '0:0,1:0,2:0,3:0,4:0', 400, 'last-event-id'],
    ['from=earliest', '0:0,0:1', 400, 'last-event-id'],
    ['from=earliest', '0:-1', 400, 'last-event-id'],
    ['from=earliest', 'yesterday', 400, 'last-event-id'],
    ['from=earliest', '0:7', 416, 'offset'],
  ])('refuses %s after %s with %i', async (query, lastEventId, status, field) => {
    const api = await createApi();
    const isWhole = lastEventId !== undefined && /^[\d:,-]+$/.test(lastEventId);
    const id = isWhole ? `${await topicIdOf(api)}/${lastEventId}` : lastEventId;
    const headers = id === undefined ? {} : { 'last-event-id': id };
    expect(await api.get(`${PATH}?${query}`, headers)).toMatchObject({ status, json: { field } });
  });

  it('refuses topics that are not there or have too many partitions, and readers of other types', async () => {
    const api = await createApi();
    await api.broker.createTopic({ name: 'wide', partitions: 257 });
    expect(await api.get('/topics/none/records/stream')).toMatchObject({
      status: 404,
      json: { error_code: 40401 },
    });
    expect(await api.get('/topics/wide/records/stream')).toMatchObject({
      status: 400,
      json: { field: 'topic' },
    });
    expect(await api.get(PATH, { accept: 'application/json' })).toMatchObject({ status: 406 });
  });
});

describe('over a socket', () => {
  const serve = async (options?: ApiOptions): Promise<{ api: Api; port: number }> => {
    const api = await createApi(options);
    const listener = getRequestListener(api.app.fetch);
    const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { api, port: (server.address() as AddressInfo).port };
  };

  it('stops fetching when the reader goes away', async () => {
    const { api, port } = await serve();
    const gone = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { signal: gone.signal });
    const events = readEvents(response);
    const next = events.next(1);
    await expect.poll(() => api.broker.fetched.length).toBe(4);
    gone.abort();
    await expect(next).rejects.toThrow();
    await expect.poll(() => api.broker.fetched.every(({ signal }) => signal?.aborted)).toBe(true);
    const { length } = api.broker.fetched;
    await put(api, 0, 'x');
    expect(api.broker.fetched).toHaveLength(length);
  });

  it('is not the error of the server when a body breaks off', async () => {
    const { api, port } = await serve();
    const socket = connect(port, '127.0.0.1');
    const type = 'application/vnd.kafka.json.v2+json';
    socket.write(
      `POST /topics/orders HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: 99\r\n\r\n{"rec`,
    );
    await once(socket, 'connect');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await expect.poll(() => api.log).toMatchObject([{ path: '/topics/{topic}', status: 400 }]);
    expect(api.broker.produced).toEqual([]);
  });

  it('fetches no more for a reader that does not read', async () => {
    const { api, port } = await serve();
    const value = 'x'.repeat(200_000);
    for (let count = 0; count < 200; count++) await put(api, 0, value);
    const socket = connect(port, '127.0.0.1');
    closers.push(() => {
      socket.destroy();
    });
    socket.write(`GET ${PATH}?from=earliest HTTP/1.1\r\nhost: a\r\n\r\n`);
    await once(socket, 'readable');
    let before = -1;
    await expect
      .poll(
        () => {
          const settled = before === api.broker.fetched.length;
          before = api.broker.fetched.length;
          return settled;
        },
        { interval: 100 },
      )
      .toBe(true);
    expect(api.broker.fetched.length).toBeLessThan(100);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await expect.poll(() => api.broker.fetched.length, { timeout: 10_000 }).toBeGreaterThan(200);
    await expect.poll(() => bytes).toBeGreaterThan(200 * 200_000);
  });
});
