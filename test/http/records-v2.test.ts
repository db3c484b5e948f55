// Reading a partition: forms of records, where answers end, waiting, offsets out of range.
import { describe, expect, it } from 'vitest';
import { ANSWER_BYTES_MAX } from '../../lib/http/limits.ts';
import { encodeBatch } from '../../lib/record/record-batch.ts';
import { type Answer, type Api, createApi } from './support/api.ts';

const PATH = '/topics/orders/partitions/0/records';
const BINARY = 'application/vnd.kafka.binary.v2+json';
const JSON_TYPE = 'application/vnd.kafka.json.v2+json';
const TEXT = 'application/vnd.kafka.text.v2+json';

interface Consumed {
  readonly offset: number;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers?: unknown;
}

/** For records that are larger than an answer. */
const LARGE = { 'max.message.bytes': '10000000' };

const recordsIn = ({ json }: Answer): Consumed[] => json as Consumed[];

async function store(api: Api, ...values: (string | Uint8Array | null)[]): Promise<void> {
  const records = values.map((value) => ({
    timestampMs: 1_000,
    key: null,
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: [],
  }));
  await api.broker.produce({ topic: 'orders', partition: 0, batch: encodeBatch(records) });
}

const read = (api: Api, query: string, accept = JSON_TYPE): Promise<Answer> =>
  api.get(`${PATH}?timeout=0&${query}`, { accept });

describe('the forms of records', () => {
  it('are what was produced, in each format', async () => {
    const api = await createApi();
    const headers = [
      { key: 'h', value: 'AQI=' },
      { key: 'n', value: null },
    ];
    const record = { partition: 0, key: 'k', value: { a: 'ü' }, timestamp: 7, headers };
    await api.produce('/topics/orders', [record, { partition: 0, timestamp: 8 }]);
    const rest = { topic: 'orders', partition: 0 };
    const second = { ...rest, key: null, value: null, offset: 1, timestamp: 8 };
    const inJson = await read(api, 'offset=0');
    expect(inJson.headers.get('content-type')).toBe(JSON_TYPE);
    expect(inJson.json).toEqual([
      { ...rest, key: 'k', value: { a: 'ü' }, offset: 0, timestamp: 7, headers },
      second,
    ]);
    const inText = await read(api, 'offset=0', TEXT);
    expect(inText.json).toEqual([
      { ...rest, key: '"k"', value: '{"a":"ü"}', offset: 0, timestamp: 7, headers },
      second,
    ]);
    const inBinary = await read(api, 'offset=0', BINARY);
    const [key, value] = ['"k"', '{"a":"ü"}'].map((text) => Buffer.from(text).toString('base64'));
    expect(inBinary.json).toEqual([{ ...rest, key, value, offset: 0, timestamp: 7, headers }, second]);
  });

  it('are binary unless the client says otherwise', async () => {
    const api = await createApi();
    await store(api, 'x');
    for (const accept of [
      '*/*',
      'application/vnd.kafka.v2+json',
      'application/json',
      `${JSON_TYPE};q=0.1, */*`,
    ]) {
      expect(recordsIn(await read(api, '', accept))[0]?.value, accept).toBe('eA==');
    }
    const asked = await api.get(`${PATH}?timeout=0&format=text`);
    expect(asked.headers.get('content-type')).toBe(TEXT);
    expect(recordsIn(asked)[0]?.value).toBe('x');
    const preferred = await read(api, '', `${BINARY};q=0.5, ${TEXT}`);
    expect(preferred.headers.get('content-type')).toBe(TEXT);
    expect(await read(api, '', 'text/html')).toMatchObject({ status: 406, json: { error_code: 406 } });
  });

  it('give JSON back as it is stored: digits, and line ends as white space', async () => {
    const api = await createApi();
    await store(api, '{"n": 12345678901234567890,\r\n "one": 1.0}');
    const { text } = await read(api, 'offset=0');
    expect(text).toContain('{"n": 12345678901234567890,   "one": 1.0}');
  });

  it('end an answer before a record that does not fit, and refuse it where it is the first', async () => {
    const api = await createApi();
    await store(api, '1', '2', new Uint8Array([0xff, 0xfe]), '4', '');
    const before = await read(api, 'offset=0');
    expect(recordsIn(before).map(({ value }) => value)).toEqual([1, 2]);
    expect(before.headers.get('wadi-next-offset')).toBe('2');
    for (const accept of [JSON_TYPE, TEXT]) {
      const refused = await read(api, 'offset=2', accept);
      expect(refused).toMatchObject({
        status: 406,
        json: { error_code: 40601, offset: 2, next_offset: 3, outcome: 'not-applied' },
      });
      expect(refused.text).toContain('offset 2 of orders-0');
      expect(refused.text).toContain(BINARY);
    }
    expect(recordsIn(await read(api, 'offset=3')).map(({ value }) => value)).toEqual([4]);
    expect(await read(api, 'offset=4')).toMatchObject({ status: 406, json: { offset: 4 } });
    expect(recordsIn(await read(api, 'offset=2', BINARY)).map(({ value }) => value)).toEqual([
      '//4=',
      'NA==',
      '',
    ]);
    expect(recordsIn(await read(api, 'offset=3', TEXT)).map(({ value }) => value)).toEqual(['4', '']);
  });
});

