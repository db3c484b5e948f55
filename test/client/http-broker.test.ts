// The broker over HTTP where the network or the server misbehaves, and where offsets have gaps.
import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../lib/base/clock.ts';
import { BrokerError } from '../../lib/base/errors.ts';
import { connectHttp } from '../../lib/client/connect-http.ts';
import { recordsOf } from '../../lib/record/record-batch.ts';
import { batchOf } from '../broker/memory-broker.ts';
import { createJumpingClock } from '../support/jumping-clock.ts';

type Send = (request: Request) => Response | Promise<Response>;

const brokerOf = (send: Send, clock = createSystemClock({ unref: true })) =>
  connectHttp({ url: 'http://log.test/prefix/', clock, fetch: async (request) => send(request) }).broker;

const FETCH = { topic: 'orders', partition: 0, offset: 5, maxBytes: 1_000, maxWaitMs: 60_000 };

const errorOf = async (promise: Promise<unknown>): Promise<BrokerError> =>
  promise.then(
    () => {
      throw new Error('no error');
    },
    (error: unknown) => {
      expect(error).toBeInstanceOf(BrokerError);
      return error as BrokerError;
    },
  );

describe('the broker over HTTP', () => {
  it('gives records their offsets, whatever gaps are between them', async () => {
    const urls: string[] = [];
    const record = (offset: number) => ({
      offset,
      timestamp: 7,
      key: null,
      value: 'YQ==',
      topic: 'orders',
      partition: 0,
    });
    const broker = brokerOf((request) => {
      urls.push(request.url);
      return Response.json([5, 6, 9, 12].map(record), { headers: { 'wadi-end-offset': '20' } });
    });
    const { batches, highWatermark } = await broker.fetch({ ...FETCH, topicId: 'id-1' });
    expect([...recordsOf(batches)].map(({ offset, timestampMs }) => [offset, timestampMs])).toEqual([
      [5, 7],
      [6, 7],
      [9, 7],
      [12, 7],
    ]);
    expect(highWatermark).toBe(20);
    expect(urls).toEqual([
      'http://log.test/prefix/topics/orders/partitions/0/records?offset=5&max_bytes=1000&timeout=25000&topic_id=id-1',
    ]);
  });

  it.each([
    [401, '', 'POLICY_VIOLATION', 'not-applied', false],
    [429, '{"message":"slow down"}', 'THROTTLING_QUOTA_EXCEEDED', 'not-applied', true],
    [503, 'Service Unavailable', 'REQUEST_TIMED_OUT', 'unknown', true],
    [
      500,
      '{"message":"x","outcome":"not-applied","kafka_error":"KAFKA_STORAGE_ERROR"}',
      'KAFKA_STORAGE_ERROR',
      'not-applied',
      true,
    ],
    [
      409,
      '{"message":"x","outcome":"applied","kafka_error":"DUPLICATE_SEQUENCE_NUMBER"}',
      'DUPLICATE_SEQUENCE_NUMBER',
      'applied',
      false,
    ],
    [418, 'teapot', 'INVALID_REQUEST', 'not-applied', false],
  ])(
    'says of a write that answered %i what is known of it',
    async (status, body, code, outcome, retriable) => {
      const broker = brokerOf(() => new Response(body, { status, headers: { 'retry-after': '3' } }));
      const error = await errorOf(broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['a']) }));
      expect(error).toMatchObject({ code, outcome, retriable, retryAfterMs: 3_000 });
      expect(error.message).toContain(`[HTTP ${status}]`);
    },
  );

  it('knows of a connection that was refused that nothing was written', async () => {
    const broker = brokerOf(() => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
      });
    });
    const refused = await errorOf(broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['a']) }));
    expect(refused).toMatchObject({ code: 'REQUEST_TIMED_OUT', outcome: 'not-applied', retriable: true });
    const broken = brokerOf(() => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }),
      });
    });
    const lost = await errorOf(broken.produce({ topic: 'orders', partition: 0, batch: batchOf(['a']) }));
    expect(lost.outcome).toBe('unknown');
    expect((await errorOf(broken.fetch(FETCH))).outcome).toBe('not-applied');
  });

  it('gives a request up that is not answered', async () => {
    const broker = brokerOf(
      (request) =>
        new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => {
            reject(request.signal.reason as Error);
          });
        }),
      createJumpingClock(),
    );
    const error = await errorOf(broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['a']) }));
    expect(error).toMatchObject({ code: 'REQUEST_TIMED_OUT', outcome: 'unknown' });
    expect(error.message).toContain('45000 ms');
  });

  it('says how much of a batch is stored that the server has cut', async () => {
    const stored = { partition: 0, offset: 0, error_code: null, error: null };
    const failed = {
      ...{ partition: 0, offset: null, error_code: 2, error: 'busy', outcome: 'not-applied' },
      kafka_error: 'KAFKA_STORAGE_ERROR',
    };
    const broker = brokerOf(() => Response.json({ offsets: [stored, stored, failed] }));
    const error = await errorOf(
      broker.produce({ topic: 'orders', partition: 0, batch: batchOf(['a', 'b', 'c']) }),
    );
    expect(error).toMatchObject({ code: 'KAFKA_STORAGE_ERROR', outcome: 'unknown', retriable: true });
    expect(error.message).toBe("busy; 2 of the batch's 3 records are stored");
  });

  it('takes no answer that is not one of Wadi', async () => {
    const broker = brokerOf(() => new Response('<html>welcome</html>'));
    expect((await errorOf(broker.listTopics())).message).toContain('answered what Wadi does not: <html>');
  });

  it('signs what it sends', async () => {
    const client = connectHttp({
      url: 'https://log.test',
      sign: ({ method, url, headers }) =>
        Promise.resolve({ ...headers, authorization: `signed ${method} ${url.pathname}` }),
      fetch: (request) =>
        Promise.resolve(new Response(request.headers.get('authorization'), { status: 403 })),
    });
    expect((await errorOf(client.broker.clusterId())).message).toContain('signed GET /v3/clusters');
  });

  it('refuses an address that is none', () => {
    expect(() => connectHttp({ url: 'ftp://log.test' })).toThrow('http or https');
  });
});
