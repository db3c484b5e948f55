// POST /consumers/{group} and DELETE /consumers/{group}/instances/{instance}: make a consumer, and close it.
import type { Context } from 'hono';
import { formatUuid } from '../../base/dice.ts';
import type { InstanceConfig, InstanceId } from '../../groups/instances.ts';
import { answerV2 } from '../answer.ts';
import { clientHostOf } from '../client-host.ts';
import { WAIT_MS_DEFAULT } from '../limits.ts';
import { PLAIN_JSON, V2_JSON } from '../media-types.ts';
import { pathParameter, requireAccepted } from '../request.ts';
import type { ConsumeDeps, ConsumeRoute } from '../route.ts';
import { v2Answer } from '../schemas.ts';
import { checkAgainst } from '../validation.ts';
import { commitDelivered } from './commit.ts';
import { consumerBody, readConsumerJson } from './consumer-body.ts';
import { instanceExists, invalidConfig } from './consumer-errors.ts';
import { newInstance } from './instance-state.ts';
import { leaveGroup } from './membership.ts';
import {
  CreateConsumerAnswer,
  CreateConsumerBody,
  NUMBER_BOUNDS,
  SESSION_TIMEOUT_MS_DEFAULT,
} from './schemas-consumers.ts';
import { consumerDepsOf, instanceIdOf, openSession, withAttempts } from './session.ts';

async function createConsumer(c: Context, deps: ConsumeDeps): Promise<Response> {
  requireAccepted(c, [V2_JSON, PLAIN_JSON]);
  const { instances, clock, dice } = consumerDepsOf(deps);
  const body = checkAgainst(CreateConsumerBody, (await readConsumerJson(c)) ?? {}, (complaint) =>
    invalidConfig(complaint.field, complaint.message),
  ) as Fields;
  const config = configOf(body);
  const name = body.name ?? `rest-consumer-${formatUuid(dice.bytes(16))}`;
  const id = { groupId: pathParameter(c, 'group'), name };
  if (!(await instances.create(id, newInstance(config, clock.now())))) throw instanceExists(id);
  const answer: CreateConsumerAnswer = { instance_id: name, base_uri: baseUriOf(c, id) };
  return answerV2(c, answer);
}

interface Fields {
  readonly name?: string | null;
  readonly format?: string | null;
  readonly 'auto.offset.reset'?: string | null;
  readonly 'auto.commit.enable'?: boolean | string | null;
  readonly 'fetch.min.bytes'?: number | string | null;
  readonly 'consumer.request.timeout.ms'?: number | string | null;
  readonly 'session.timeout.ms'?: number | string | null;
}

function configOf(fields: Fields): InstanceConfig {
  const autoCommit = String(fields['auto.commit.enable'] ?? true).toLowerCase() === 'true';
  return {
    format: oneOf('format', fields.format?.toLowerCase() ?? 'binary', ['binary', 'json', 'text']),
    autoOffsetReset: oneOf('auto.offset.reset', fields['auto.offset.reset'] ?? 'latest', [
      ...(['earliest', 'latest', 'none'] as const),
    ]),
    autoCommit,
    // Kafka differs: without fetch.min.bytes, Kafka REST always waits for the whole timeout.
    fetchMinBytes: Math.max(1, numberOf(fields, 'fetch.min.bytes') ?? 1),
    requestTimeoutMs: numberOf(fields, 'consumer.request.timeout.ms') ?? WAIT_MS_DEFAULT,
    sessionTimeoutMs: numberOf(fields, 'session.timeout.ms') ?? SESSION_TIMEOUT_MS_DEFAULT,
  };
}

const SCHEMA_FORMATS = ['avro', 'protobuf', 'jsonschema'];

function oneOf<T extends string>(field: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  const why = SCHEMA_FORMATS.includes(value) ? '; formats with schemas are not served' : '';
  throw invalidConfig(field, `must be ${allowed.join(' or ')}, got ${JSON.stringify(value)}${why}`);
}

function numberOf(fields: Fields, field: keyof typeof NUMBER_BOUNDS): number | undefined {
  const value = fields[field] ?? undefined;
  if (value === undefined) return undefined;
  const [minimum, maximum] = NUMBER_BOUNDS[field];
  const number = Number(value);
  if (number >= minimum && number <= maximum) return number;
  throw invalidConfig(field, `must be from ${minimum} to ${maximum}, got ${number}`);
}

function baseUriOf(c: Context, { groupId, name }: InstanceId): string {
  const { origin } = new URL(c.req.url);
  return `${origin}/consumers/${encodeURIComponent(groupId)}/instances/${encodeURIComponent(name)}`;
}

async function deleteConsumer(c: Context, deps: ConsumeDeps): Promise<Response> {
  const [id, consumerDeps] = [instanceIdOf(c), consumerDepsOf(deps)];
  await withAttempts(consumerDeps, id, async () => {
    const session = await commitDelivered(consumerDeps, await openSession(consumerDeps, id));
    await leaveGroup(consumerDeps, session, clientHostOf(c));
    return (await consumerDeps.instances.delete(id, session.stored)) || undefined;
  });
  return new Response(null, { status: 204 });
}

/** The routes that make and close consumers. */
export const CONSUMER_LIFE_ROUTES: readonly ConsumeRoute[] = [
  {
    method: 'POST',
    path: '/consumers/{group}',
    group: 'consume',
    operationId: 'createConsumer',
    summary: 'Create a consumer in a consumer group',
    description:
      'The consumer is kept in the storage: any process serves its calls. It goes when it was not used for its ' +
      'session.timeout.ms; what it was given and has not committed is then given to others.',
    body: consumerBody(CreateConsumerBody, false),
    answers: { 200: v2Answer('The consumer', CreateConsumerAnswer) },
    errors: [406, 409, 413, 415, 422],
    handle: createConsumer,
  },
  {
    method: 'DELETE',
    path: '/consumers/{group}/instances/{instance}',
    group: 'consume',
    operationId: 'deleteConsumer',
    summary: 'Close a consumer',
    description: 'It leaves its group. With auto.commit.enable, what was delivered is committed first.',
    answers: { 204: { description: 'The consumer is gone' } },
    errors: [404, 409],
    handle: deleteConsumer,
  },
];
