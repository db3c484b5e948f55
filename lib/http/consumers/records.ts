// GET /consumers/{group}/instances/{instance}/records: read the next records of a consumer.
import type { Context } from 'hono';
import * as Type from 'typebox';
import type { InstanceConfig, InstanceId } from '../../groups/instances.ts';
import { answerText } from '../answer.ts';
import { clientHostOf } from '../client-host.ts';
import { HttpError } from '../errors.ts';
import { ANSWER_BYTES_MAX, WAIT_MS_MAX } from '../limits.ts';
import { EMBEDDED_MEDIA_TYPES, PLAIN_JSON, V2_JSON } from '../media-types.ts';
import { readQuery, requireAccepted } from '../request.ts';
import type { ConsumeDeps, ConsumeRoute, RouteAnswer } from '../route.ts';
import { consumedRecordOf } from '../schemas-v2.ts';
import { SCHEMA_MEDIA_TYPES } from './consumer-body.ts';
import { formatDiffers } from './consumer-errors.ts';
import { readRecords } from './read-records.ts';
import { consumerDepsOf, instanceIdOf, openSession } from './session.ts';

const RecordsQuery = Type.Object(
  {
    timeout: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: `Milliseconds to wait for records, at most ${WAIT_MS_MAX} are waited; default: the consumer's`,
      }),
    ),
    max_bytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: Number.MAX_SAFE_INTEGER,
        description:
          'Bytes of keys and values to answer at most, one record excepted; default: what an answer holds',
      }),
    ),
  },
  { additionalProperties: false },
);

async function getRecords(c: Context, deps: ConsumeDeps): Promise<Response> {
  if (c.req.method === 'HEAD') throw headRefused();
  const query = readQuery(c, RecordsQuery);
  const id = instanceIdOf(c);
  const consumerDeps = consumerDepsOf(deps);
  const { config } = (await openSession(consumerDeps, id)).instance;
  const mediaType = mediaTypeFor(c, id, config);
  const texts = await readRecords(consumerDeps, id, {
    maxBytes: Math.min(query.max_bytes ?? ANSWER_BYTES_MAX, ANSWER_BYTES_MAX),
    // Kafka differs: there 0 is the consumer's own timeout; here it asks for an answer at once.
    deadlineMs: deps.clock.now() + Math.min(query.timeout ?? config.requestTimeoutMs, WAIT_MS_MAX),
    clientHost: clientHostOf(c),
    signal: c.req.raw.signal,
  });
  return answerText(`[${texts.join(',')}]`, mediaType);
}

/** The consumer's own type, or plain JSON where only that is accepted. Throws 40601 for another format, 406 for other types. */
// Kafka differs: Kafka REST takes */* and no Accept for binary, and so refuses them to a consumer of JSON.
function mediaTypeFor(c: Context, id: InstanceId, { format }: InstanceConfig): string {
  const own = EMBEDDED_MEDIA_TYPES[format];
  const accepted = requireAccepted(c, [
    ...[own, PLAIN_JSON, V2_JSON],
    ...Object.values(EMBEDDED_MEDIA_TYPES),
    ...SCHEMA_MEDIA_TYPES,
  ]);
  // Without a format, the type stands for binary.
  const isServed =
    accepted === own || accepted === PLAIN_JSON || (accepted === V2_JSON && format === 'binary');
  if (!isServed) throw formatDiffers(id, format, accepted);
  return accepted;
}

/** A read moves the consumer on, so its answer must not be dropped. */
const headRefused = (): HttpError =>
  new HttpError({
    status: 405,
    errorCode: 405,
    message: 'HTTP 405 Method Not Allowed: reading takes GET, got HEAD',
    headers: { allow: 'GET' },
  });

const recordsAnswer: RouteAnswer = {
  description: 'The next records, none where none came in time',
  content: {
    ...Object.fromEntries(
      (['binary', 'json', 'text'] as const).map((format) => [
        EMBEDDED_MEDIA_TYPES[format],
        Type.Array(consumedRecordOf(format)),
      ]),
    ),
    [V2_JSON]: Type.Array(consumedRecordOf('binary')),
    [PLAIN_JSON]: Type.Array(
      Type.Union((['binary', 'json', 'text'] as const).map((format) => consumedRecordOf(format))),
    ),
  },
};

/** The route that reads. */
export const CONSUMER_RECORDS_ROUTES: readonly ConsumeRoute[] = [
  {
    method: 'GET',
    path: '/consumers/{group}/instances/{instance}/records',
    group: 'consume',
    operationId: 'readConsumerRecords',
    summary: 'Read the next records of a consumer',
    description:
      'The call keeps a subscribed consumer in its group, takes what is assigned to it and gives up what is not. With ' +
      'auto.commit.enable it commits what the read before it delivered. What it answers counts as delivered: a client whose ' +
      'call failed seeks back to the committed offset. Of two calls at once each gets records of its own. The first record of ' +
      'a partition that does not fit the format is 406 (40601) and names the offset to go on at.',
    query: RecordsQuery,
    answers: { 200: recordsAnswer },
    errors: [404, 405, 406, 409, 413, 416, 422],
    handle: getRecords,
  },
];
