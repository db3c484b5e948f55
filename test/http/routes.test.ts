// The table of routes: what each function on AWS serves of it, and how paths find their routes.
import { describe, expect, it } from 'vitest';
import { CONSUME_ROUTES } from '../../lib/http/consume-routes.ts';
import { PRODUCE_ROUTES } from '../../lib/http/produce-routes.ts';
import { routesOf } from '../../lib/http/routes.ts';
import { STREAM_ROUTES } from '../../lib/http/stream.ts';
import { createApi } from './support/api.ts';

const idsOf = (...tables: readonly (readonly { readonly operationId: string }[])[]): readonly string[] =>
  tables.flat().map(({ operationId }) => operationId);

describe('the functions', () => {
  it('serve between them exactly the routes of their groups', () => {
    expect(idsOf(PRODUCE_ROUTES)).toEqual(idsOf(routesOf('produce')));
    expect(idsOf(CONSUME_ROUTES, STREAM_ROUTES).toSorted()).toEqual(idsOf(routesOf('consume')).toSorted());
  });
});

describe('a path with a slash at its end', () => {
  it.each([
    '/topics',
    '/topics/orders',
    '/topics/orders/partitions',
    '/topics/orders/partitions/0/offsets',
    '/v3/clusters/cluster-1/topics/orders',
  ])('is the path without it: %s', async (path) => {
    const { app } = await createApi();
    const [bare, slashed] = await Promise.all([app.request(path), app.request(`${path}/`)]);
    expect(slashed.status).toBe(200);
    expect(await slashed.json()).toEqual(await bare.json());
  });

  it('is produced to, with its query', async () => {
    const api = await createApi();
    const answer = await api.app.request('/topics/orders/?acks=all', {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.kafka.json.v2+json' },
      body: JSON.stringify({ records: [{ value: 1, partition: 2 }] }),
    });
    expect(await answer.json()).toMatchObject({ offsets: [{ partition: 2, offset: 0 }] });
    expect(api.log.at(-1)?.path).toBe('/topics/{topic}');
  });

  it('is 405 under another method, and 404 where nothing is', async () => {
    const { app } = await createApi();
    const refused = await app.request('/topics/orders/', { method: 'DELETE' });
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
    expect((await app.request('/nothing/')).status).toBe(404);
    expect((await app.request('/topics//')).status).toBe(404);
  });
});
