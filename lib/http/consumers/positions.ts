// /consumers/{group}/instances/{instance}/positions: where a consumer goes on reading.
import type { Context } from 'hono';
import { invalidBody } from '../errors.ts';
import type { ConsumeDeps, ConsumeRoute } from '../route.ts';
import { consumerBody, readConsumerBody } from './consumer-body.ts';
import { seek, type Place } from './instance-state.ts';
import { resolvePlaces } from './places.ts';
import { PartitionsBody, PositionsBody } from './schemas-consumers.ts';
import { changeInstance, consumerDepsOf, instanceIdOf } from './session.ts';

async function seekTo(
  c: Context,
  deps: ConsumeDeps,
  positions: readonly (Place & { readonly position: number })[],
): Promise<Response> {
  await changeInstance(consumerDepsOf(deps), instanceIdOf(c), (session) => ({
    ...session,
    instance: positions.length === 0 ? session.instance : seek(session.instance, positions),
  }));
  return new Response(null, { status: 204 });
}

async function seekToOffsets(c: Context, deps: ConsumeDeps): Promise<Response> {
  const { offsets } = await readConsumerBody(c, PositionsBody);
  const places = await resolvePlaces(deps, offsets);
  if (places.length < offsets.length)
    throw invalidBody('offsets must name each partition once, got one twice', 'offsets');
  return seekTo(
    c,
    deps,
    offsets.map(({ topic, partition, offset }) => ({ topic, partition, position: offset })),
  );
}

async function seekToEnd(c: Context, deps: ConsumeDeps, at: 'earliest' | 'latest'): Promise<Response> {
  const { partitions } = await readConsumerBody(c, PartitionsBody);
  const places = await resolvePlaces(deps, partitions);
  const positions = await Promise.all(
    places.map(async ({ topic, partition }) => {
      const { offset: position } = await deps.broker.listOffset(topic, partition, at);
      return { topic, partition, position };
    }),
  );
  return seekTo(c, deps, positions);
}

const PATH = '/consumers/{group}/instances/{instance}/positions';

const shared = {
  method: 'POST',
  group: 'consume',
  answers: { 204: { description: 'The next read begins there' } },
  errors: [404, 409, 413, 415, 422],
} as const satisfies Partial<ConsumeRoute>;

/** The routes of a consumer's positions. */
export const POSITION_ROUTES: readonly ConsumeRoute[] = [
  {
    ...shared,
    path: PATH,
    operationId: 'seekConsumer',
    summary: 'Let a consumer go on at offsets',
    description:
      'The partitions must be among those that it reads. An offset that is not there is found out by the next read, which ' +
      'then begins where auto.offset.reset says.',
    body: consumerBody(PositionsBody),
    handle: seekToOffsets,
  },
  {
    ...shared,
    path: `${PATH}/beginning`,
    operationId: 'seekConsumerToBeginning',
    summary: 'Let a consumer go on at the first offsets',
    body: consumerBody(PartitionsBody),
    handle: (c, deps) => seekToEnd(c, deps, 'earliest'),
  },
  {
    ...shared,
    path: `${PATH}/end`,
    operationId: 'seekConsumerToEnd',
    summary: 'Let a consumer go on after the last offsets',
    description: 'They are those of the time of this call.',
    body: consumerBody(PartitionsBody),
    handle: (c, deps) => seekToEnd(c, deps, 'latest'),
  },
];