describe('where answers begin and end', () => {
  it('begin at the offset, inside a batch too, and at the start without one', async () => {
    const api = await createApi();
    await store(api, '0', '1', '2');
    await store(api, '3', '4');
    expect(recordsIn(await read(api, 'offset=1')).map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
    api.broker.trim('orders', 0, 3);
    const rest = await read(api, '');
    expect(recordsIn(rest).map(({ offset }) => offset)).toEqual([3, 4]);
    expect(rest.headers.get('wadi-next-offset')).toBe('5');
    expect(rest.headers.get('wadi-end-offset')).toBe('5');
  });

  it('end at max_bytes of keys and values, but after one record at least', async () => {
    const api = await createApi();
    await store(api, ...['10', '11', '12', '13'].map((text) => text.repeat(50)));
    const count = async (maxBytes: number): Promise<number> =>
      recordsIn(await read(api, `offset=0&max_bytes=${maxBytes}`)).length;
    expect([
      await count(1),
      await count(100),
      await count(199),
      await count(200),
      await count(2 ** 40),
    ]).toEqual([1, 1, 1, 2, 4]);
  });

  it('end below the largest answer, at a record, and go on there', async () => {
    const api = await createApi({ configs: LARGE });
    const mebibyte = Buffer.alloc(1024 * 1024, 1);
    for (let count = 0; count < 6; count++) await store(api, mebibyte);
    const first = await read(api, 'offset=0', BINARY);
    expect(recordsIn(first)).toHaveLength(2);
    expect(Buffer.byteLength(first.text)).toBeLessThanOrEqual(ANSWER_BYTES_MAX);
    expect(first.headers.get('wadi-next-offset')).toBe('2');
  });

  it('are an error that names the next offset where a single record does not fit', async () => {
    const api = await createApi({ configs: LARGE });
    await store(api, 'a');
    await store(api, Buffer.alloc(3 * 1024 * 1024 + 1, 1));
    await store(api, 'b');
    expect(recordsIn(await read(api, 'offset=0', BINARY))).toHaveLength(1);
    const tooLarge = await read(api, 'offset=1', BINARY);
    expect(tooLarge).toMatchObject({ status: 413, json: { error_code: 413, offset: 1, next_offset: 2 } });
    expect(recordsIn(await read(api, 'offset=2', BINARY))).toHaveLength(1);
  });

  it('name the range where the offset is out of it', async () => {
    const api = await createApi();
    await store(api, '0', '1', '2', '3', '4');
    api.broker.trim('orders', 0, 2);
    for (const offset of [0, 1, 6, Number.MAX_SAFE_INTEGER]) {
      const { status, json } = await read(api, `offset=${offset}`);
      expect(status).toBe(416);
      expect(json).toEqual({
        error_code: 41601,
        message: `offset of orders-0 must be from 2 to 5, got ${offset}`,
        outcome: 'not-applied',
        kafka_error: 'OFFSET_OUT_OF_RANGE',
        field: 'offset',
        beginning_offset: 2,
        end_offset: 5,
      });
    }
    expect((await read(api, 'offset=5')).json).toEqual([]);
  });
});

describe('waiting', () => {
  it('ends with the first record', async () => {
    const api = await createApi();
    const waiting = api.get(`${PATH}?timeout=20000`, { accept: JSON_TYPE });
    await expect.poll(() => api.broker.fetched.length).toBe(1);
    await store(api, '"late"');
    expect(recordsIn(await waiting).map(({ value }) => value)).toEqual(['late']);
  });

  it('asks the broker for at most 25 s, for what the client says, and for 1 s by default', async () => {
    const api = await createApi();
    api.broker.onFetch = (request) => ({ ...request, maxWaitMs: 0 });
    for (const query of ['?timeout=99999999', '?timeout=25000', '?timeout=7', '?timeout=0', '']) {
      expect((await api.get(PATH + query)).json).toEqual([]);
    }
    expect(api.broker.fetched.map(({ maxWaitMs }) => maxWaitMs)).toEqual([25_000, 25_000, 7, 0, 1_000]);
  });

  it('is given up when the client goes away', async () => {
    const api = await createApi();
    const gone = new AbortController();
    const waiting = api.app.request(`http://127.0.0.1${PATH}?timeout=20000`, { signal: gone.signal });
    await expect.poll(() => api.broker.fetched.length).toBe(1);
    gone.abort();
    expect((await waiting).status).toBe(200);
  });
});
